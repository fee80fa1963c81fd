//! Parcels, and what rides in them without a number.

use serde::{Deserialize, Serialize};

use crate::ids::{Chain, Digest, Epoch, Fingerprint, SyncId};
use crate::scope::Side;
use crate::time::Time;

/// How far a side has received, as it says with every parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Raised with every position made; a lower one is a late copy.
    pub counter: u64,
    /// The epoch that the ranges speak of.
    pub epoch: Epoch,
    /// Received numbers, as inclusive ranges, ascending, not touching.
    pub ranges: Vec<(u64, u64)>,
    /// The hash chain at the end of the first range where that begins at 1.
    pub chain: Chain,
    /// The digests of sealed parcels in quarantine, so that the sender seals
    /// what was in them anew.
    #[serde(default)]
    pub quarantined: Vec<Digest>,
}

/// An unnumbered message that rides in a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unnumbered {
    /// The primary answers a hello.
    Ping {
        /// The digest of the hello's sealed bytes.
        hello: Digest,
        /// To be sent back.
        #[serde(with = "serde_bytes")]
        nonce: [u8; 16],
    },
    /// The secondary answers a ping.
    Pong {
        /// The ping's.
        #[serde(with = "serde_bytes")]
        nonce: [u8; 16],
    },
    /// The secondary's people agreed to go on after a restore: the primary
    /// begins a new epoch once its people have agreed too.
    Restart {
        /// The counter of the epoch that can't go on.
        counter: u64,
    },
    /// The sender replaces its keys.
    Renewal {
        /// As `Wire::write_renewal` made it.
        #[serde(with = "serde_bytes")]
        renewal: Vec<u8>,
    },
    /// The sender's people revoked its keys: nothing more comes under them, and
    /// nothing that still does is to be believed.
    Revoked {
        /// The fingerprint of the certificate.
        certificate: Fingerprint,
    },
    /// The primary refuses a hello whose maker holds the invitation.
    Refusal {
        /// Why.
        reason: RefusalReason,
    },
}

impl Unnumbered {
    /// Whether it says that keys are replaced or revoked.
    pub fn is_about_keys(&self) -> bool {
        matches!(self, Self::Renewal { .. } | Self::Revoked { .. })
    }
}

/// Why a hello is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalReason {
    /// The invitation is too old.
    Expired,
    /// Somebody else used the invitation first.
    Used,
    /// The versions of the protocol don't go together.
    Version,
}

/// What lies inside a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which synchronization.
    pub sync: SyncId,
    /// The side that sends it.
    pub sender: Side,
    /// The sender's certificate.
    pub from: Fingerprint,
    /// The receiver's certificate.
    pub to: Fingerprint,
    /// The epoch of the numbers.
    pub epoch: Epoch,
    /// The number of the first message; the others follow without a gap. 0
    /// where there is none.
    pub first: u64,
    /// The chain over all messages of the epoch before the first.
    pub chain: Chain,
    /// The numbered messages, as `Wire::encode` made them.
    pub messages: Vec<Vec<u8>>,
    /// Unnumbered ones.
    pub unnumbered: Vec<Unnumbered>,
    /// How far the sender has received; none before the handshake is done.
    pub position: Option<Position>,
    /// When it was sealed.
    pub created: Time,
    /// The protocol version that the sender speaks: major, minor.
    pub protocol: (u16, u16),
}

/// The protocol version that this build speaks: major, minor.
pub const PROTOCOL: (u16, u16) = (1, 0);
