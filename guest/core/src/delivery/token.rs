//! What stands outside a seal: opaque routing tokens and parcels' names.

use hkdf::Hkdf;
use sha2::Sha256;

use crate::digest::hex;
use crate::ids::{Digest, Fingerprint, ParcelName, SyncId};
use crate::scope::Side;

/// What the names of parcels of one kind begin with. It tells an outsider
/// nothing; who knows the synchronization's id can derive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Of the parcels that a side sends.
    pub fn parcels(sync: &SyncId, sender: Side) -> Self {
        Self::derived(
            sync,
            match sender {
                Side::Primary => b"parcels of the primary",
                Side::Secondary => b"parcels of the secondary",
            },
        )
    }

    /// Of hellos.
    pub fn hello(sync: &SyncId) -> Self {
        Self::derived(sync, b"hello")
    }

    /// Of refusals to the holder of that certificate: nobody else looks at
    /// them.
    pub fn refusal(sync: &SyncId, to: &Fingerprint) -> Self {
        Self::derived(sync, &[b"refusal ".as_slice(), &to.0].concat())
    }

    /// The token that a parcel's name begins with; none where it is no such name.
    pub fn of(name: &ParcelName) -> Option<Self> {
        let token = Self(name.0.split_once('-')?.0.to_owned());
        let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let whole = token.0.len() == 2 * BYTES && token.0.bytes().all(digits);
        token.digest(name).filter(|_| whole).map(|_| token)
    }

    /// A token that somebody was asked for by its text.
    pub fn given(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token as text: 20 hexadecimal digits.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The name of a parcel by the digest of its sealed bytes: 91 bytes of
    /// `[a-z0-9-.]`.
    pub fn name(&self, digest: &Digest) -> ParcelName {
        ParcelName(format!("{}-{digest}{EXTENSION}", self.0))
    }

    /// The digest that a name with this token tells; none where it isn't a
    /// name that `name` makes.
    pub fn digest(&self, name: &ParcelName) -> Option<Digest> {
        let digest = name.0.strip_prefix(&self.0)?.strip_prefix('-')?.strip_suffix(EXTENSION)?;
        Digest::parse(digest).filter(|parsed| parsed.to_string() == digest)
    }

    /// HKDF-SHA-256 (RFC 5869) over the id, the first 80 bits.
    fn derived(sync: &SyncId, purpose: &[u8]) -> Self {
        let mut bytes = [0; BYTES];
        let filled = Hkdf::<Sha256>::new(Some(b"ferry token 1"), &sync.0).expand(purpose, &mut bytes);
        debug_assert!(filled.is_ok(), "ten bytes are never too many for HKDF");
        Self(hex(&bytes))
    }
}

const EXTENSION: &str = ".ferry";
/// 80 bits.
const BYTES: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::of;

    #[test]
    fn tokens_differ_by_purpose_direction_and_synchronization() {
        let (one, two) = (SyncId([1; 16]), SyncId([2; 16]));
        let to = |byte| Token::refusal(&one, &Fingerprint([byte; 32]));
        let all = [
            Token::parcels(&one, Side::Primary),
            Token::parcels(&one, Side::Secondary),
            Token::parcels(&two, Side::Primary),
            Token::hello(&one),
            to(1),
            to(2),
        ];
        let distinct: std::collections::BTreeSet<&str> = all.iter().map(Token::text).collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn a_name_tells_its_digest_and_nothing_else_passes_for_one() {
        let token = Token::hello(&SyncId([1; 16]));
        let name = token.name(&of(b"x"));
        assert_eq!(token.digest(&name), Some(of(b"x")));
        assert_eq!(Token::of(&name), Some(token.clone()));
        assert_eq!(Token::of(&ParcelName(name.0.replacen('-', "0-", 1))), None);
        assert_eq!(Token::of(&ParcelName(format!(".{}", name.0))), None);
        assert!(name.0.len() <= 120);
        assert!(name.0.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b)));
        assert_eq!(token.digest(&ParcelName(name.0.to_uppercase())), None);
        assert_eq!(token.digest(&ParcelName(name.0.replace(EXTENSION, ".part"))), None);
        assert_eq!(Token::hello(&SyncId([2; 16])).digest(&name), None);
    }
}
