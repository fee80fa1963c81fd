//! How two sides get to know each other: the handshake file out of band, then
//! hello, ping and pong over the channel.

use serde::{Deserialize, Serialize};

use crate::ids::{Epoch, SyncId};
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
    /// The highest protocol version that it speaks: major, minor.
    pub protocol: (u16, u16),
    /// When it was made.
    pub created: Time,
}

/// Where the handshake stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {}
