//! What can go wrong before and during a call, by whose fault it is.

use std::path::PathBuf;
use std::time::Duration;

use crate::bindings::engine::ferry::control::request;
use crate::digest::Digest;

/// A component, a store or a folder can't be made ready.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// No such component on the search path.
    #[error("no component {name} in {}; build it with `make build`, or name the folder in FERRY_COMPONENTS",
        searched.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "))]
    NoComponent {
        /// The file that was looked for.
        name: String,
        /// Where it was looked for.
        searched: Vec<PathBuf>,
    },
    /// It is not the component that the operator agreed to.
    #[error("{} is not the component that was agreed to: its digest is {found}, {pinned} was pinned; \
        if the new one is wanted, remove the tracker and add it again", path.display())]
    OtherDigest {
        /// The component's file.
        path: PathBuf,
        /// What was agreed to.
        pinned: Digest,
        /// What is there.
        found: Digest,
    },
    /// The file is no component, or not one for this world.
    #[error("{} can't be used as {wanted}: {reason}", path.display())]
    BadComponent {
        /// The component's file.
        path: PathBuf,
        /// `the engine` or `an adapter`.
        wanted: &'static str,
        /// Why, for people to read.
        reason: String,
    },
    /// A file or folder can't be read or written.
    #[error("{} can't be {doing}: {source}", path.display())]
    Io {
        /// What was tried, as a participle.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Nobody's certificates can be believed.
    #[error("no origin can be reached: {0}")]
    Http(String),
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] crate::store::OpenError),
    /// The runtime refuses its own configuration: a bug of this host.
    #[error("the component runtime can't start: {0}")]
    Engine(String),
}

impl RuntimeError {
    /// For `map_err` on file operations.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> RuntimeError {
        let path = path.into();
        move |source| RuntimeError::Io { doing, path, source }
    }
}

/// A call into the engine or an adapter failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The engine's own answer, for a person or a program to act on.
    #[error("{}", describe(.0))]
    Engine(request::Fault),
    /// The tracker's adapter's own answer.
    #[error("{}", super::answers::describe_tracker(.0))]
    Tracker(crate::bindings::engine::ferry::tracker::model::Fault),
    /// The component broke off; nothing that wasn't committed happened.
    #[error("the {component} broke off: {reason}; what was stored before stands")]
    Trapped {
        /// `engine`, or `adapter` with the tracker's name.
        component: String,
        /// Its last words and the trap, for people to read.
        reason: String,
    },
    /// The component computed for longer than it may.
    #[error("the {component} computed for more than {limit:?} and was stopped; what was stored before stands")]
    TimedOut {
        /// `engine`, or `adapter` with the tracker's name.
        component: String,
        /// What it was allowed.
        limit: Duration,
    },
    /// The component wanted more memory than it may have.
    #[error("the {component} wanted more than {} MiB of memory and was stopped; what was stored before stands",
        limit >> 20)]
    OutOfMemory {
        /// `engine`, or `adapter` with the tracker's name.
        component: String,
        /// What it was allowed, in bytes.
        limit: usize,
    },
    /// The component, its store or its folder can't be made ready.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

/// The engine's fault as a sentence.
fn describe(fault: &request::Fault) -> String {
    use request::Fault;
    match fault {
        Fault::Invalid(mistakes) => {
            let parts: Vec<_> = mistakes.iter().map(|m| format!("{}: {}", m.field, m.reason)).collect();
            parts.join("; ")
        }
        Fault::NotAllowed(text)
        | Fault::NotFound(text)
        | Fault::Expired(text)
        | Fault::AlreadyUsed(text)
        | Fault::WrongPartner(text)
        | Fault::NewerVersion(text)
        | Fault::RetryLater(text)
        | Fault::Other(text) => text.clone(),
        Fault::LostOwnership => "another process holds this synchronization now".to_owned(),
        Fault::Full => "there is no room left on the disk".to_owned(),
    }
}
