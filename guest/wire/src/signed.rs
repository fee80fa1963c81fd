//! The signed inner sequence: one-pass signature, literal data, signature
//! (RFC 9580 section 10.3), and our own policy for reading it.

use std::borrow::Cow;

use ferry_core::handshake::Keys;
use ferry_core::limits::CLOCK_AHEAD_MS_MAX;
use ferry_core::ports::OpenFault;
use ferry_core::time::Time;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{
    OnePassSignature, PacketTrait, SecretSubkey, Signature, SignatureConfig, SignatureType, SignatureVersionSpecific,
    Subpacket, SubpacketData,
};
use pgp::ser::Serialize;
use pgp::types::{Fingerprint, KeyDetails, Password, Tag};
use rand_chacha::ChaCha20Rng;

use crate::certificate::{Certified, header};
use crate::keys;
use crate::packets::{self, Dialect, split, tag};
use crate::suite::{HASHES, Suite};

/// The largest signature packet, in bytes; post-quantum ones weigh 3.5 kB.
const SIGNATURE_BYTES_MAX: usize = 8192;

/// The literal packet's own header: binary, no name, no date.
pub const LITERAL: [u8; 6] = [b'b', 0, 0, 0, 0, 0];

/// Who signs, and when.
pub struct Signer {
    key: SecretSubkey,
    /// Its algorithms.
    pub suite: Suite,
    now: Time,
}

impl Signer {
    /// Our signing subkey. A clock that went back doesn't make signatures that
    /// are older than the key.
    pub fn read(keys: &Keys, now: Time) -> Result<Self, String> {
        let key = keys::signing(keys)?;
        let suite = Suite::of_key(key.version(), key.algorithm()).ok_or("our keys are of an unknown kind")?;
        let created = Time(u64::from(key.created_at().as_secs()) * 1000);
        Ok(Self { key, suite, now: now.max(created) })
    }

    /// Appends the sequence around what `write` appends.
    pub fn sign(
        &self,
        out: &mut Vec<u8>,
        recipient: Option<&Fingerprint>,
        random: &mut ChaCha20Rng,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), String>,
    ) -> Result<(), String> {
        let config = self.config(recipient, random).map_err(refused)?;
        one_pass(&config, &self.key).and_then(|packet| packet.to_writer_with_header(out)).map_err(refused)?;
        let start = out.len();
        out.extend_from_slice(&packets::header(tag::LITERAL, 0));
        out.extend_from_slice(&LITERAL);
        let data = out.len();
        write(out)?;
        let length = packets::header(tag::LITERAL, out.len() - start - packets::HEADER_BYTES);
        if let Some(place) = out.get_mut(start..start + packets::HEADER_BYTES) {
            place.copy_from_slice(&length);
        }
        let signature =
            config.sign(&self.key, &Password::empty(), out.get(data..).unwrap_or_default()).map_err(refused)?;
        signature.to_writer_with_header(out).map_err(refused)
    }

    fn config(
        &self,
        recipient: Option<&Fingerprint>,
        random: &mut ChaCha20Rng,
    ) -> pgp::errors::Result<SignatureConfig> {
        let mut config = keys::signature_config(self.suite, SignatureType::Binary, random)?;
        config.hashed_subpackets = vec![
            Subpacket::critical(SubpacketData::SignatureCreationTime(keys::timestamp(self.now)))?,
            Subpacket::regular(SubpacketData::IssuerFingerprint(self.key.fingerprint()))?,
        ];
        if let Some(recipient) = recipient {
            let data = SubpacketData::IntendedRecipientFingerprint(recipient.clone());
            // GnuPG 2.2 calls a signature bad that has it marked critical.
            config.hashed_subpackets.push(match self.suite {
                Suite::Gnupg => Subpacket::regular(data)?,
                Suite::Modern | Suite::PostQuantum => Subpacket::critical(data)?,
            });
        }
        if self.suite == Suite::Gnupg {
            let issuer = SubpacketData::IssuerKeyId(self.key.legacy_key_id());
            config.unhashed_subpackets.push(Subpacket::regular(issuer)?);
        }
        Ok(config)
    }
}

/// What a signature must say besides being right.
pub struct Expected<'a> {
    /// Whose it must be.
    pub signer: &'a Certified,
    /// Whom it must be meant for, where it must say so.
    pub recipient: Option<&'a Fingerprint>,
    /// The time of reading.
    pub now: Time,
}

/// A sequence that was split and not verified yet.
pub struct Unverified<'a> {
    one_pass: Cow<'a, [u8]>,
    literal: Cow<'a, [u8]>,
    signature: Cow<'a, [u8]>,
    dialect: Dialect,
}

impl<'a> Unverified<'a> {
    /// Splits it: one signature, and binary data.
    pub fn split(bytes: &'a [u8], dialect: Dialect) -> Result<Self, OpenFault> {
        let malformed = |what: &str| OpenFault::Malformed(what.to_owned());
        let [one_pass, literal, signature] = split(bytes, [tag::ONE_PASS, tag::LITERAL, tag::SIGNATURE], dialect)
            .map_err(|fault| OpenFault::Malformed(fault.to_string()))?;
        let ours = literal.starts_with(&LITERAL);
        let gnupgs = dialect == Dialect::Gnupg && literal.first() == Some(&b'b') && literal_header(&literal).is_some();
        if !ours && !gnupgs {
            return Err(malformed("its data is not plain binary"));
        }
        if signature.len() > SIGNATURE_BYTES_MAX {
            return Err(malformed("its signature is too large"));
        }
        Ok(Self { one_pass, literal, signature, dialect })
    }

    /// What is signed, if it is.
    pub fn data(&self) -> &[u8] {
        literal_header(&self.literal).and_then(|length| self.literal.get(length..)).unwrap_or_default()
    }

    /// The policy, then the mathematics.
    pub fn verify(&self, expected: &Expected<'_>) -> Result<(), OpenFault> {
        match self.verify_though_expired(expected)? {
            Made::InTime => Ok(()),
            Made::AfterExpiry => Err(expired()),
        }
    }

    /// As `verify`, also where its key had expired when it was made.
    pub fn verify_though_expired(&self, expected: &Expected<'_>) -> Result<Made, OpenFault> {
        let refused = |why: &str| OpenFault::Signature(why.to_owned());
        let suite = expected.signer.suite;
        if self.dialect == Dialect::Gnupg && suite != Suite::Gnupg {
            return Err(refused("it is not written in the agreed way"));
        }
        // Version, type, algorithm and digest, before the library reads on.
        let version = u8::from(suite.version());
        let hash = match self.signature.first_chunk::<4>() {
            Some([v, 0, algorithm, hash]) if *v == version && *algorithm == u8::from(suite.signing()) => *hash,
            _ => return Err(refused("it is not a signature of the agreed kind")),
        };
        if !HASHES.map(u8::from).contains(&hash) {
            return Err(refused("it uses a weak digest"));
        }
        let signature = Signature::try_from_reader(header(Tag::Signature, &self.signature), self.signature.as_ref())
            .map_err(|_| refused("it can't be read"))?;
        let config = signature.config().ok_or_else(|| refused("it can't be read"))?;
        let made = policy(config, expected)?;
        let one_pass = one_pass(config, &expected.signer.signing).and_then(|packet| packet.to_bytes());
        if one_pass.ok().as_deref() != Some(self.one_pass.as_ref()) {
            return Err(refused("it is announced as another one"));
        }
        signature
            .verify(&expected.signer.signing, self.data())
            .map_err(|_| refused("it is not by the partner, or what it signs was altered"))?;
        Ok(made)
    }
}

/// When a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// While its key was valid.
    InTime,
    /// When its key had expired.
    AfterExpiry,
}

/// Why a signature of an expired key is refused.
pub fn expired() -> OpenFault {
    OpenFault::Signature(
        "its key had expired when it was made; the partner has to replace it, with `ferry key rotate`".to_owned(),
    )
}

/// The length of a literal packet's own header (RFC 9580 section 5.9): format,
/// name, date.
fn literal_header(literal: &[u8]) -> Option<usize> {
    let length = 2 + usize::from(*literal.get(1)?) + 4;
    (literal.len() >= length).then_some(length)
}

/// Only hashed subpackets count, and none that we don't know may be critical.
fn policy(config: &SignatureConfig, expected: &Expected<'_>) -> Result<Made, OpenFault> {
    let refused = |why: &str| OpenFault::Signature(why.to_owned());
    let signer = expected.signer;
    let (mut created, mut issuer, mut recipient) = (None, None, None);
    for subpacket in config.hashed_subpackets() {
        let double = match &subpacket.data {
            SubpacketData::SignatureCreationTime(time) => created.replace(u64::from(time.as_secs())).is_some(),
            SubpacketData::IssuerFingerprint(fingerprint) => issuer.replace(fingerprint).is_some(),
            SubpacketData::IntendedRecipientFingerprint(fingerprint) => recipient.replace(fingerprint).is_some(),
            SubpacketData::SignatureExpirationTime(_) => return Err(refused("it expires, which ours never do")),
            _ if subpacket.is_critical => return Err(refused("it demands something that the protocol does not have")),
            _ => false,
        };
        if double {
            return Err(refused("it says something twice"));
        }
    }
    if signer.suite != Suite::Gnupg && config.unhashed_subpackets().next().is_some() {
        return Err(refused("it says something that it does not sign"));
    }
    let created = created.ok_or_else(|| refused("it has no time"))?;
    if created < signer.created {
        return Err(refused("it is older than its key"));
    }
    let made = if created >= signer.expires { Made::AfterExpiry } else { Made::InTime };
    if created.saturating_mul(1000) > expected.now.after_ms(CLOCK_AHEAD_MS_MAX).0 {
        return Err(refused("it was made in the future; check the clocks on both sides"));
    }
    if issuer.is_some_and(|issuer| *issuer != signer.signing.fingerprint()) {
        return Err(refused("it is by another key"));
    }
    match (recipient, expected.recipient) {
        (Some(named), Some(wanted)) if named == wanted => Ok(made),
        (None, None) => Ok(made),
        (None, Some(_)) if signer.suite == Suite::Gnupg => Ok(made),
        _ => Err(refused("it is meant for somebody else")),
    }
}

/// The packet that announces a signature.
pub fn one_pass(config: &SignatureConfig, key: &impl KeyDetails) -> pgp::errors::Result<OnePassSignature> {
    let (kind, hash, algorithm): (_, HashAlgorithm, _) = (config.typ(), config.hash_alg, config.pub_alg);
    match (&config.version_specific, key.fingerprint()) {
        (SignatureVersionSpecific::V6 { salt }, Fingerprint::V6(fingerprint)) => {
            Ok(OnePassSignature::v6(kind, hash, algorithm, salt.clone(), fingerprint))
        }
        _ => Ok(OnePassSignature::v3(kind, hash, algorithm, key.legacy_key_id())),
    }
}

fn refused(error: pgp::errors::Error) -> String {
    format!("the parcel can't be signed: {error}")
}
