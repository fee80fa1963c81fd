//! How a request to the engine fails: `ferry:control/request`.

use crate::ports::{BlobFault, ChannelFault, StoreFault, TrackerFault};

/// What is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The part.
    pub field: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// How a request fails, for a person or a program to act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The request itself is wrong.
    #[error("{}", .0.iter().map(|m| format!("{}: {}", m.field, m.reason)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Mistake>),
    /// Not in this status, not by this side; what would be right.
    #[error("{0}")]
    NotAllowed(String),
    /// No such thing; which.
    #[error("{0}")]
    NotFound(String),
    /// The handshake file is too old.
    #[error("{0}")]
    Expired(String),
    /// The handshake file has served already.
    #[error("{0}")]
    AlreadyUsed(String),
    /// Altered, or signed, sealed or named for somebody else.
    #[error("{0}")]
    WrongPartner(String),
    /// Made by a newer version than this one.
    #[error("{0}")]
    NewerVersion(String),
    /// Passing: store, channel or tracker can't be reached now.
    #[error("{0}")]
    RetryLater(String),
    /// Another host holds this synchronization now.
    #[error("another process holds this synchronization now")]
    LostOwnership,
    /// There is no room left.
    #[error("there is no room left on the disk")]
    Full,
    /// Anything else, for people to read.
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// One part of the request is wrong.
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Mistake { field: field.to_owned(), reason: reason.into() }])
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::RetryLater => Self::RetryLater(fault.to_string()),
            StoreFault::LostOwnership => Self::LostOwnership,
            StoreFault::Full => Self::Full,
            StoreFault::Other(_) => Self::Other(fault.to_string()),
        }
    }
}

impl From<BlobFault> for Fault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::Full => Self::Full,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<ChannelFault> for Fault {
    fn from(fault: ChannelFault) -> Self {
        match fault {
            ChannelFault::RetryLater(_) => Self::RetryLater(fault.to_string()),
            ChannelFault::Full => Self::Full,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<TrackerFault> for Fault {
    fn from(fault: TrackerFault) -> Self {
        match fault {
            TrackerFault::RetryLater(_) => Self::RetryLater(fault.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}
