//! Delivery: at least once below, exactly once above.
//!
//! Numbered messages wait in the outbox until the partner's position covers
//! them. They travel in parcels that are sealed again, byte by byte alike,
//! rather than kept. What comes is kept as exact ranges, so that loss,
//! repetition and reordering do no harm.

pub(crate) mod acknowledge;
pub(crate) mod outbox;
mod overview;
pub mod position;
pub mod ranges;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;
pub mod token;
pub(crate) mod transfer;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
pub(crate) mod trial;

pub use outbox::{AppendFault, Outbox};
pub use overview::{Flow, flows, quarantine, quarantined, reopen};
pub use transfer::{Transfer, arrived, broken, release};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::handshake::Seed;
use crate::ids::{BlobName, Chain, Digest, Epoch, ParcelName};
use crate::message::{PROTOCOL, Position, Unnumbered};
use crate::time::Time;
use ranges::Span;

/// Where our stream of numbered messages stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// The epoch of the numbers.
    pub epoch: Epoch,
    /// The last number given to a message.
    pub appended: u64,
    /// The last number that was sealed into a parcel.
    pub sealed: u64,
    /// The chain after `sealed`.
    pub chain: Chain,
    /// What the partner has, by its newest position.
    pub acknowledged: Vec<(u64, u64)>,
    /// The chain at the end of the first of them where that begins at 1.
    pub acknowledged_chain: Chain,
    /// The counter of the partner's newest position.
    pub heard: u64,
    /// How many parcels were made: the key of the last in `PARCELS`.
    pub made: u64,
    /// Parcels up to this key are known to have reached the channel once.
    pub put: u64,
    /// When the last parcel was made.
    pub last_parcel: Option<Time>,
    /// When what lies on the channel was last compared with what should.
    pub swept: Time,
}

/// Where the partner's stream stands here, and what we said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// The epoch of the numbers.
    pub epoch: Epoch,
    /// What was received, ascending, not touching.
    pub spans: Vec<Span>,
    /// The counter of the last position that we made.
    pub counter: u64,
    /// When we made it.
    pub positioned: Option<Time>,
    /// Since when something numbered came that no position of ours answers.
    pub unanswered: Option<Time>,
    /// When the last parcel came.
    pub last_parcel: Option<Time>,
    /// The parcels that were refused last, as positions name them.
    pub quarantined: Vec<Digest>,
}

/// A numbered message that waits for acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutboxRow {
    /// As `Wire::encode` made it.
    Message(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A piece of a blob; it becomes a message when it is sealed.
    Piece(Piece),
}

/// A piece of a blob that waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Which blob.
    pub blob: BlobName,
    /// The SHA-256 of the whole content.
    pub digest: Digest,
    /// Where the piece begins, in bytes.
    pub offset: u64,
    /// Its length, in bytes.
    pub length: u32,
    /// The length of the whole content, in bytes.
    pub total: u64,
}

/// A numbered message received and not settled yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxRow {
    /// As it came.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// When it came.
    pub since: Time,
}

/// How much is kept of what isn't understood, and which version of the protocol looked at it last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// How many messages.
    pub messages: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// The version that didn't understand them.
    pub protocol: (u16, u16),
}

impl Kept {
    /// Nothing yet.
    pub const NOTHING: Self = Self { messages: 0, bytes: 0, protocol: PROTOCOL };
}

/// A parcel that may have to be sent again. Its sealed bytes are not kept:
/// sealing with the same seed gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentParcel {
    /// The number of its first message; 0 without one.
    pub first: u64,
    /// The number of its last message; 0 without one.
    pub last: u64,
    /// The chain before its first message.
    pub before: Chain,
    /// The chain after its last message.
    pub after: Chain,
    /// What rides in it without a number.
    pub unnumbered: Vec<Unnumbered>,
    /// The position that rides in it.
    pub position: Option<Position>,
    /// When it was sealed first.
    pub created: Time,
    /// What its randomness comes from.
    pub seed: Seed,
    /// By which of our keys it is signed: how often they had been replaced.
    #[serde(default)]
    pub ours: u32,
    /// For which of the partner's keys it is sealed.
    #[serde(default)]
    pub theirs: u32,
    /// Its name on the channel.
    pub name: ParcelName,
    /// The digest of its sealed bytes.
    pub digest: Digest,
    /// The length of its sealed bytes.
    pub size: u64,
    /// How often it was sent again.
    pub attempts: u32,
    /// When it was last sent.
    pub sent: Time,
    /// When it is looked after again.
    pub due: Time,
    /// How many pieces of which blobs are in it.
    pub blobs: BTreeMap<BlobName, u64>,
    /// The partner has all of it; the row is kept for its place in the chain
    /// until everything before it is there too.
    pub covered: bool,
    /// The partner refused these bytes: the messages are to be sealed anew.
    pub refused: bool,
}

impl SentParcel {
    /// Whether numbered messages in it wait for acknowledgement.
    pub fn waits(&self) -> bool {
        self.first > 0 && !self.covered
    }

    /// Whether it asks the primary for a new epoch.
    pub fn asks_restart(&self) -> bool {
        self.unnumbered.iter().any(|message| matches!(message, Unnumbered::Restart { .. }))
    }

    /// Whether it says that keys are replaced.
    pub fn renews(&self) -> bool {
        self.unnumbered.iter().any(|message| matches!(message, Unnumbered::Renewal { .. }))
    }

    /// Whether it says that keys are revoked.
    pub fn revokes(&self) -> bool {
        self.unnumbered.iter().any(|message| matches!(message, Unnumbered::Revoked { .. }))
    }

    /// Whether a ping rides in it.
    pub fn pings(&self) -> bool {
        self.unnumbered.iter().any(|message| matches!(message, Unnumbered::Ping { .. }))
    }
}

/// A parcel that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The name it came under.
    pub name: ParcelName,
    /// Why it was refused, for people.
    pub reason: String,
    /// Since when.
    pub since: Time,
    /// The version of the engine that refused it.
    pub engine: String,
    /// Its bytes were not those that its name tells: the right ones may still
    /// come under the same name.
    pub garbled: bool,
}
