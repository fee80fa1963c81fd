//! Where a synchronization's mail comes from and goes to, as `ferry.toml` says.

use std::path::PathBuf;

use ferry_post::{Place, Rates, Trust};

use crate::secret::SecretReference;

/// A synchronization's mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPlace {
    /// Our address, in whose name mail is sent.
    pub address: String,
    /// The partner's address, where a person gave their word for it.
    pub partner: Option<String>,
    /// The mailbox.
    pub receive: MailEnd,
    /// The submission server.
    pub send: MailEnd,
    /// Whose word certificates need.
    pub trust: Trust,
    /// How many mails may leave.
    pub rates: Rates,
    /// The folder that mails are moved to whose parcels are durably taken; they
    /// are deleted where there is none.
    pub processed: Option<String>,
    /// The folder that mails are moved to whose parcels were refused.
    pub rejected: String,
    /// The folder in which the server keeps copies of what is sent, where ours are
    /// to be deleted there.
    pub sent: Option<String>,
}

/// One server, and who asks there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailEnd {
    /// Where.
    pub place: Place,
    /// Who.
    pub access: Access,
}

/// Who asks, and where the proof is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The user name.
    pub user: String,
    /// What proves it.
    pub proof: Proof,
}

/// What proves who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A password, to be had there.
    Password(SecretReference),
    /// Tokens of OAuth 2.0: what somebody agreed to is in this file, and the
    /// client's secret, where it has one, is to be had there.
    Grant(PathBuf, Option<SecretReference>),
}

impl MailEnd {
    /// The account: the same for all folders of it.
    pub(super) fn account(&self) -> Place {
        Place { user: Some(self.access.user.clone()), folder: String::new(), ..self.place.clone() }
    }
}
