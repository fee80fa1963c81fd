//! Origins (RFC 6454): scheme, host and port, in the one way that they are
//! written.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

use crate::Reach;

/// Where requests go: `https://tracker.example`, with a port where it isn't the
/// scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOrigin {
    /// It isn't written like one.
    #[error("{0} is no origin: write https://HOST or https://HOST:PORT")]
    Text(String),
    /// It names more than that.
    #[error("{0} is more than an origin: leave out what follows the host and the port, and a user name")]
    More(String),
}

impl Origin {
    /// Of an address; none where it isn't HTTP's.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        Some(Self { secure, host: url.host_str()?.to_owned(), port: url.port_or_known_default()? })
    }

    /// How far the origin itself says that it leads: an address or `localhost` spells
    /// it out, a name says nothing.
    pub(crate) fn spelled(&self) -> Option<Reach> {
        match Host::parse(&self.host).ok()? {
            Host::Ipv4(address) => Some(Reach::of(IpAddr::V4(address))),
            Host::Ipv6(address) => Some(Reach::of(IpAddr::V6(address))),
            Host::Domain(name) => (name == "localhost" || name.ends_with(".localhost")).then_some(Reach::Local),
        }
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let url = Url::parse(text).map_err(|_| NotAnOrigin::Text(text.to_owned()))?;
        let origin = Self::of(&url).ok_or_else(|| NotAnOrigin::Text(text.to_owned()))?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        if plain && nobody { Ok(origin) } else { Err(NotAnOrigin::More(text.to_owned())) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.secure { ("https", 443) } else { ("http", 80) };
        match self.port {
            port if port == usual => write!(f, "{scheme}://{}", self.host),
            port => write!(f, "{scheme}://{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_origin_is_written_in_one_way() {
        let cases = [
            ("HTTPS://Tracker.Example:443/", "https://tracker.example"),
            ("http://tracker.example:8080", "http://tracker.example:8080"),
            ("http://127.1", "http://127.0.0.1"),
            ("http://0x7f000001", "http://127.0.0.1"),
            ("https://[0:0:0:0:0:0:0:1]:1", "https://[::1]:1"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ];
        for (text, written) in cases {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.to_string(), written);
            assert_eq!(written.parse::<Origin>().unwrap(), origin);
        }
        for more in ["https://a.example/redmine", "https://user@a.example", "https://a.example/?q"] {
            assert_eq!(more.parse::<Origin>(), Err(NotAnOrigin::More(more.to_owned())));
        }
        for none in ["a.example", "ftp://a.example", "https://", "file:///etc/passwd", "data:text/plain,a"] {
            assert_eq!(none.parse::<Origin>(), Err(NotAnOrigin::Text(none.to_owned())));
        }
    }

    #[test]
    fn only_an_address_or_this_machines_name_spells_out_where_it_leads() {
        let spelled = |text: &str| text.parse::<Origin>().unwrap().spelled();
        assert_eq!(spelled("https://tracker.example"), None);
        assert_eq!(spelled("http://localhost:3000"), Some(Reach::Local));
        assert_eq!(spelled("http://[::ffff:10.0.0.1]"), Some(Reach::Private));
        assert_eq!(spelled("http://169.254.169.254"), Some(Reach::Local));
    }
}
