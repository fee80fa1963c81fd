//! ASCII armour of OpenPGP (RFC 9580 section 6.2): written in short lines of
//! seven bits, read however its lines were split.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END PGP MESSAGE-----";

/// Bytes that become one line of 64 characters.
pub const LINE_BYTES: usize = 48;
/// Characters of a line, with its end.
pub const LINE: usize = 66;
/// Characters around the lines.
pub const AROUND: usize = BEGIN.len() + END.len() + 6;

/// Adds the bytes, armoured, with line ends as mails have them. There is no
/// checksum: readers must not need one (RFC 9580 section 6.1).
pub fn write(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(BEGIN);
    out.extend_from_slice(b"\r\n\r\n");
    let mut line = String::with_capacity(LINE);
    for chunk in bytes.chunks(LINE_BYTES) {
        line.clear();
        STANDARD.encode_string(chunk, &mut line);
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(END);
    out.extend_from_slice(b"\r\n");
}

/// What is armoured in a text, in order. What is cut off, or isn't base64, is
/// left out.
pub fn read(text: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let begin = memmem::Finder::new(BEGIN);
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let found = begin.find(rest)?;
            rest = rest.get(found + BEGIN.len()..)?;
            let end = memmem::find(rest, END)?;
            let before = rest.get(..end)?;
            rest = rest.get(end..)?;
            // What was cut off before it has no end: this is that of the last.
            let last = memmem::rfind(before, BEGIN).map_or(0, |last| last + BEGIN.len());
            if let Some(bytes) = before.get(last..).and_then(decode) {
                return Some(bytes);
            }
        }
    })
}

/// The bytes of what stands between the two lines.
fn decode(inside: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(inside.len());
    let mut headers = true;
    for line in inside.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        // Armour headers come before an empty line, which some gateways drop.
        headers &= line.is_empty() || line.contains(&b':');
        // A checksum is a line of its own.
        let checksum = line.len() == 5 && line.first() == Some(&b'=');
        if !headers && !checksum {
            text.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
        }
    }
    if text.is_empty() { None } else { STANDARD.decode(text).ok() }
}
