//! Where a mailbox or a submission server is: `imaps://USER@HOST:PORT/FOLDER`.

use std::fmt;
use std::str::FromStr;

use crate::Fault;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// IMAP4rev1 (RFC 3501) or rev2 (RFC 9051).
    Imap,
    /// Submission (RFC 6409).
    Smtp,
}

/// How TLS begins. There is no way without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Security {
    /// With the first byte (RFC 8314).
    Tls,
    /// After STARTTLS, which the server must offer.
    StartTls,
}

/// A server, and the folder of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What is spoken.
    pub protocol: Protocol,
    /// How TLS begins.
    pub security: Security,
    /// Who asks, where it isn't the mail address.
    pub user: Option<String>,
    /// The server's name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The mailbox's folder; always that of new mail, `INBOX`, for submission.
    pub folder: String,
}

/// The folder of new mail (RFC 9051 section 5.1).
const INBOX: &str = "INBOX";

/// Schemes, what they mean, and the port where none is given.
const SCHEMES: [(&str, Protocol, Security, u16); 4] = [
    ("imaps", Protocol::Imap, Security::Tls, 993),
    ("imap+starttls", Protocol::Imap, Security::StartTls, 143),
    ("smtps", Protocol::Smtp, Security::Tls, 465),
    ("smtp+starttls", Protocol::Smtp, Security::StartTls, 587),
];

/// Why a text names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceFault {
    /// It begins with something else.
    #[error(
        "a mail server is named imaps://HOST, imap+starttls://HOST, smtps://HOST or smtp+starttls://HOST; there is no \
         way without TLS"
    )]
    Scheme,
    /// The host is missing or can't be one.
    #[error("{0:?} is no name of a mail server")]
    Host(String),
    /// The port isn't from 1 to 65535.
    #[error("{0:?} is no port: 1 to 65535")]
    Port(String),
    /// A password doesn't belong there.
    #[error("a password doesn't stand in a server's name, where everybody sees it: give it as a secret of its own")]
    Password,
    /// Only mailboxes have folders.
    #[error("a submission server has no folder")]
    Folder,
}

impl FromStr for Place {
    type Err = PlaceFault;

    fn from_str(text: &str) -> Result<Self, PlaceFault> {
        let (scheme, rest) = text.split_once("://").ok_or(PlaceFault::Scheme)?;
        let known = SCHEMES.into_iter().find(|(known, ..)| scheme.eq_ignore_ascii_case(known));
        let (_, protocol, security, usual) = known.ok_or(PlaceFault::Scheme)?;
        let (authority, folder) = rest.split_once('/').unwrap_or((rest, ""));
        // A user's name is a mail address more often than not.
        let (user, server) = match authority.rsplit_once('@') {
            Some((user, server)) => (Some(user), server),
            None => (None, authority),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(PlaceFault::Password);
        }
        let (host, port) = split_port(server);
        let port = match port {
            None => usual,
            Some(port) => {
                port.parse().ok().filter(|port| *port > 0).ok_or_else(|| PlaceFault::Port(port.to_owned()))?
            }
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte);
        if host.is_empty() || host.len() > 253 || !host.bytes().all(fits) {
            return Err(PlaceFault::Host(host.to_owned()));
        }
        if protocol == Protocol::Smtp && !folder.is_empty() {
            return Err(PlaceFault::Folder);
        }
        Ok(Self {
            protocol,
            security,
            user: user.filter(|user| !user.is_empty()).map(str::to_owned),
            host: host.to_ascii_lowercase(),
            port,
            folder: if folder.is_empty() { INBOX.to_owned() } else { folder.to_owned() },
        })
    }
}

/// Host and port; an IPv6 address stands in brackets.
fn split_port(server: &str) -> (&str, Option<&str>) {
    match server.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (server, None),
    }
}

impl Place {
    /// A connection that failed before anybody could speak: perhaps TLS begins
    /// otherwise there.
    pub(crate) fn mistaken(&self, fault: Fault) -> Fault {
        let other = match (self.protocol, self.security) {
            (Protocol::Imap, Security::Tls) => "imap+starttls",
            (Protocol::Imap, Security::StartTls) => "imaps",
            (Protocol::Smtp, Security::Tls) => "smtp+starttls",
            (Protocol::Smtp, Security::StartTls) => "smtps",
        };
        let told = |why: String| format!("{why}; is TLS to begin otherwise on this port ({other}://)?");
        match fault {
            Fault::Unreachable(why) if self.security == Security::StartTls => Fault::Unreachable(told(why)),
            Fault::Insecure(why) if why.contains("InvalidContentType") => {
                Fault::Insecure(told(format!("{} doesn't speak TLS from the first byte", self.server())))
            }
            other => other,
        }
    }

    /// The server for people: `HOST:PORT`.
    pub fn server(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme =
            SCHEMES.iter().find(|(_, protocol, security, _)| (*protocol, *security) == (self.protocol, self.security));
        write!(f, "{}://", scheme.map_or("", |(scheme, ..)| scheme))?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.server())?;
        if self.folder != INBOX {
            write!(f, "/{}", self.folder)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_is_read_and_shown_with_what_is_usual_filled_in() {
        let place: Place = "imaps://ferry@acme.example@Mail.Acme.example/Partner mail".parse().unwrap();
        assert_eq!((place.user.as_deref(), place.port), (Some("ferry@acme.example"), 993));
        assert_eq!((place.host.as_str(), place.folder.as_str()), ("mail.acme.example", "Partner mail"));
        assert_eq!(place.to_string(), "imaps://ferry@acme.example@mail.acme.example:993/Partner mail");
        let place: Place = "smtp+starttls://mx.example:2587".parse().unwrap();
        assert_eq!((place.security, place.port, place.user.clone()), (Security::StartTls, 2587, None));
        assert_eq!("imaps://[::1]:99".parse::<Place>().unwrap().server(), "[::1]:99");
        assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let fault = |text: &str| text.parse::<Place>().unwrap_err();
        assert_eq!(fault("imap://host"), PlaceFault::Scheme);
        assert_eq!(fault("mail.example"), PlaceFault::Scheme);
        assert_eq!(fault("imaps://u:secret@host"), PlaceFault::Password);
        assert_eq!(fault("imaps://host:0"), PlaceFault::Port("0".to_owned()));
        assert_eq!(fault("imaps://host:x"), PlaceFault::Port("x".to_owned()));
        assert_eq!(fault("smtps://"), PlaceFault::Host(String::new()));
        assert_eq!(fault("smtps://a b"), PlaceFault::Host("a b".to_owned()));
        assert_eq!(fault("smtps://host/INBOX"), PlaceFault::Folder);
    }
}
