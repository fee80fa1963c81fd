//! From names to addresses: looked at here, and then connected to.

use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::Url;

use crate::{Grants, Origin, Reach};

/// Resolves names of granted origins to addresses that they may lead to.
#[derive(Debug)]
pub(crate) struct Guarded {
    grants: Arc<Grants>,
    under: DefaultResolver,
}

/// Why a connection isn't made; told to the adapter.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub String);

impl Guarded {
    pub fn new(grants: Arc<Grants>) -> Self {
        Self { grants, under: DefaultResolver::default() }
    }
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let refused = |why: String| ureq::Error::Other(Box::new(Refused(why)));
        let origin = Url::parse(&uri.to_string()).ok().as_ref().and_then(Origin::of);
        let origin = origin.ok_or_else(|| refused("an address without an origin".to_owned()))?;
        self.grants.holds(&origin).map_err(|fault| refused(fault.to_string()))?;
        let most = self.grants.reach(&origin);
        let found = self.under.resolve(uri, config, timeout).map_err(|error| match error {
            // Of a name that can't be looked up nothing was asked.
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            other => other,
        })?;
        let mut allowed = self.empty();
        for address in found.iter().filter(|address| Reach::of(address.ip()) <= most) {
            allowed.push(*address);
        }
        match found.first() {
            Some(first) if allowed.is_empty() => Err(refused(beyond(&origin, Reach::of(first.ip())))),
            _ => Ok(allowed),
        }
    }
}

fn beyond(origin: &Origin, reach: Reach) -> String {
    let (leads, only) = match reach {
        Reach::Private => ("into a private network", "the operator has to name it with --allow"),
        Reach::Local => ("to this machine or its link", "only an origin that is its very address may"),
        Reach::Public | Reach::Nobody => ("to nobody in particular", "nothing is asked there"),
    };
    format!("{origin} leads {leads}: {only}")
}
