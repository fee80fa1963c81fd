//! The rules for the signatures that hold a certificate together. The
//! library's own checks accept more than we do.

use pgp::packet::{PublicKey, PublicSubkey, Signature, SignatureConfig, SignatureType, SubpacketData, UserId};
use pgp::types::{KeyDetails, Tag};

use crate::certificate::CertificateFault;
use crate::suite::{HASHES, Suite};

/// Checks signatures of one certificate.
pub struct Check<'a> {
    /// Its algorithms.
    pub suite: Suite,
    /// Its primary key, which made them.
    pub primary: &'a PublicKey,
    /// Whether they are calculated, not only looked at.
    pub calculate: bool,
}

/// What a key may be used for, of the flags that we write (RFC 9580 section
/// 5.2.3.29).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Use {
    certify: bool,
    sign: bool,
    encrypt: bool,
}

impl Check<'_> {
    /// The primary key's signature over itself; when the key expires, in
    /// seconds since 1970.
    pub fn own(&self, user: Option<&UserId>, signature: &Signature) -> Result<u64, CertificateFault> {
        let kind = if user.is_some() { SignatureType::CertPositive } else { SignatureType::Key };
        let config = self.acceptable(signature, kind, self.primary)?;
        flagged(signature, Use { certify: true, sign: false, encrypt: false })?;
        self.calculated(|| match user {
            Some(user) => signature.verify_certification(self.primary, Tag::UserId, user),
            None => signature.verify_key(self.primary),
        })?;
        expiry(self.primary, config)
    }

    /// What binds the signing subkey; when it expires.
    pub fn signing(&self, key: &PublicSubkey, signature: &Signature) -> Result<u64, CertificateFault> {
        let config = self.acceptable(signature, SignatureType::SubkeyBinding, self.primary)?;
        flagged(signature, Use { certify: false, sign: true, encrypt: false })?;
        let back = signature.embedded_signature().ok_or_else(|| refused("its signing key does not agree"))?;
        self.acceptable(back, SignatureType::KeyBinding, key)?;
        self.calculated(|| {
            signature.verify_subkey_binding(self.primary, key)?;
            back.verify_primary_key_binding(key, self.primary)
        })?;
        expiry(key, config)
    }

    /// What binds the encryption subkey; when it expires.
    pub fn encryption(&self, key: &PublicSubkey, signature: &Signature) -> Result<u64, CertificateFault> {
        let config = self.acceptable(signature, SignatureType::SubkeyBinding, self.primary)?;
        flagged(signature, Use { certify: false, sign: false, encrypt: true })?;
        self.calculated(|| signature.verify_subkey_binding(self.primary, key))?;
        expiry(key, config)
    }

    /// The rules for all of them.
    fn acceptable<'s>(
        &self,
        signature: &'s Signature,
        kind: SignatureType,
        issuer: &impl KeyDetails,
    ) -> Result<&'s SignatureConfig, CertificateFault> {
        let config = signature.config().ok_or_else(|| refused("a signature in it can't be read"))?;
        let versions = u8::from(config.version()) == u8::from(self.suite.version());
        if !versions || config.typ() != kind || config.pub_alg != self.suite.signing() {
            return Err(refused("a signature in it is of another kind"));
        }
        if !HASHES.contains(&config.hash_alg) {
            return Err(refused("a signature in it uses a weak digest"));
        }
        let known = |data: &SubpacketData| {
            matches!(
                data,
                SubpacketData::SignatureCreationTime(_)
                    | SubpacketData::IssuerFingerprint(_)
                    | SubpacketData::KeyExpirationTime(_)
                    | SubpacketData::KeyFlags(_)
                    | SubpacketData::Features(_)
                    | SubpacketData::EmbeddedSignature(_)
                    | SubpacketData::IsPrimary(_)
                    | SubpacketData::PreferredSymmetricAlgorithms(_)
                    | SubpacketData::PreferredHashAlgorithms(_)
                    | SubpacketData::PreferredCompressionAlgorithms(_)
                    | SubpacketData::PreferredAeadAlgorithms(_)
            )
        };
        if !config.hashed_subpackets().all(|subpacket| known(&subpacket.data)) {
            return Err(refused("a signature in it says more than the protocol has"));
        }
        // Unsigned, so that anybody can write there: what we write, and no more.
        let unsigned = |data: &SubpacketData| match data {
            SubpacketData::IssuerKeyId(id) => self.suite == Suite::Gnupg && *id == issuer.legacy_key_id(),
            _ => false,
        };
        if config.unhashed_subpackets().count() > 1 || !config.unhashed_subpackets().all(|of| unsigned(&of.data)) {
            return Err(refused("a signature in it says something that it does not sign"));
        }
        let mut created = config.hashed_subpackets().filter_map(|subpacket| match subpacket.data {
            SubpacketData::SignatureCreationTime(time) => Some(time),
            _ => None,
        });
        match (created.next(), created.next()) {
            (Some(time), None) if time >= self.primary.created_at() => Ok(config),
            _ => Err(refused("a signature in it is older than its key")),
        }
    }

    fn calculated(&self, verify: impl FnOnce() -> pgp::errors::Result<()>) -> Result<(), CertificateFault> {
        if !self.calculate {
            return Ok(());
        }
        verify().map_err(|_| refused("a signature in it is wrong"))
    }
}

/// The flags are exactly those of the use.
fn flagged(signature: &Signature, wanted: Use) -> Result<(), CertificateFault> {
    let flags = signature.key_flags();
    let found =
        Use { certify: flags.certify(), sign: flags.sign(), encrypt: flags.encrypt_comms() && flags.encrypt_storage() };
    if found == wanted { Ok(()) } else { Err(refused("its keys are not flagged as the protocol has it")) }
}

/// When a key expires, in seconds since 1970; all of ours do.
fn expiry(key: &impl KeyDetails, config: &SignatureConfig) -> Result<u64, CertificateFault> {
    let after = config.hashed_subpackets().find_map(|subpacket| match subpacket.data {
        SubpacketData::KeyExpirationTime(after) => Some(after.as_secs()),
        _ => None,
    });
    match after {
        Some(after) if after > 0 => Ok(u64::from(key.created_at().as_secs()) + u64::from(after)),
        _ => Err(refused("its keys never expire")),
    }
}

fn refused(why: &str) -> CertificateFault {
    CertificateFault::NotAcceptable(why.to_owned())
}
