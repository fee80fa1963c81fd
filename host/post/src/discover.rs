//! Where the mail servers of an address are, as its domain says in DNS (RFC
//! 6186, RFC 8314 section 5.1). Whoever answers for DNS may say anything: what is
//! found is shown to people, and the server's certificate must bear its name.

use std::net::SocketAddr;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{Resolver, TokioResolver};

use crate::{Fault, Place};

/// What a domain says. Each is none where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The mailbox.
    pub receive: Option<Place>,
    /// The submission server.
    pub send: Option<Place>,
}

/// Services, and how they are named; TLS from the first byte is asked for first.
const RECEIVE: [(&str, &str); 2] = [("_imaps", "imaps"), ("_imap", "imap+starttls")];
const SEND: [(&str, &str); 2] = [("_submissions", "smtps"), ("_submission", "smtp+starttls")];

impl Found {
    /// Asks for the servers of an address.
    ///
    /// # Errors
    /// Where nobody answers for DNS, or it is no address.
    pub fn by(address: &str) -> Result<Self, Fault> {
        Self::asked(address, || TokioResolver::builder_tokio()?.build())
    }

    /// Asks a name server.
    ///
    /// # Errors
    /// As `by`.
    pub fn at(address: &str, server: SocketAddr) -> Result<Self, Fault> {
        Self::asked(address, || {
            let mut udp = ConnectionConfig::udp();
            udp.port = server.port();
            let server = NameServerConfig::new(server.ip(), true, vec![udp]);
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            Resolver::builder_with_config(config, TokioRuntimeProvider::default()).build()
        })
    }

    fn asked(
        address: &str,
        resolver: impl FnOnce() -> Result<TokioResolver, hickory_resolver::net::NetError>,
    ) -> Result<Self, Fault> {
        crate::is_address(address)?;
        let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
        let broken = |error: &dyn std::fmt::Display| Fault::Unreachable(format!("nobody answers for DNS: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| broken(&error))?;
        runtime.block_on(async {
            let resolver = resolver().map_err(|error| broken(&error))?;
            let mut found = Self::default();
            for (services, place) in [(RECEIVE, &mut found.receive), (SEND, &mut found.send)] {
                for (service, scheme) in services {
                    let asked = resolver.srv_lookup(format!("{service}._tcp.{domain}.")).await;
                    let answer = match asked {
                        Ok(answer) => answer,
                        Err(error) if error.is_no_records_found() => continue,
                        Err(error) => return Err(broken(&error)),
                    };
                    *place = best(answer.answers().iter().map(|record| &record.data), scheme);
                    if place.is_some() {
                        break;
                    }
                }
            }
            Ok(found)
        })
    }
}

/// The first choice among those that are offered (RFC 2782): a single point
/// says that there is none.
fn best<'r>(records: impl Iterator<Item = &'r RData>, scheme: &str) -> Option<Place> {
    let offered = records.filter_map(|data| match data {
        RData::SRV(srv) if !srv.target.is_root() => Some(srv),
        _ => None,
    });
    let first = offered.min_by_key(|srv| (srv.priority, u16::MAX - srv.weight))?;
    let host = first.target.to_ascii();
    format!("{scheme}://{}:{}", host.trim_end_matches('.'), first.port).parse().ok()
}
