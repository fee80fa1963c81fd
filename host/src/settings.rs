//! `ferry.toml`: what connects. Trackers with their grants, synchronizations
//! with their channels, intervals and limits; never a secret, and nothing of
//! what an issue means.

mod file;
mod mail;
mod name;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use file::{SettingsError, SettingsFile};
pub use mail::{KEPT, MAIL_POLLING_SECONDS, Mail, OAuth};
pub use name::{Name, NotAName};

/// Everything in `ferry.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the file means; it says so from the second format on.
    #[serde(default = "first_format")]
    pub format: u32,
    /// The trackers, by name.
    #[serde(default)]
    pub trackers: BTreeMap<Name, Tracker>,
    /// The synchronizations, by name.
    #[serde(default)]
    pub synchronizations: BTreeMap<Name, Synchronization>,
}

/// The format of `ferry.toml` that this version knows.
pub const FORMAT: u32 = 1;

fn first_format() -> u32 {
    1
}

impl Default for Settings {
    fn default() -> Self {
        Self { format: FORMAT, trackers: BTreeMap::new(), synchronizations: BTreeMap::new() }
    }
}

/// A tracker, and what its adapter is granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracker {
    /// A shipped adapter's name, or the path of a component.
    pub adapter: String,
    /// The SHA-256 of the adapter, in hexadecimal: it runs only while it is
    /// the one that was added.
    pub digest: String,
    /// The folder that the adapter may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// The origins that its operator named, in a private network, too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub origins: BTreeSet<String>,
    /// The origins on the internet that it asked for, and its operator agreed to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub asked_origins: BTreeSet<String>,
    /// Certificates whose word its origins' need; the platform's where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Where the secrets are to be had that are filled in for it: a reference, or
    /// [`KEPT`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<Name, String>,
    /// What the adapter finds under its settings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// Which end of a synchronization this home is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// It created the synchronization and owns its scope.
    Primary,
    /// It joined from the handshake file.
    Secondary,
}

/// How parcels travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// By mail.
    Mail,
    /// Through a shared folder.
    Folder,
}

/// A synchronization, as far as it concerns what connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synchronization {
    /// Its id, 32 hexadecimal digits: the same at the partner.
    pub id: String,
    /// Which end this is.
    pub side: Side,
    /// Its folder below `sync/` in the home.
    pub directory: String,
    /// The tracker, by its name.
    pub tracker: Name,
    /// The tracker's project. Never changed.
    pub project: String,
    /// The account in whose name incoming changes are written. Never changed.
    pub user: String,
    /// How parcels travel. Never changed.
    pub channel: Channel,
    /// The exchange directory, where parcels travel through a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<PathBuf>,
    /// The partner's exchange directory, where `RECEIVE` is a link into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PathBuf>,
    /// How often everything is looked at, in seconds, though nothing called.
    #[serde(default = "default_polling", skip_serializing_if = "is_default_polling")]
    pub polling_seconds: u32,
    /// How long a half-written file must stand still before it is judged, in
    /// seconds.
    #[serde(default = "default_settle", skip_serializing_if = "is_default_settle")]
    pub settle_seconds: u32,
    /// The mail servers, where parcels travel by mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Mail>,
}

/// Where nothing announces a change (a network share), it is found this late.
pub const POLLING_SECONDS: u32 = 15;

/// What slow couriers are given to finish a file.
pub const SETTLE_SECONDS: u32 = 10;

fn default_polling() -> u32 {
    POLLING_SECONDS
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference.
fn is_default_polling(seconds: &u32) -> bool {
    *seconds == POLLING_SECONDS
}

fn default_settle() -> u32 {
    SETTLE_SECONDS
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference.
fn is_default_settle(seconds: &u32) -> bool {
    *seconds == SETTLE_SECONDS
}
