//! The algorithms of each profile: what we write, and so what we read.

use ferry_core::state::Profile;
use pgp::composed::KeyType;
use pgp::crypto::aead::{AeadAlgorithm, ChunkSize};
use pgp::crypto::ecc_curve::ECCCurve;
use pgp::crypto::hash::HashAlgorithm;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::types::KeyVersion;

use crate::packets::Dialect;

/// The cipher of every sealed parcel.
pub const CIPHER: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES256;
/// The bytes of its key.
pub const CIPHER_KEY_BYTES: usize = 32;
/// The mode of SEIPD version 2: the fastest of the three where measured.
pub const AEAD: AeadAlgorithm = AeadAlgorithm::Gcm;
/// The chunks of SEIPD version 2.
pub const CHUNK: ChunkSize = ChunkSize::C64KiB;
/// The digest of the signatures that we make: the fastest in wasm.
pub const HASH: HashAlgorithm = HashAlgorithm::Sha512;
/// The digests of signatures that we accept.
pub const HASHES: [HashAlgorithm; 3] = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

/// A set of algorithms; the keys show which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// RFC 9580: Ed25519, X25519, version 6. Also for the profile `off`.
    Modern,
    /// RFC 9980: ML-DSA-65+Ed25519, ML-KEM-768+X25519, version 6.
    PostQuantum,
    /// What GnuPG 2.2 knows: Ed25519Legacy, Curve25519Legacy, version 4.
    Gnupg,
}

impl Suite {
    /// The suite of a profile's keys.
    pub fn of(profile: Profile) -> Self {
        match profile {
            Profile::Off | Profile::Modern => Self::Modern,
            Profile::PostQuantum => Self::PostQuantum,
            Profile::Gnupg => Self::Gnupg,
        }
    }

    /// The suite of a key packet's version and algorithm.
    pub fn of_key(version: KeyVersion, algorithm: PublicKeyAlgorithm) -> Option<Self> {
        [Self::Modern, Self::PostQuantum, Self::Gnupg]
            .into_iter()
            .find(|suite| suite.version() == version && suite.signing() == algorithm)
    }

    /// The version of its keys.
    pub fn version(self) -> KeyVersion {
        match self {
            Self::Modern | Self::PostQuantum => KeyVersion::V6,
            Self::Gnupg => KeyVersion::V4,
        }
    }

    /// The algorithm of its primary keys and signing subkeys.
    pub fn signing(self) -> PublicKeyAlgorithm {
        match self {
            Self::Modern => PublicKeyAlgorithm::Ed25519,
            Self::PostQuantum => PublicKeyAlgorithm::MlDsa65Ed25519,
            Self::Gnupg => PublicKeyAlgorithm::EdDSALegacy,
        }
    }

    /// The algorithm of its encryption subkeys.
    pub fn encryption(self) -> PublicKeyAlgorithm {
        match self {
            Self::Modern => PublicKeyAlgorithm::X25519,
            Self::PostQuantum => PublicKeyAlgorithm::MlKem768X25519,
            Self::Gnupg => PublicKeyAlgorithm::ECDH,
        }
    }

    /// How its signing keys are made.
    pub fn signing_type(self) -> KeyType {
        match self {
            Self::Modern => KeyType::Ed25519,
            Self::PostQuantum => KeyType::MlDsa65Ed25519,
            Self::Gnupg => KeyType::Ed25519Legacy,
        }
    }

    /// How its encryption keys are made.
    pub fn encryption_type(self) -> KeyType {
        match self {
            Self::Modern => KeyType::X25519,
            Self::PostQuantum => KeyType::MlKem768X25519,
            Self::Gnupg => KeyType::ECDH(ECCCurve::Curve25519Legacy),
        }
    }

    /// Which packet headers are read.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Modern | Self::PostQuantum => Dialect::Strict,
            Self::Gnupg => Dialect::Gnupg,
        }
    }
}
