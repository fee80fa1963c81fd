//! Where a synchronization stands: one record, read at the start of every call.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{Epoch, Fingerprint, PairId, SyncId};
use crate::keys::Turn;
use crate::scope::Side;
use crate::time::Time;

/// A public OpenPGP certificate, binary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Certificate(#[serde(with = "serde_bytes")] pub Vec<u8>);

/// How parcels are sealed. Fixed by the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Signed only.
    Off,
    /// What GnuPG 2.2 opens: v4 keys, SEIPD v1.
    Gnupg,
    /// RFC 9580: v6 keys, SEIPD v2.
    Modern,
    /// RFC 9980 on top of that.
    PostQuantum,
}

/// How parcels travel. Fixed at creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Say themselves.
pub enum ChannelKind {
    Mail,
    Folder,
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mail => "mail",
            Self::Folder => "folder",
        })
    }
}

/// Where a synchronization stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The two sides are getting to know each other.
    Handshake,
    /// Receives, acknowledges and configures, but neither pulls nor applies.
    Stopped,
    /// Works.
    Running,
    /// A rival used the invitation, or a key was revoked.
    Suspended,
    /// The positions disagree; a person confirms the reconciliation.
    RestartRequired,
    /// The partner deleted its side.
    DeletedByPartner,
}

/// Where the connection test over the channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub enum Connection {
    Waiting,
    HelloSent,
    PingSent,
    Passed,
    Refused,
}

/// The partner, pinned by the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its certificate.
    pub certificate: Certificate,
    /// Where it receives, where the channel has addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Of its certificate.
    pub fingerprint: Fingerprint,
    /// Until when its certificate is valid; none where that was never looked
    /// at.
    #[serde(default)]
    pub expires: Option<Time>,
    /// How often it replaced its keys.
    #[serde(default)]
    pub key: u32,
    /// In which epoch we last answered that it did.
    #[serde(default)]
    pub answered: Option<Epoch>,
    /// The protocol version that it last spoke.
    pub protocol: (u16, u16),
    /// Its last sign of life.
    pub seen: Option<Time>,
    /// Whether it said that it works.
    pub running: Option<bool>,
}

/// The one record that says where the synchronization stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The format of all records in this store.
    pub format: u32,
    /// Which synchronization.
    pub sync: SyncId,
    /// Which end we are.
    pub side: Side,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How parcels travel.
    pub channel: ChannelKind,
    /// How parcels are sealed.
    pub profile: Profile,
    /// No issue flows until people have compared the phrase.
    pub strict: bool,
    /// Whether people compared it.
    pub compared: bool,
    /// Where it stands.
    pub status: Status,
    /// Why, in words.
    pub reason: String,
    /// Since when.
    pub since: Time,
    /// Where the connection test stands.
    pub connection: Connection,
    /// Since when.
    pub connection_since: Time,
    /// How far both sides have compared what they know of each pair, where one
    /// of them was restored.
    #[serde(default)]
    pub reunion: Reunion,
    /// Whether people had stopped it before the two sides disagreed: it is
    /// stopped again when they agree.
    #[serde(default)]
    pub halted: bool,
    /// The highest counter of an epoch that we ever heard of.
    #[serde(default)]
    pub heard_epoch: u64,
    /// Of our certificate, of the keys in use.
    pub fingerprint: Fingerprint,
    /// Until when it is valid; none where that was never looked at.
    #[serde(default)]
    pub expires: Option<Time>,
    /// How often our keys were replaced.
    #[serde(default)]
    pub key: u32,
    /// How far their replacement has come.
    #[serde(default)]
    pub turn: Turn,
    /// When the handshake file was made that this side goes by.
    #[serde(default)]
    pub invited: Time,
    /// Whose key was revoked.
    #[serde(default)]
    pub revoked: Option<Revoked>,
    /// The partner; the secondary knows it from the file, the primary from the
    /// first valid hello.
    pub partner: Option<Partner>,
}

/// A key that its owner took back: nothing is sealed or taken under it any
/// more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Revoked {
    /// Ours.
    Ours,
    /// The partner's.
    Theirs,
}

/// Where two sides stand that go on after a restore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reunion {
    /// They were not apart, or are done.
    #[default]
    None,
    /// The secondary's people agreed; the primary's new epoch is awaited.
    Agreed,
    /// A new epoch began; standings are told, after that pair.
    Telling(Option<PairId>),
    /// All of ours are told; the partner's are awaited.
    Told,
}

/// The format of records that this build writes.
pub const FORMAT: u32 = 2;

/// The format that a record of any version says; none where it says none.
pub(crate) fn format_of(record: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Formatted {
        format: u32,
    }
    rmp_serde::from_slice::<Formatted>(record).ok().map(|formatted| formatted.format)
}

impl State {
    /// Changes the status, with the reason in words, and since when.
    pub fn stand(&mut self, status: Status, reason: impl Into<String>, now: Time) {
        if self.status != status {
            self.since = now;
            if status == Status::RestartRequired {
                self.halted = self.status == Status::Stopped;
            }
        }
        self.status = status;
        self.reason = reason.into();
    }

    /// Running, or stopped by a person.
    pub fn stand_as(&mut self, running: bool, now: Time) {
        if running {
            self.stand(Status::Running, "Running.", now);
        } else {
            self.stand(
                Status::Stopped,
                "Stopped by a person. Changes and the partner's parcels wait; start goes on.",
                now,
            );
        }
    }

    /// Moves the connection test on.
    pub fn connect(&mut self, connection: Connection, now: Time) {
        if self.connection != connection {
            self.connection = connection;
            self.connection_since = now;
        }
    }

    /// Whether issues are pulled and applied.
    pub fn works(&self) -> bool {
        self.status == Status::Running && (self.compared || !self.strict) && self.reunion == Reunion::None
    }

    /// Where what is for the partner goes, where the channel has addresses.
    pub fn recipient(&self) -> Option<&str> {
        self.partner.as_ref()?.address.as_deref()
    }

    /// Whether parcels may be sealed for the partner.
    pub fn connected(&self) -> bool {
        self.partner.is_some() && self.connection == Connection::Passed
    }
}
