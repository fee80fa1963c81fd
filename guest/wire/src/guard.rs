//! The guard before MessagePack is read: nesting and the number of values are
//! bounded, no announced length goes beyond what remains, nothing follows.

use ferry_core::limits::{MESSAGE_VALUES_MAX, NESTING_MAX};

use crate::packets::take;

/// Why bytes are not MessagePack as the protocol has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Guard {
    /// Nested too deeply.
    #[error("nested more than {NESTING_MAX} levels deep")]
    Depth,
    /// More values than any message of ours has: each costs memory.
    #[error("it holds more than {MESSAGE_VALUES_MAX} values")]
    Many,
    /// It announces more than there is.
    #[error("it announces more than there is")]
    Cut,
    /// Something follows.
    #[error("something follows its end")]
    Trailing,
    /// A type that the protocol doesn't use: extensions, the reserved byte.
    #[error("it holds a type that the protocol does not use")]
    Type,
    /// Not a map of the keys that are expected.
    #[error("it is not a map as the protocol has it")]
    Shape,
}

/// Checks one value that fills the bytes.
pub fn whole(mut bytes: &[u8]) -> Result<(), Guard> {
    skip(&mut bytes, 0)?;
    if bytes.is_empty() { Ok(()) } else { Err(Guard::Trailing) }
}

/// The number of entries of the map that begins here.
pub fn map(bytes: &mut &[u8]) -> Result<usize, Guard> {
    match token(bytes)? {
        Token::Map(entries) => Ok(entries),
        _ => Err(Guard::Shape),
    }
}

/// The text that begins here.
pub fn text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, Guard> {
    match token(bytes)? {
        Token::Text(text) => std::str::from_utf8(text).map_err(|_| Guard::Shape),
        _ => Err(Guard::Shape),
    }
}

/// The value that begins here, at a nesting of `depth`, and the bytes moved
/// behind it.
pub fn value<'a>(bytes: &mut &'a [u8], depth: usize) -> Result<&'a [u8], Guard> {
    let before = *bytes;
    skip(bytes, depth)?;
    before.get(..before.len() - bytes.len()).ok_or(Guard::Cut)
}

/// Moves behind one value without recursion.
fn skip(bytes: &mut &[u8], depth: usize) -> Result<(), Guard> {
    let mut open: Vec<usize> = Vec::with_capacity(NESTING_MAX);
    let mut values = 0;
    loop {
        values += 1;
        if values > MESSAGE_VALUES_MAX {
            return Err(Guard::Many);
        }
        match token(bytes)? {
            Token::Map(entries) => open.push(entries.saturating_mul(2)),
            Token::Array(elements) => open.push(elements),
            Token::Text(_) | Token::Scalar => {}
        }
        if depth + open.len() > NESTING_MAX {
            return Err(Guard::Depth);
        }
        loop {
            match open.last_mut() {
                None => return Ok(()),
                Some(0) => {
                    open.pop();
                }
                Some(left) => {
                    *left -= 1;
                    break;
                }
            }
        }
    }
}

enum Token<'a> {
    Map(usize),
    Array(usize),
    Text(&'a [u8]),
    Scalar,
}

/// One token; containers only announce.
fn token<'a>(bytes: &mut &'a [u8]) -> Result<Token<'a>, Guard> {
    let marker = number(bytes, 1)?;
    let token = match marker {
        0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Token::Scalar,
        0x80..=0x8f => Token::Map(marker & 0x0f),
        0x90..=0x9f => Token::Array(marker & 0x0f),
        0xa0..=0xbf => Token::Text(content(bytes, marker & 0x1f)?),
        0xc4..=0xc6 => {
            let length = number(bytes, 1 << (marker - 0xc4))?;
            content(bytes, length)?;
            Token::Scalar
        }
        0xca | 0xce | 0xd2 => scalar(bytes, 4)?,
        0xcb | 0xcf | 0xd3 => scalar(bytes, 8)?,
        0xcc | 0xd0 => scalar(bytes, 1)?,
        0xcd | 0xd1 => scalar(bytes, 2)?,
        0xd9..=0xdb => {
            let length = number(bytes, 1 << (marker - 0xd9))?;
            Token::Text(content(bytes, length)?)
        }
        0xdc => Token::Array(number(bytes, 2)?),
        0xdd => Token::Array(number(bytes, 4)?),
        0xde => Token::Map(number(bytes, 2)?),
        0xdf => Token::Map(number(bytes, 4)?),
        _ => return Err(Guard::Type),
    };
    // An element has a byte at least, so a container can't be larger than what
    // remains.
    let least = match token {
        Token::Map(entries) => entries.saturating_mul(2),
        Token::Array(elements) => elements,
        Token::Text(_) | Token::Scalar => 0,
    };
    if least > bytes.len() { Err(Guard::Cut) } else { Ok(token) }
}

fn scalar<'a>(bytes: &mut &'a [u8], length: usize) -> Result<Token<'a>, Guard> {
    content(bytes, length).map(|_| Token::Scalar)
}

fn content<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Guard> {
    take(bytes, length).map_err(|_| Guard::Cut)
}

fn number(bytes: &mut &[u8], octets: usize) -> Result<usize, Guard> {
    Ok(content(bytes, octets)?.iter().fold(0, |number, octet| number << 8 | usize::from(*octet)))
}
