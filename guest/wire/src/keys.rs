//! Our secret keys: made from a seed, read from the store.

use ferry_core::handshake::Keys;
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;
use pgp::composed::KeyType;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::errors::Result;
use pgp::packet::{
    Features, KeyFlags, PacketTrait, PubKeyInner, PublicKey, PublicSubkey, SecretKey, SecretSubkey, Signature,
    SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
};
use pgp::types::{CompressionAlgorithm, Duration, Password, SecretParams, SigningKey, Tag, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::certificate::{Parts, header};
use crate::packets::tag;
use crate::suite::{AEAD, CIPHER, HASH, Suite};

/// How long keys are valid, in seconds: two years.
const VALID_SECONDS: u32 = 2 * 365 * 86_400;

/// The user id of version 4 certificates, which GnuPG asks for. It names
/// nobody: the fingerprint does.
const USER_ID: &str = "Ferry";

/// Makes keys and their certificate.
pub fn generate(profile: Profile, now: Time, seed: [u8; 32]) -> Result<Keys> {
    let suite = Suite::of(profile);
    let created = timestamp(now);
    let mut maker = Maker { suite, created, random: ChaCha20Rng::from_seed(seed) };
    let (public, secret) = maker.key(suite.signing_type())?;
    let primary = SecretKey::new(PublicKey::from_inner(public)?, secret)?;
    let (public, secret) = maker.key(suite.signing_type())?;
    let signing = SecretSubkey::new(PublicSubkey::from_inner(public)?, secret)?;
    let (public, secret) = maker.key(suite.encryption_type())?;
    let encryption = SecretSubkey::new(PublicSubkey::from_inner(public)?, secret)?;

    let user = match suite {
        Suite::Gnupg => Some(UserId::from_str(Default::default(), USER_ID)?),
        Suite::Modern | Suite::PostQuantum => None,
    };
    let own = maker.own(&primary, user.as_ref())?;
    let signing_binding = maker.signing_binding(&primary, &signing)?;
    let encryption_binding = maker.encryption_binding(&primary, &encryption)?;

    let mut secret = Vec::new();
    primary.to_writer_with_header(&mut secret)?;
    write_own(&mut secret, user.as_ref(), &own)?;
    signing.to_writer_with_header(&mut secret)?;
    signing_binding.to_writer_with_header(&mut secret)?;
    encryption.to_writer_with_header(&mut secret)?;
    encryption_binding.to_writer_with_header(&mut secret)?;

    let mut certificate = Vec::new();
    primary.public_key().to_writer_with_header(&mut certificate)?;
    write_own(&mut certificate, user.as_ref(), &own)?;
    signing.public_key().to_writer_with_header(&mut certificate)?;
    signing_binding.to_writer_with_header(&mut certificate)?;
    encryption.public_key().to_writer_with_header(&mut certificate)?;
    encryption_binding.to_writer_with_header(&mut certificate)?;
    Ok(Keys { secret, certificate: Certificate(certificate) })
}

/// Our signing subkey.
pub fn signing(keys: &Keys) -> std::result::Result<SecretSubkey, String> {
    let parts = Parts::split(&keys.secret, tag::SECRET_KEY, tag::SECRET_SUBKEY).map_err(broken)?;
    subkey(parts.signing)
}

/// Our encryption subkey.
pub fn encryption(keys: &Keys) -> std::result::Result<SecretSubkey, String> {
    let parts = Parts::split(&keys.secret, tag::SECRET_KEY, tag::SECRET_SUBKEY).map_err(broken)?;
    subkey(parts.encryption)
}

/// Seconds since 1970 as OpenPGP has them.
pub fn timestamp(time: Time) -> Timestamp {
    Timestamp::from_secs(u32::try_from(time.seconds()).unwrap_or(u32::MAX))
}

fn subkey(body: &[u8]) -> std::result::Result<SecretSubkey, String> {
    SecretSubkey::try_from_reader(header(Tag::SecretSubkey, body), body).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> String {
    format!("this synchronization's secret keys can't be read: {error}")
}

fn write_own(bytes: &mut Vec<u8>, user: Option<&UserId>, own: &Signature) -> Result<()> {
    if let Some(user) = user {
        user.to_writer_with_header(bytes)?;
    }
    own.to_writer_with_header(bytes)
}

/// Makes one certificate.
struct Maker {
    suite: Suite,
    created: Timestamp,
    random: ChaCha20Rng,
}

impl Maker {
    fn key(&mut self, kind: KeyType) -> Result<(PubKeyInner, SecretParams)> {
        let (public, secret) = kind.generate(&mut self.random)?;
        let inner = PubKeyInner::new(self.suite.version(), kind.to_alg(), self.created, None, public)?;
        Ok((inner, secret))
    }

    fn own(&mut self, primary: &SecretKey, user: Option<&UserId>) -> Result<Signature> {
        let kind = if user.is_some() { SignatureType::CertPositive } else { SignatureType::Key };
        let mut flags = KeyFlags::default();
        flags.set_certify(true);
        let mut config = self.config(primary, kind, Some(flags))?;
        config.hashed_subpackets.extend(self.preferences()?);
        match user {
            Some(user) => {
                config.hashed_subpackets.push(Subpacket::regular(SubpacketData::IsPrimary(true))?);
                config.sign_certification(primary, primary.public_key(), &Password::empty(), Tag::UserId, user)
            }
            None => config.sign_key(primary, &Password::empty(), primary.public_key()),
        }
    }

    fn signing_binding(&mut self, primary: &SecretKey, key: &SecretSubkey) -> Result<Signature> {
        let back = self.config(key, SignatureType::KeyBinding, None)?.sign_primary_key_binding(
            key,
            key.public_key(),
            &Password::empty(),
            primary.public_key(),
        )?;
        let mut flags = KeyFlags::default();
        flags.set_sign(true);
        let mut config = self.config(primary, SignatureType::SubkeyBinding, Some(flags))?;
        config.hashed_subpackets.push(Subpacket::regular(SubpacketData::EmbeddedSignature(Box::new(back)))?);
        config.sign_subkey_binding(primary, primary.public_key(), &Password::empty(), key.public_key())
    }

    fn encryption_binding(&mut self, primary: &SecretKey, key: &SecretSubkey) -> Result<Signature> {
        let mut flags = KeyFlags::default();
        flags.set_encrypt_comms(true);
        flags.set_encrypt_storage(true);
        self.config(primary, SignatureType::SubkeyBinding, Some(flags))?.sign_subkey_binding(
            primary,
            primary.public_key(),
            &Password::empty(),
            key.public_key(),
        )
    }

    /// What every signature of a certificate says; where it gives flags, it
    /// gives the expiry too.
    fn config(
        &mut self,
        signer: &impl SigningKey,
        kind: SignatureType,
        flags: Option<KeyFlags>,
    ) -> Result<SignatureConfig> {
        let mut config = signature_config(self.suite, kind, &mut self.random)?;
        config.hashed_subpackets = vec![
            Subpacket::critical(SubpacketData::SignatureCreationTime(self.created))?,
            Subpacket::regular(SubpacketData::IssuerFingerprint(signer.fingerprint()))?,
        ];
        if let Some(flags) = flags {
            let expiry = Duration::from_secs(VALID_SECONDS);
            config.hashed_subpackets.push(Subpacket::critical(SubpacketData::KeyFlags(flags))?);
            config.hashed_subpackets.push(Subpacket::critical(SubpacketData::KeyExpirationTime(expiry))?);
        }
        if self.suite == Suite::Gnupg {
            let issuer = SubpacketData::IssuerKeyId(signer.legacy_key_id());
            config.unhashed_subpackets.push(Subpacket::regular(issuer)?);
        }
        Ok(config)
    }

    /// What others should use towards us; without it GnuPG 2.2 signs with
    /// SHA-1.
    fn preferences(&self) -> Result<Vec<Subpacket>> {
        let mut features = Features::new();
        let mut preferences = vec![
            SubpacketData::PreferredSymmetricAlgorithms([SymmetricKeyAlgorithm::AES256].into_iter().collect()),
            SubpacketData::PreferredHashAlgorithms([HASH, HashAlgorithm::Sha256].into_iter().collect()),
            SubpacketData::PreferredCompressionAlgorithms([CompressionAlgorithm::Uncompressed].into_iter().collect()),
        ];
        if self.suite == Suite::Gnupg {
            features.set_seipd_v1(true);
        } else {
            features.set_seipd_v2(true);
            preferences.push(SubpacketData::PreferredAeadAlgorithms([(CIPHER, AEAD)].into_iter().collect()));
        }
        preferences.push(SubpacketData::Features(features));
        preferences.into_iter().map(Subpacket::regular).collect()
    }
}

/// A signature of the suite's version, algorithm and digest.
pub fn signature_config(suite: Suite, kind: SignatureType, random: &mut ChaCha20Rng) -> Result<SignatureConfig> {
    match suite {
        Suite::Gnupg => Ok(SignatureConfig::v4(kind, suite.signing(), HASH)),
        Suite::Modern | Suite::PostQuantum => SignatureConfig::v6(random, kind, suite.signing(), HASH),
    }
}
