//! Where an adapter may go, and what is filled in for it.

use std::collections::BTreeSet;

use ferry_tls::Trust;

use crate::{Fault, Origin, Reach};

/// What an operator granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Origins that the operator named: in a private network, too.
    pub named: BTreeSet<Origin>,
    /// Origins that the adapter asked for and the operator agreed to: on the
    /// internet.
    pub asked: BTreeSet<Origin>,
    /// Whose word their certificates need.
    pub trust: Trust,
}

/// Looks up a secret by the name that the adapter gives it; what is wrong is for
/// people.
pub type Secrets<'a> = &'a dyn Fn(&str) -> Result<String, String>;

impl Grants {
    /// Whether an origin is granted at all.
    pub(crate) fn holds(&self, origin: &Origin) -> Result<(), Fault> {
        if self.named.contains(origin) || self.asked.contains(origin) {
            return Ok(());
        }
        Err(Fault::Denied(format!("{origin} is not granted; an operator grants it with --allow {origin}")))
    }

    /// The farthest that an origin's addresses may lead.
    pub(crate) fn reach(&self, origin: &Origin) -> Reach {
        let named = self.named.contains(origin);
        match origin.spelled() {
            Some(Reach::Local) if named => Reach::Local,
            _ if named => Reach::Private,
            _ => Reach::Public,
        }
    }
}
