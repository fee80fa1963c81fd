//! Keys as time goes on: which of them are in use, and those that still serve
//! what was sealed under them.
//!
//! A side that replaces its keys says so with a *renewal*: the new certificate,
//! signed by the new key and by the old one. It rides without a number, again
//! until the partner has taken it, so that neither gaps nor an expired key keep
//! it from arriving. The first parcel that is sealed for the new certificate
//! shows that it was taken; until then the old keys stay in use. Afterwards they
//! serve what was sealed under them, and go once all of that has arrived: the
//! partner's answer, a numbered message, says what that is.

use serde::{Deserialize, Serialize};

use crate::handshake::Keys;
use crate::ids::{Fingerprint, SyncId};
use crate::message::Parcel;
use crate::scope::Side;
use crate::state::Certificate;
use crate::time::Time;

/// How far the replacement of our keys has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// None is under way.
    #[default]
    None,
    /// New keys are made and the partner is told; the old ones are in use.
    Told {
        /// Since when.
        since: Time,
    },
    /// The partner took them, they are in use; the old ones serve what was
    /// sealed under them.
    Taken {
        /// The number of the partner's answer, once it came: what has a greater
        /// one was sealed for the new keys. 0 where the epoch has changed since.
        answer: Option<u64>,
    },
}

/// Keys beside those in use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Ours, while they are being replaced.
    pub ours: Option<Spare>,
    /// The partner's certificate before the one that is pinned.
    pub theirs: Option<Former>,
}

/// Our other keys: the next ones until the partner took them, then the former.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spare {
    /// Them.
    pub keys: Keys,
    /// Of their certificate.
    pub fingerprint: Fingerprint,
    /// Until when they are valid.
    pub expires: Option<Time>,
    /// What the partner is told.
    #[serde(with = "serde_bytes")]
    pub renewal: Vec<u8>,
}

/// The partner's former certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// It.
    pub certificate: Certificate,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The partner has no use for it any more: what still comes under it is a
    /// late copy, or shows that the partner was restored from a backup.
    pub retired: bool,
}

/// What a renewal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// Which synchronization.
    pub sync: SyncId,
    /// Whose keys are replaced.
    pub side: Side,
    /// The fingerprint of the certificate that is replaced.
    pub replaces: Fingerprint,
    /// The new one.
    pub certificate: Certificate,
    /// When it was made.
    pub created: Time,
}

/// From when to when a certificate's keys are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When the newest of them was made.
    pub created: Time,
    /// When the first of them expires.
    pub expires: Time,
}

/// What an expired key may still say, and an expired partner be told: that keys
/// are replaced or revoked. Nothing else of such a parcel counts.
pub fn survives_expiry(parcel: &Parcel) -> bool {
    parcel.first == 0 && parcel.unnumbered.iter().any(crate::message::Unnumbered::is_about_keys)
}

impl Ring {
    /// The partner's certificate before the pinned one, as long as it may be in
    /// use there.
    pub fn serving(&self) -> Option<&Former> {
        self.theirs.as_ref().filter(|former| !former.retired)
    }
}
