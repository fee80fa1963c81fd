//! How two sides get to know each other: the handshake file out of band, then
//! hello, ping and pong over the channel.

mod answer;
mod greet;
mod phrase;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use answer::answer;
pub use answer::{Answer, judge};
pub(crate) use greet::{CONNECTED, CONNECTED_AGAIN, refusal};
pub use greet::{GreetReport, step};
pub use phrase::{Phrase, phrase};

use serde::{Deserialize, Serialize};

use crate::ids::{Digest, Epoch, ParcelName, SyncId};
use crate::message::RefusalReason;
use crate::state::{Certificate, ChannelKind, Profile};
use crate::time::Time;

/// Our secret keys and the certificate that goes with them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// An OpenPGP transferable secret key, binary. Never shown, never logged.
    #[serde(with = "serde_bytes")]
    pub secret: Vec<u8>,
    /// Its public part.
    pub certificate: Certificate,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// The invitation's one-time secret, 256 random bits. It is in the handshake
/// file and never travels over the channel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(#[serde(with = "serde_bytes")] pub [u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a handshake file is encrypted with, as a person chose it.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(pub String);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What the randomness of something sealed comes from, its session key as well:
/// whoever has it can read what was sealed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(#[serde(with = "serde_bytes")] pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// What a handshake file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The file's format.
    pub format: u32,
    /// The synchronization that it establishes.
    pub sync: SyncId,
    /// Its name at the primary.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How parcels travel.
    pub channel: ChannelKind,
    /// What the partner should know of the channel, in words.
    pub channel_hint: String,
    /// Where the primary receives, where the channel has addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How parcels are sealed.
    pub profile: Profile,
    /// No issue flows until people have compared the phrase.
    pub strict: bool,
    /// The primary's certificate.
    pub certificate: Certificate,
    /// Proves to the primary that a hello's maker holds this file.
    pub secret: Secret,
    /// The epoch of the first message numbers.
    pub epoch: Epoch,
    /// When it was made.
    pub created: Time,
    /// Until when it is valid.
    pub expires: Time,
    /// It is for a synchronization that was there before: each side tells first
    /// how issues stand with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// The highest protocol version that its maker speaks: major, minor.
    pub protocol: (u16, u16),
}

/// The format of handshake files that this build writes.
pub const INVITATION_FORMAT: u32 = 1;

/// The secondary's first word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Which synchronization.
    pub sync: SyncId,
    /// The secondary's certificate.
    pub certificate: Certificate,
    /// Where it receives, where the channel has addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The highest protocol version that it speaks: major, minor.
    pub protocol: (u16, u16),
    /// When it was made.
    pub created: Time,
}

/// Where the handshake stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The invitation's secret, until nobody can come with it any more.
    pub secret: Option<Secret>,
    /// Until when the invitation is valid.
    pub expires: Time,
    /// The secondary's: its hello, until the primary has answered it.
    pub hello: Option<SentHello>,
    /// The primary's: the digest of the hello that it took.
    pub greeted: Option<Digest>,
    /// What the ping holds: the primary chose it, the secondary answers it.
    pub nonce: Option<[u8; 16]>,
    /// The secondary's: the ping came and its answer may not have arrived, so
    /// that each parcel carries the pong.
    pub answering: bool,
    /// Something of the handshake is to leave at once: ping, or pong.
    pub urgent: bool,
    /// The primary's: hellos to be refused.
    pub refusals: Vec<PendingRefusal>,
    /// The primary's: refusals on the channel.
    pub refused: Vec<ParcelName>,
}

impl Greeting {
    /// At the beginning, from an invitation; with the secondary's hello.
    pub fn new(from: &Invitation, hello: Option<SentHello>) -> Self {
        Self {
            secret: Some(from.secret.clone()),
            expires: from.expires,
            hello,
            greeted: None,
            nonce: None,
            answering: false,
            urgent: false,
            refusals: Vec::new(),
            refused: Vec::new(),
        }
    }
}

/// A hello on its way. Sealing with the same seed gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentHello {
    /// When it was made.
    pub created: Time,
    /// The address that it tells, kept: other bytes would want another seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What its randomness comes from.
    pub seed: Seed,
    /// How often it was put on the channel.
    pub attempts: u32,
    /// When it is looked after again.
    pub due: Time,
    /// Its name on the channel, once it was sealed.
    pub name: Option<ParcelName>,
}

/// A hello that is refused, until the refusal is on the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRefusal {
    /// Whose.
    pub certificate: Certificate,
    /// Where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Why.
    pub reason: RefusalReason,
}
