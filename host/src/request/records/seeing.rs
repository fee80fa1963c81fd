//! What a person looks at: configurations, faults, pairs, plans, parcels.

use serde::{Deserialize, Serialize};

use crate::settings::Side;

/// How bad a problem of a configuration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It works, and may surprise.
    Warning,
    /// It doesn't work.
    Error,
}

/// Where in a configuration's text, what is wrong, what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The line, from 1; 0 where it concerns all of it.
    pub line: u32,
    /// The column in characters, from 1; 0 where it concerns the line.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// What became of a configuration that was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Its version, where it was taken.
    pub version: Option<u32>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// What a person can do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Try again.
    Retry,
    /// Leave it as it is, for good.
    Skip,
    /// Create the issue anew, though it was created once.
    Recreate,
}

/// Something that could not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Names it.
    pub id: String,
    /// The kind of fault: `refused`, `unreadable`, `unmapped`, `too-large`, …
    pub kind: String,
    /// The issue's key here, or at the partner where it has none here.
    pub issue: String,
    /// The field, comment or attachment; `issue` for all of it.
    pub part: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// Since when.
    pub since: String,
    /// Whether it is at the partner.
    pub partner: bool,
    /// What clears it.
    pub actions: Vec<Action>,
}

/// A local issue and its counterpart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The pair's id.
    pub pair: String,
    /// The issue's key here, once it has one.
    pub key: Option<String>,
    /// Its key at the partner, once we know it.
    pub partner_key: Option<String>,
    /// Where people look at it at the partner.
    pub partner_url: Option<String>,
    /// Which side it comes from.
    pub origin: Side,
    /// The version of the agreed view.
    pub version: u64,
    /// In words: in step, waiting for the partner, to be applied, departed.
    pub standing: String,
    /// Open faults of it here.
    pub faults: u32,
}

/// Which way something would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the partner to our tracker.
    Incoming,
    /// From our tracker to the partner.
    Outgoing,
}

/// One value that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPart {
    /// The field, comment or attachment, by its name here for incoming and by
    /// its alias for outgoing.
    pub name: String,
    /// What it is now; empty where there is nothing.
    pub before: String,
    /// What it would be.
    pub after: String,
}

/// One issue that would be written here, or would leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Which way.
    pub direction: Direction,
    /// The issue's key; for a new one, at the partner.
    pub key: String,
    /// `create`, `update`, `delete`.
    pub action: String,
    /// What would change.
    pub parts: Vec<PlannedPart>,
    /// For outgoing: the message as it would leave, byte by byte; Base64.
    #[serde(with = "base64_text")]
    pub message: Vec<u8>,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The first of them.
    pub entries: Vec<Planned>,
    /// Whether there is more than was asked for.
    pub more: bool,
}

/// A parcel in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The digest of its sealed bytes.
    pub digest: String,
    /// The name it came under.
    pub name: String,
    /// Why it was refused.
    pub reason: String,
    /// Since when.
    pub since: String,
    /// The version of the engine that refused it.
    pub engine: String,
}

/// Bytes as Base64 in JSON.
pub(super) mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
