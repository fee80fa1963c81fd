//! A parcel's mail: PGP/MIME (RFC 3156 section 4), in seven bits.

use chrono::{DateTime, Utc};
use ferry_core::time::Time;

use crate::armour;

/// What stands on a mail's outside.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Whose mail it is: an address without a name.
    pub sender: &'a str,
    /// Whose mailbox receives it.
    pub recipient: &'a str,
    /// The parcel's name, by which the receiver's host finds it.
    pub name: &'a str,
    /// Tells this mail from every other, also from one with the same parcel:
    /// letters and digits.
    pub id: &'a str,
    /// When it is submitted.
    pub date: Time,
}

/// What a mail weighs beside its armour, at most, in bytes.
pub const AROUND: u64 = 4096;

/// The longest address (RFC 5321 section 4.5.3.1).
const ADDRESS_MAX: usize = 254;

/// The mail, whole.
///
/// # Errors
/// An address that can't stand in a header, in words.
pub fn compose(envelope: &Envelope<'_>, sealed: &[u8]) -> Result<Vec<u8>, String> {
    let Envelope { sender, recipient, name, id, date } = envelope;
    let domain = domain(sender)?;
    self::domain(recipient)?;
    let date = i64::try_from(date.0).ok().and_then(DateTime::<Utc>::from_timestamp_millis).unwrap_or_default();
    let encrypted = is_encrypted(sealed);
    let boundary = format!("=_{id}");
    let content_type = if encrypted {
        format!("multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n boundary=\"{boundary}\"")
    } else {
        format!("multipart/mixed; boundary=\"{boundary}\"")
    };
    let mut mail = format!(
        "From: <{sender}>\r\n\
         To: <{recipient}>\r\n\
         Subject: {name}\r\n\
         Date: {}\r\n\
         Message-ID: <{id}@{domain}>\r\n\
         Auto-Submitted: auto-generated\r\n\
         X-Auto-Response-Suppress: All\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: {content_type}\r\n\
         \r\n",
        date.to_rfc2822()
    )
    .into_bytes();
    let lines = sealed.len().div_ceil(armour::LINE_BYTES) * armour::LINE;
    mail.reserve(lines + armour::AROUND + 512);
    let mut line = |text: &str| mail.extend_from_slice(format!("{text}\r\n").as_bytes());
    line(&format!("--{boundary}"));
    if encrypted {
        line("Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n");
        line(&format!("--{boundary}"));
    }
    line("Content-Type: application/octet-stream; name=\"parcel.asc\"");
    line("Content-Disposition: attachment; filename=\"parcel.asc\"\r\nContent-Transfer-Encoding: 7bit\r\n");
    armour::write(sealed, &mut mail);
    mail.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Ok(mail)
}

/// What a parcel may weigh so that its mail has at most so many bytes.
pub fn parcel_bytes(mail_bytes: u64) -> u64 {
    mail_bytes.saturating_sub(AROUND) / armour::LINE as u64 * armour::LINE_BYTES as u64
}

/// Whether the first packet is of something encrypted (RFC 9580 sections 4.2,
/// 5.1, 5.3 and 5.13), and not merely signed.
fn is_encrypted(sealed: &[u8]) -> bool {
    let tag = match sealed.first() {
        Some(header) if header & 0x40 != 0 => header & 0x3f,
        Some(header) => header >> 2 & 0x0f,
        None => 0,
    };
    matches!(tag, 1 | 3 | 18)
}

/// The domain of an address; the address of a mail that relays of today carry.
fn domain(address: &str) -> Result<&str, String> {
    let wrong = |why: &str| Err(format!("{address:?} is no mail address: {why}"));
    if address.len() > ADDRESS_MAX {
        return wrong("it is longer than 254 characters");
    }
    if !address.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()[]\\,;:\"".contains(&byte)) {
        return wrong("it has characters that don't stand in one");
    }
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() && !local.contains('@') => Ok(domain),
        _ => wrong("it isn't NAME@DOMAIN"),
    }
}
