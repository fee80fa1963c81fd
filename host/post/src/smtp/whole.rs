//! What may go over the line. A mail or an address in which a command could
//! hide goes nowhere, whoever made it.

use crate::Fault;

/// The longest line, in bytes, without its end (RFC 5321 section 4.5.3.1.6).
const LINE_MAX: usize = 998;
/// The longest address (section 4.5.3.1).
const ADDRESS_MAX: usize = 254;

/// Lines with CR LF at their ends alone: servers that see one elsewhere find
/// another mail behind it.
pub(super) fn is_mail(mail: &[u8]) -> Result<(), Fault> {
    let whole = |line: &[u8]| {
        let line = line.strip_suffix(b"\n").map_or(Some(line), |line| line.strip_suffix(b"\r"));
        line.is_some_and(|line| line.len() <= LINE_MAX && !line.contains(&b'\r') && !line.contains(&0))
    };
    match mail.split_inclusive(|byte| *byte == b'\n').all(whole) {
        true => Ok(()),
        false => {
            Err(Fault::Broken("what is to be sent is no mail: its lines are too long, or end otherwise".to_owned()))
        }
    }
}

/// An address that stands between angle brackets as it is.
///
/// # Errors
/// Where it can't stand there.
pub fn is_address(address: &str) -> Result<(), Fault> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
    match address.contains('@') && address.len() <= ADDRESS_MAX && address.bytes().all(fits) {
        true => Ok(()),
        false => Err(Fault::Broken(format!("{address:?} is no mail address"))),
    }
}

/// A mail as it goes over the line: a point at a line's beginning is doubled,
/// and one alone ends it (RFC 5321 section 4.5.2).
pub(super) fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + mail.len() / 64 + 8);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.is_empty() && !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_doubled_and_one_alone_ends_the_mail() {
        assert_eq!(stuffed(b"a\r\n.b\r\n..\r\nc.\r\n"), b"a\r\n..b\r\n...\r\nc.\r\n.\r\n");
        assert_eq!(stuffed(b"no end"), b"no end\r\n.\r\n");
        assert_eq!(stuffed(b""), b".\r\n");
    }

    #[test]
    fn nothing_goes_in_which_a_command_could_hide() {
        for good in ["", "a\r\n\r\n.b\r\n", "no end", "a\r\n.\r\nb\r\n"] {
            assert_eq!(is_mail(good.as_bytes()), Ok(()), "{good:?}");
        }
        let long = format!("{}\r\n", "x".repeat(999));
        for bad in ["a\n.\nRCPT", "a\r.\r\n", "a\r\n.\rb\r\n", "\0", "a\r", "\n", &long] {
            assert!(is_mail(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert_eq!(is_address("acme+ferry@a.test"), Ok(()));
        for bad in ["", "a", "a@b>\r\nRCPT TO:<c@d", "a@b c", "a@b>", "\u{e9}@b"] {
            assert!(is_address(bad).is_err(), "{bad:?}");
        }
    }
}
