//! What can be asked of the owner of a home. Paths are absolute: the owner may
//! work in another directory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Action, Direction, Encryption};
use crate::secret::Secret;
use crate::settings::{Channel, Name};

/// A tracker to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTracker {
    /// What it shall be called.
    pub name: Name,
    /// A shipped adapter's name, or the path of a component.
    pub adapter: String,
    /// The folder that the adapter may use.
    pub folder: Option<PathBuf>,
    /// The origins that it may ask: `https://HOST` or `https://HOST:PORT`.
    pub origins: BTreeSet<String>,
    /// Whether it may ask the origins, too, that it asks for itself.
    pub agreed: bool,
    /// Certificates whose word its origins' need.
    pub ca: Option<PathBuf>,
    /// Secrets that are filled in for it, by its names.
    pub secrets: BTreeMap<Name, Password>,
    /// What it finds under its settings.
    pub settings: BTreeMap<String, String>,
}

/// How parcels travel; what isn't given stays, or is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelOptions {
    /// Through a folder.
    pub folder: FolderOptions,
    /// By mail.
    pub mail: MailOptions,
    /// How often everything is looked at, in seconds.
    pub polling_seconds: Option<u32>,
}

/// How the mail channel of a synchronization is laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailOptions {
    /// Our address.
    pub address: Option<String>,
    /// The partner's address, where it isn't the one that their Ferry told first.
    pub partner: Option<String>,
    /// The mailbox, as [`crate::settings::Mail::receive`] has it.
    pub receive: Option<String>,
    /// Its password.
    pub receive_password: Option<Password>,
    /// The submission server, as [`crate::settings::Mail::send`] has it.
    pub send: Option<String>,
    /// Its password.
    pub send_password: Option<Password>,
    /// Whether user and password of the mailbox are good for sending.
    pub copy_credentials: bool,
    /// Certificates whose word the servers' need; the platform's where it is empty.
    pub ca: Option<PathBuf>,
    /// The servers' key, by which they are known instead.
    pub pin: Option<String>,
    /// What somebody agreed to.
    pub oauth: Option<Box<NewGrant>>,
    /// The folder that mails are moved to once they are taken; deleted where it is
    /// empty.
    pub processed: Option<String>,
    /// The folder that refused mails are moved to.
    pub rejected: Option<String>,
    /// The folder in which copies of sent mails are deleted; none where it is empty.
    pub sent: Option<String>,
}

/// Where a password is to be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// There, each time: `env:NAME`, `file:PATH`, `command:WORDS`.
    At(String),
    /// Here; the home keeps it.
    Kept(Secret),
}

/// What somebody agreed to, by OAuth 2.0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGrant {
    /// As [`crate::settings::OAuth::provider`] has it.
    pub provider: String,
    /// The client's id there.
    pub client: String,
    /// Where the client's secret is to be had.
    pub secret: Option<String>,
    /// What [`crate::mail::consent`] answered.
    pub grant: Secret,
}

/// How the folder channel of a synchronization is laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderOptions {
    /// The exchange directory; below the home where none is given.
    pub exchange: Option<PathBuf>,
    /// The partner's exchange directory: `RECEIVE` becomes a link to its
    /// `SEND`.
    pub peer: Option<PathBuf>,
    /// How long a half-written file must stand still, in seconds.
    pub settle_seconds: Option<u32>,
}

/// What both ways to begin a synchronization need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    /// What it shall be called in this home.
    pub name: Name,
    /// The tracker, by its name.
    pub tracker: Name,
    /// The tracker's project.
    pub project: String,
    /// The account in whose name incoming changes are written.
    pub user: String,
    /// How parcels travel.
    pub channel: ChannelOptions,
}

/// A synchronization to create as its primary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSynchronization {
    /// What it connects.
    pub ends: Ends,
    /// How parcels travel.
    pub channel: Channel,
    /// How parcels are sealed.
    pub encryption: Encryption,
    /// What it is for, in a sentence; the partner sees it.
    pub description: String,
    /// No issue flows until people have compared the phrase.
    pub strict: bool,
    /// Encrypts the handshake file.
    pub passphrase: Option<Secret>,
    /// How long the handshake file is valid, in hours.
    pub valid_hours: u32,
}

/// A handshake file, with what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandshakeFile {
    /// Its text: whoever holds it can join.
    pub text: Secret,
    /// What it was encrypted with.
    pub passphrase: Option<Secret>,
}

/// What changes in a synchronization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Another name in this home.
    pub rename: Option<Name>,
    /// What it is for.
    pub description: Option<String>,
    /// How parcels travel; what isn't given stays.
    pub channel: ChannelOptions,
}

/// One way of the mail channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What comes.
    Receive,
    /// What leaves.
    Send,
}

/// Which faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Those of these ids.
    Ids(Vec<String>),
    /// All of a kind.
    Kind(String),
}

/// What is asked. Each says what answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Adds a tracker: [`super::Answer::Tracker`].
    TrackerAdd(NewTracker),
    /// All trackers: [`super::Answer::Trackers`].
    TrackerList,
    /// Asks a tracker what it is, and accepts its adapter as it is now where
    /// that is asked for: [`super::Answer::Identity`].
    TrackerCheck {
        /// Which.
        name: Name,
        /// For which project; where none is given, for one that is synchronized.
        project: Option<String>,
        /// Whether a changed adapter is agreed to.
        accept: bool,
    },
    /// What a project's issues look like: [`super::Answer::Schema`].
    TrackerSchema {
        /// Which tracker.
        name: Name,
        /// Which project.
        project: String,
    },
    /// Forgets a tracker that no synchronization uses: [`super::Answer::Done`].
    TrackerRemove(Name),
    /// Creates a synchronization: [`super::Answer::Created`].
    SyncCreate(Box<NewSynchronization>),
    /// Joins a synchronization: [`super::Answer::Created`].
    SyncJoin(Box<Ends>, HandshakeFile),
    /// Makes a new handshake file for a synchronization that is there:
    /// [`super::Answer::Secret`], the file.
    SyncInvite {
        /// Which.
        name: Name,
        /// Encrypts the handshake file.
        passphrase: Option<Secret>,
        /// How long it is valid, in hours.
        valid_hours: u32,
    },
    /// Joins with a new handshake file for a synchronization that is there:
    /// [`super::Answer::Standings`] of the one.
    SyncRejoin(Name, HandshakeFile),
    /// What a handshake file says: [`super::Answer::Handshake`].
    HandshakeShow(HandshakeFile),
    /// Tries channel and tracker, or the part of the channel that is named:
    /// [`super::Answer::Checks`].
    SyncTest(Name, Option<Part>),
    /// All synchronizations, or one with its faults by kind:
    /// [`super::Answer::Standings`].
    SyncStatus(Option<Name>),
    /// Begins, or goes on: [`super::Answer::Standings`] of the one.
    SyncStart(Name),
    /// Pauses: [`super::Answer::Standings`] of the one.
    SyncStop(Name),
    /// Tells the partner and forgets the synchronization, or forgets it though
    /// the partner can't be told: [`super::Answer::Deleted`].
    SyncDelete {
        /// Which.
        name: Name,
        /// Whether it is forgotten though the partner can't be told.
        untold: bool,
    },
    /// People compared the phrase: [`super::Answer::Standings`] of the one.
    SyncCompared(Name),
    /// People agreed to go on after a restore: [`super::Answer::Standings`] of
    /// the one.
    SyncReconcile(Name),
    /// What was held back may go on: [`super::Answer::Count`].
    SyncRelease(Name),
    /// Changes what may be changed: [`super::Answer::Standings`] of the one.
    SyncEdit(Name, Box<Edit>),
    /// The keys of both sides: [`super::Answer::Keys`].
    Keys(Name),
    /// Our certificate in OpenPGP's armour: [`super::Answer::Text`].
    KeyExport(Name),
    /// Our secret keys in OpenPGP's armour: [`super::Answer::Secret`].
    KeyExportSecret(Name),
    /// Replaces our keys: [`super::Answer::Keys`].
    KeyRotate(Name),
    /// Revokes our keys: [`super::Answer::Standings`] of the one.
    KeyRevoke(Name),
    /// A configuration that is good as it is: [`super::Answer::Text`].
    ConfigExample(Name),
    /// The configuration in force, or the draft: [`super::Answer::Text`].
    ConfigShow {
        /// Which synchronization.
        name: Name,
        /// The draft.
        draft: bool,
    },
    /// What is wrong with a configuration: [`super::Answer::Verdict`].
    ConfigCheck(Name, String),
    /// Keeps a configuration for later: [`super::Answer::Verdict`].
    ConfigDraft(Name, String),
    /// Publishes a configuration, or the draft: [`super::Answer::Verdict`].
    ConfigPublish(Name, Option<String>),
    /// Answers the published one with a configuration, or with the draft:
    /// [`super::Answer::Verdict`].
    ConfigAdopt(Name, Option<String>),
    /// What would happen: [`super::Answer::Plan`].
    Preview {
        /// Which synchronization.
        name: Name,
        /// Which way; both where none is given.
        which: Option<Direction>,
        /// At most so many issues.
        limit: u32,
    },
    /// All pairs: [`super::Answer::Pairs`].
    Pairs(Name),
    /// The pair of an issue by its key on either side, with its open faults:
    /// [`super::Answer::Pair`].
    Pair(Name, String),
    /// Open faults of both sides: [`super::Answer::Faults`].
    Faults(Name),
    /// Clears faults: [`super::Answer::Count`].
    Clear(Name, Selection, Action),
    /// Parcels in quarantine: [`super::Answer::Parcels`].
    Parcels(Name),
    /// Looks at parcels again; at all of them where no digest is given:
    /// [`super::Answer::Count`].
    Reopen(Name, Vec<String>),
    /// Works until nothing is left; on all where no name is given:
    /// [`super::Answer::Rounds`].
    Finish(Vec<Name>),
    /// Looks at everything, changing nothing: [`super::Answer::Checks`].
    Doctor,
}
