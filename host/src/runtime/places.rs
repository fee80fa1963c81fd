//! Where a synchronization and a tracker live on this machine: what the host
//! chose before a component is asked anything.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

pub use ferry_http::Grants as HttpGrants;

use crate::digest::Digest;
use crate::mail::MailPlace;
use crate::secret::SecretReference;

/// A tracker: its adapter and what the operator granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerPlace {
    /// What its operator calls it.
    pub name: String,
    /// The adapter: a name on the search path (`local` is the file
    /// `local.adapter.wasm`), or the path of a component, which has a `/` or
    /// ends in `.wasm`.
    pub component: String,
    /// The adapter's digest as it was agreed to; another is refused.
    pub digest: Option<Digest>,
    /// Its own folder in the home: `store.db`. Made where it isn't there.
    pub dir: PathBuf,
    /// Its settings. `project`, `user` and `synchronization` are
    /// added by who opens it.
    pub settings: BTreeMap<String, String>,
    /// The folder that it was granted.
    pub folder: Option<PathBuf>,
    /// The origins that it was granted.
    pub http: HttpGrants,
    /// Where the secrets are to be had that are filled in for it, by its names.
    pub secrets: BTreeMap<String, SecretReference>,
}

impl TrackerPlace {
    /// A tracker whose adapter was granted nothing and set nothing.
    pub fn new(name: impl Into<String>, component: impl Into<String>, dir: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            component: component.into(),
            digest: None,
            dir: dir.into(),
            settings: BTreeMap::new(),
            folder: None,
            http: HttpGrants::default(),
            secrets: BTreeMap::new(),
        }
    }
}

/// A synchronization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPlace {
    /// Its own folder in the home: `store.db`, `blobs/`. Made where it isn't
    /// there. Its last part names the synchronization to adapters, so it stays
    /// the same for its whole life.
    pub dir: PathBuf,
    /// The tracker that it works with.
    pub tracker: TrackerPlace,
    /// The project in it.
    pub project: String,
    /// The synchronization user in it.
    pub user: String,
    /// How its parcels travel; nowhere where there is none.
    pub channel: Option<ChannelPlace>,
}

/// How parcels travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelPlace {
    /// Through an exchange directory.
    Folder(FolderPlace),
    /// By mail.
    Mail(Box<MailPlace>),
}

/// An exchange directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderPlace {
    /// The directory with SEND and RECEIVE. All three are made where they
    /// aren't there; either folder may be a link.
    pub path: PathBuf,
    /// How long a file's size and times stand still before it counts as whole.
    pub settle: Duration,
    /// How long what was taken stays in RECEIVE/done.
    pub keep_done: Duration,
}

impl FolderPlace {
    /// This directory, with 10 seconds to settle and 30 days in `done`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), settle: Duration::from_secs(10), keep_done: Duration::from_secs(30 * 86_400) }
    }
}
