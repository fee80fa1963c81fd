//! What goes over the socket: one JSON value a line. The owner says that it is
//! ready; a request goes one way; progress, and at last one answer or failure,
//! come the other.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Answer, Failure};

/// How far a long work has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The synchronization that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synchronization: Option<String>,
    /// What is being done.
    pub stage: String,
    /// So much of it is done, in pieces of its own.
    pub done: u64,
    /// Of so much, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Takes progress while a request is carried out, from any thread.
pub trait Watcher: Send + Sync + fmt::Debug {
    /// It has come so far.
    fn progress(&self, progress: Progress);
}

impl Watcher for () {
    fn progress(&self, _: Progress) {}
}

/// One line from the owner of the home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// The owner listens. A process that is just being killed doesn't say so,
    /// though one can still connect to it.
    Ready {
        /// Its version, for people to read.
        version: String,
    },
    /// It goes on.
    Progress(Progress),
    /// It is done.
    Answer(Box<Answer>),
    /// It was not done.
    Failure(Failure),
}
