//! A scan of packet headers (RFC 9580 section 4.2) before the OpenPGP library
//! sees a byte: what isn't the one sequence that is expected is never parsed.

use std::borrow::Cow;

/// Packet types that occur in what we read (RFC 9580 section 5).
pub mod tag {
    /// Public-key encrypted session key.
    pub const PKESK: u8 = 1;
    /// Signature.
    pub const SIGNATURE: u8 = 2;
    /// Symmetric-key encrypted session key.
    pub const SKESK: u8 = 3;
    /// One-pass signature.
    pub const ONE_PASS: u8 = 4;
    /// Secret key.
    pub const SECRET_KEY: u8 = 5;
    /// Public key.
    pub const PUBLIC_KEY: u8 = 6;
    /// Secret subkey.
    pub const SECRET_SUBKEY: u8 = 7;
    /// Literal data.
    pub const LITERAL: u8 = 11;
    /// User id.
    pub const USER_ID: u8 = 13;
    /// Public subkey.
    pub const PUBLIC_SUBKEY: u8 = 14;
    /// Symmetrically encrypted and integrity protected data.
    pub const SEIPD: u8 = 18;
}

/// The bytes of a header that we write around data.
pub const HEADER_BYTES: usize = 6;

/// Which encodings of a packet's header are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// As we write: new format, one definite length.
    Strict,
    /// GnuPG's too: old format, and partial lengths of literal and encrypted
    /// data. An indeterminate length is never read.
    Gnupg,
}

/// A packet: its type and its body, copied together where it came in parts.
pub type Packet<'a> = (u8, Cow<'a, [u8]>);

/// Why a sequence of packets is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Grammar {
    /// It ends within a packet.
    #[error("it ends within a packet")]
    Cut,
    /// A header that nobody writes here.
    #[error("a packet header is not as the protocol has it")]
    Header,
    /// Another sequence of packets.
    #[error("it is not the sequence of packets that the protocol has")]
    Sequence,
}

/// Splits bytes into exactly the packets that are expected, and nothing after
/// them.
pub fn split<'a, const N: usize>(
    mut bytes: &'a [u8],
    expected: [u8; N],
    dialect: Dialect,
) -> Result<[Cow<'a, [u8]>; N], Grammar> {
    let mut bodies = Vec::with_capacity(N);
    for wanted in expected {
        let (tag, body) = next(&mut bytes, dialect)?.ok_or(Grammar::Sequence)?;
        if tag != wanted {
            return Err(Grammar::Sequence);
        }
        bodies.push(body);
    }
    if !bytes.is_empty() {
        return Err(Grammar::Sequence);
    }
    bodies.try_into().map_err(|_| Grammar::Sequence)
}

/// The type of the first packet, none where there is none.
pub fn first(bytes: &[u8]) -> Option<u8> {
    let header = *bytes.first()?;
    match header >> 6 {
        0b11 => Some(header & 0x3f),
        0b10 => Some(header >> 2 & 0x0f),
        _ => None,
    }
}

/// The next packet, and the bytes moved behind it; none at the end.
fn next<'a>(bytes: &mut &'a [u8], dialect: Dialect) -> Result<Option<Packet<'a>>, Grammar> {
    let Some((&header, rest)) = bytes.split_first() else { return Ok(None) };
    *bytes = rest;
    match header >> 6 {
        0b11 => {
            let tag = header & 0x3f;
            let partial = dialect == Dialect::Gnupg && matches!(tag, tag::LITERAL | tag::SEIPD);
            Ok(Some((tag, new_format(bytes, partial)?)))
        }
        0b10 if dialect == Dialect::Gnupg => {
            let octets = match header & 3 {
                0 => 1,
                1 => 2,
                2 => 4,
                _ => return Err(Grammar::Header),
            };
            let length = number(take(bytes, octets)?);
            Ok(Some((header >> 2 & 0x0f, Cow::Borrowed(take(bytes, length)?))))
        }
        _ => Err(Grammar::Header),
    }
}

/// A body under the new format's lengths (RFC 9580 section 4.2.1).
fn new_format<'a>(bytes: &mut &'a [u8], partial: bool) -> Result<Cow<'a, [u8]>, Grammar> {
    let mut parts: Option<Vec<u8>> = None;
    loop {
        let first = number(take(bytes, 1)?);
        let (length, last) = match first {
            0..=191 => (first, true),
            192..=223 => ((first - 192) * 256 + number(take(bytes, 1)?) + 192, true),
            255 => (number(take(bytes, 4)?), true),
            _ if partial => (1 << (first & 0x1f), false),
            _ => return Err(Grammar::Header),
        };
        let body = take(bytes, length)?;
        match (&mut parts, last) {
            (None, true) => return Ok(Cow::Borrowed(body)),
            (None, false) => parts = Some(body.to_vec()),
            (Some(gathered), _) => gathered.extend_from_slice(body),
        }
        if last {
            return Ok(Cow::Owned(parts.unwrap_or_default()));
        }
    }
}

fn number(octets: &[u8]) -> usize {
    octets.iter().fold(0, |number, octet| number << 8 | usize::from(*octet))
}

/// The next so many bytes.
pub fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Grammar> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Grammar::Cut)?;
    *bytes = rest;
    Ok(taken)
}

/// A header of the new format with a length of five octets, which can be
/// filled in later.
pub fn header(tag: u8, length: usize) -> [u8; HEADER_BYTES] {
    let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [0xc0 | tag, 0xff, a, b, c, d]
}

/// Splits bytes into their packets, of our own encoding, at most `max`.
pub fn strict(mut bytes: &[u8], max: usize) -> Result<Vec<(u8, &[u8])>, Grammar> {
    let mut packets = Vec::with_capacity(max);
    while let Some((tag, body)) = next(&mut bytes, Dialect::Strict)? {
        let Cow::Borrowed(body) = body else { return Err(Grammar::Header) };
        if packets.len() == max {
            return Err(Grammar::Sequence);
        }
        packets.push((tag, body));
    }
    Ok(packets)
}
