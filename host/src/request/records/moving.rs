//! What is set up and run: trackers, channels, handshake files, rounds of
//! work.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Encryption, MailWay};
use crate::secret::Secret;
use crate::settings::{Channel, Name};

/// A tracker of this home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerInfo {
    /// What it is called in this home.
    pub name: String,
    /// A shipped adapter's name, or the path of a component.
    pub adapter: String,
    /// The SHA-256 of the adapter that was agreed to.
    pub digest: String,
    /// The folder that the adapter may use.
    pub folder: Option<String>,
    /// The origins that it may ask.
    pub origins: BTreeSet<String>,
    /// The names of the secrets that are filled in for it.
    pub secrets: BTreeSet<Name>,
    /// Its settings.
    pub settings: BTreeMap<String, String>,
    /// The synchronizations that use it.
    pub synchronizations: Vec<String>,
}

/// What a tracker says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerIdentity {
    /// What it is called in this home.
    pub name: String,
    /// The product's name.
    pub product: String,
    /// The product's version.
    pub version: String,
    /// Names this very tracker.
    pub instance: String,
    /// The account that it is used by, as the tracker knows it.
    pub account: String,
    /// What it can do.
    pub abilities: Vec<String>,
    /// The largest attachment it takes, in bytes.
    pub max_attachment_bytes: Option<u64>,
}

/// One field of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaField {
    /// Its name, as a configuration names it.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it holds: `text`, `choice`, `users`, …
    pub kind: String,
    /// Whether an issue can't be created without it.
    pub required: bool,
    /// Whether the synchronization user may write it.
    pub writable: bool,
    /// The labels of its options; empty for open sets.
    pub options: Vec<String>,
}

/// One permitted step of the workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaTransition {
    /// What people call it.
    pub name: String,
    /// The status it leads from.
    pub source: String,
    /// The status it leads to.
    pub target: String,
    /// Fields that must be given with it.
    pub required: Vec<String>,
}

/// One issue type of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaType {
    /// Its name.
    pub name: String,
    /// Its fields.
    pub fields: Vec<SchemaField>,
    /// Its statuses; a new issue has the first.
    pub statuses: Vec<String>,
    /// Its workflow; empty where every status can be reached from every other.
    pub transitions: Vec<SchemaTransition>,
}

/// What a project's issues look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Its issue types.
    pub types: Vec<SchemaType>,
    /// Its kinds of link.
    pub link_kinds: Vec<String>,
    /// False where the account may not see all of it.
    pub complete: bool,
}

/// What a handshake file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// The synchronization's id, 32 digits.
    pub id: String,
    /// Its name at the primary.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How parcels travel.
    pub channel: Channel,
    /// What the partner should know of the channel.
    pub channel_hint: String,
    /// How parcels are sealed.
    pub encryption: Encryption,
    /// No issue flows until people have compared the phrase.
    pub strict: bool,
    /// The fingerprint of the primary's certificate.
    pub fingerprint: String,
    /// When it was made.
    pub created: String,
    /// Until when it is valid.
    pub expires: String,
    /// Whether that time is past.
    pub expired: bool,
    /// Whether it is for a synchronization that was there before.
    pub again: bool,
    /// The highest protocol version that its maker speaks, as `1.0`.
    pub protocol: String,
    /// What speaks against joining with it in this home.
    pub refused: Option<String>,
}

/// A synchronization that was created or joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// What it is called in this home.
    pub name: String,
    /// Its id, 32 digits.
    pub id: String,
    /// The fingerprint of this side's certificate.
    pub fingerprint: String,
    /// The exchange directory, where parcels travel through a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// Where in it what leaves appears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// Where in it what comes is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receive: Option<String>,
    /// Where `receive` leads, where it is a link.
    pub receive_target: Option<String>,
    /// The mail servers, where parcels travel by mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailWay>,
    /// The primary's: the handshake file's text. Whoever holds it can join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<Secret>,
    /// The secondary's: what the handshake file said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Handshake>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at.
    pub subject: String,
    /// Whether it is as it should be.
    pub good: bool,
    /// What was found; where it isn't good, what to do.
    pub message: String,
    /// Whether the trouble passes by itself.
    pub passing: bool,
}

/// What a run until nothing was left did for one synchronization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// What it is called in this home.
    pub name: String,
    /// Ticks that it took.
    pub ticks: u64,
    /// Numbered messages that came.
    pub received: u64,
    /// Effects carried out on the tracker.
    pub applied: u64,
    /// Numbered messages that left for the first time.
    pub sent: u64,
    /// Parcels that left.
    pub parcels: u64,
    /// Faults open here.
    pub faults: u32,
    /// Why the channel or the tracker could not be reached, where it couldn't.
    pub trouble: Option<String>,
    /// Whether that trouble passes by itself.
    pub passing: bool,
    /// Something is parked and wants a person.
    pub wants_person: bool,
    /// What to do next, in words with a command.
    pub next: Option<String>,
}
