//! The wire: messages as bytes, parcels sealed and opened, keys and handshake
//! files. `ferry-wire` implements it; nothing here knows OpenPGP.

use crate::handshake::{Hello, Invitation, Keys, Secret};
use crate::ids::{Digest, Fingerprint};
use crate::keys::{Renewal, Validity};
use crate::message::{Kind, Numbered, Parcel};
use crate::state::{Certificate, Profile};
use crate::time::Time;

/// What a parcel is sealed with.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// Our secret keys.
    pub keys: &'a Keys,
    /// The partner's pinned certificate.
    pub partner: &'a Certificate,
    /// How, fixed by the handshake.
    pub profile: Profile,
}

/// A parcel that passed every check short of its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it holds.
    pub parcel: Parcel,
    /// The digest of each numbered message's bytes, for the hash chain.
    pub digests: Vec<Digest>,
}

/// Why a parcel or a hello is refused. Nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFault {
    /// Over the limit, in bytes.
    #[error("larger than the {0} bytes that a parcel may have")]
    TooLarge(u64),
    /// Not what we or the partner write; also a message that can't be read.
    #[error("not a parcel as the protocol has it: {0}")]
    Malformed(String),
    /// Altered on the way, cut off, or encrypted to somebody else.
    #[error("it can't be decrypted: altered on the way, or sealed for somebody else")]
    Undecryptable,
    /// The signature is missing, wrong, or by a key or in a way that isn't
    /// allowed.
    #[error("its signature is not acceptable: {0}")]
    Signature(String),
    /// Sealed by a newer major version of the protocol.
    #[error("it was made by protocol version {0}, which this version does not speak; update Ferry here")]
    NewerVersion(String),
    /// Sealed by an older major version of the protocol.
    #[error(
        "it was made by protocol version {0}, which this version no longer speaks; the partner has to update Ferry"
    )]
    OlderVersion(String),
    /// A hello whose maker does not hold the invitation.
    #[error("its maker does not hold the invitation")]
    NotInvited,
}

/// Why a handshake file can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationFault {
    /// It isn't one, or it was altered or cut.
    #[error("this is not an unaltered handshake file: {0}")]
    Malformed(String),
    /// It is encrypted, and no passphrase was given.
    #[error("the handshake file is protected by a passphrase; give it with --passphrase")]
    PassphraseNeeded,
    /// It is encrypted with another one.
    #[error("the passphrase does not open the handshake file")]
    PassphraseWrong,
    /// Its signature is not by the certificate in it.
    #[error("the handshake file was altered: {0}")]
    Signature(String),
    /// Made by a newer major version.
    #[error("the handshake file comes from a newer version of Ferry (protocol {0}) than this one; update Ferry here")]
    NewerVersion(String),
}

/// Messages, parcels and handshake files as bytes.
///
/// Randomness comes in as a seed of 32 bytes: the same arguments give the same
/// bytes, so that a parcel can be sealed again instead of being kept.
pub trait Wire {
    /// A new certifying key with subkeys for signing and encryption.
    ///
    /// # Errors
    /// A sentence for people where the OpenPGP library refuses.
    fn generate(&self, profile: Profile, now: Time, seed: [u8; 32]) -> Result<Keys, String>;

    /// The fingerprint of a certificate's primary key.
    ///
    /// # Errors
    /// A sentence for people where it isn't a certificate that we accept.
    fn fingerprint(&self, certificate: &Certificate) -> Result<Fingerprint, String>;

    /// From when to when a certificate's keys are valid.
    ///
    /// # Errors
    /// As `fingerprint`.
    fn validity(&self, certificate: &Certificate) -> Result<Validity, String>;

    /// Says that keys are replaced: signed by the new ones, and by the old ones
    /// around that.
    ///
    /// # Errors
    /// A sentence for people where the OpenPGP library refuses.
    fn write_renewal(
        &self,
        renewal: &Renewal,
        old: &Keys,
        new: &Keys,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String>;

    /// Reads what says that a certificate is replaced, and checks both
    /// signatures and the new certificate. That the old one has expired is no
    /// reason to refuse.
    ///
    /// # Errors
    /// Why it is refused.
    fn read_renewal(&self, bytes: &[u8], old: &Certificate, now: Time) -> Result<Renewal, OpenFault>;

    /// A certificate in OpenPGP's armour (RFC 9580 section 6.2).
    ///
    /// # Errors
    /// A sentence for people where it can't be written.
    fn armoured(&self, certificate: &Certificate) -> Result<String, String>;

    /// Secret keys in OpenPGP's armour, without a passphrase.
    ///
    /// # Errors
    /// A sentence for people where they can't be written.
    fn armoured_secret(&self, keys: &Keys) -> Result<String, String>;

    /// A numbered message as MessagePack.
    fn encode(&self, message: &Numbered) -> Vec<u8>;

    /// Reads a numbered message; kinds it doesn't know come as `Body::Unknown`.
    ///
    /// # Errors
    /// `Malformed` where depth, lengths or fields are not as the protocol has
    /// them.
    fn decode(&self, bytes: &[u8]) -> Result<Numbered, OpenFault>;

    /// A numbered message's kind, without reading the rest of it: so that what
    /// only waits is not decoded, and a piece of an attachment is told apart.
    ///
    /// # Errors
    /// `Malformed` where it doesn't begin as a numbered message does. That the
    /// rest can be read is not said.
    fn kind(&self, bytes: &[u8]) -> Result<Kind, OpenFault>;

    /// Packs, signs and encrypts a parcel. For an expired partner only one that
    /// says that keys are replaced or revoked.
    ///
    /// # Errors
    /// A sentence for people where the OpenPGP library refuses.
    fn seal(&self, with: Sealing<'_>, parcel: &Parcel, now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String>;

    /// Opens a parcel in the protocol's order, failing closed at each step.
    /// The caller checks ids, direction, fingerprints, epoch and numbers. Of what
    /// was signed after the partner's key had expired only that is answered
    /// which says that keys are replaced or revoked.
    ///
    /// # Errors
    /// Why it is refused.
    fn open(&self, with: Sealing<'_>, sealed: &[u8], now: Time) -> Result<Opened, OpenFault>;

    /// Writes a handshake file, signed by the certificate in it.
    ///
    /// # Errors
    /// A sentence for people where the OpenPGP library refuses.
    fn write_invitation(
        &self,
        invitation: &Invitation,
        keys: &Keys,
        passphrase: Option<&str>,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String>;

    /// Reads a handshake file and checks its signature. Its expiry is the
    /// caller's to check.
    ///
    /// # Errors
    /// Why it can't be read.
    fn read_invitation(&self, file: &[u8], passphrase: Option<&str>, now: Time) -> Result<Invitation, InvitationFault>;

    /// Seals a hello to the primary, proving that we hold the invitation.
    ///
    /// # Errors
    /// A sentence for people where the OpenPGP library refuses.
    fn seal_hello(
        &self,
        hello: &Hello,
        keys: &Keys,
        primary: &Certificate,
        secret: &Secret,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String>;

    /// Opens a hello: the keyed digest before anything is parsed, then the
    /// signature by the certificate that it encloses.
    ///
    /// # Errors
    /// Why it is refused.
    fn open_hello(&self, sealed: &[u8], keys: &Keys, secret: &Secret, now: Time) -> Result<Hello, OpenFault>;
}
