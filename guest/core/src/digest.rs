//! SHA-256 and hexadecimal, in one place.

use sha2::{Digest as _, Sha256};

use crate::ids::{Chain, Digest};

/// The SHA-256 of the parts, one after the other, each led by its length so
/// that no two lists of parts give the same bytes.
pub fn of_parts(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

/// The SHA-256 of the bytes.
pub fn of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

impl Chain {
    /// The chain after one more message.
    pub fn then(self, message: Digest) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(message.0);
        Self(hash.finalize().into())
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads hexadecimal of either case; none where it isn't.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}
