//! Why a request was not done.

use std::io;

use serde::{Deserialize, Serialize};

use crate::settings::{NotAName, SettingsError};

/// What the caller can do about it; each has its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It failed; the message says what to do.
    Failed,
    /// The request itself is wrong.
    Usage,
    /// Not in this status, or not by this side.
    NotAllowed,
    /// There is no such thing.
    NotFound,
    /// Something is parked and wants a person.
    Parked,
    /// Passing: a server or a share can't be reached now.
    Passing,
}

impl Kind {
    /// The exit code of a command that ends so.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotAllowed => 3,
            Self::NotFound => 4,
            Self::Parked => 5,
            Self::Passing => 6,
        }
    }
}

/// A request that was not done: what happened, to what, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What the caller can do about it.
    pub kind: Kind,
    /// What happened, to what; a sentence.
    pub message: String,
    /// What to do next, where the message alone doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None }
    }

    /// It failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// The request is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Not in this status, or not by this side.
    pub fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(Kind::NotAllowed, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// The same with a word on what to do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// For `map_err` on file operations.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |e| Self::failed(format!("{what}: {e}"))
    }
}

impl From<SettingsError> for Failure {
    fn from(e: SettingsError) -> Self {
        let failure = Self::failed(e.to_string());
        match e {
            SettingsError::Wrong { .. } => failure.with_help("mend the file with an editor; nothing else was changed"),
            SettingsError::File { .. } | SettingsError::Newer { .. } => failure,
        }
    }
}

impl From<NotAName> for Failure {
    fn from(e: NotAName) -> Self {
        Self::usage(e.to_string())
    }
}
