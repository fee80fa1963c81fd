//! Which headers an adapter may set.

use ureq::http::{HeaderName, HeaderValue};

use crate::Fault;

/// Headers of one exchange, and what they weigh together.
const HEADERS_MAX: usize = 100;
const HEADER_BYTES_MAX: usize = 16 << 10;

/// Those that say where a message goes and how it is framed (RFC 9110 section
/// 7.2 and 7.6.1, RFC 9112 section 6): theirs would make two of one.
const OURS: [&str; 11] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "proxy-authorization",
    "proxy-connection",
];

/// Those that say who asks: for the first origin only.
pub(crate) const CREDENTIALS: [&str; 2] = ["authorization", "cookie"];

/// The headers as they are sent.
pub(crate) fn checked(headers: &[(String, String)]) -> Result<Vec<(HeaderName, HeaderValue)>, Fault> {
    let weight: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > HEADERS_MAX || weight > HEADER_BYTES_MAX {
        return Err(Fault::Invalid(format!(
            "more than {HEADERS_MAX} headers, or more than {HEADER_BYTES_MAX} bytes of them"
        )));
    }
    headers.iter().map(|(name, value)| one(name, value)).collect()
}

/// One of them.
pub(crate) fn one(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    let invalid = || Fault::Invalid(format!("{name:?} can't be a header with this value"));
    let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
    if OURS.contains(&known.as_str()) {
        return Err(Fault::Invalid(format!("the header {known} is not an adapter's to set")));
    }
    Ok((known, HeaderValue::from_str(value).map_err(|_| invalid())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_hide_in_a_header_and_framing_is_ours() {
        let good = |name: &str, value: &str| one(name, value).is_ok();
        assert!(good("If-Match", "\"7\"") && good("X-Redmine-API-Key", "abc"));
        assert!(!good("X-A", "b\r\nX-C: d") && !good("X-A\r\nB", "c") && !good("X A", "b") && !good("", "a"));
        assert!(OURS.iter().all(|ours| !good(ours, "1") && !good(&ours.to_uppercase(), "1")));
        let many = vec![("a".to_owned(), "b".to_owned()); HEADERS_MAX + 1];
        assert!(checked(&many).is_err());
    }
}
