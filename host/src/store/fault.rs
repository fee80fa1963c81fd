//! What SQLite says, by what the caller should do next.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why a call failed, by what the caller should do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Passing: the store is busy.
    #[error("the store is busy")]
    RetryLater,
    /// Another process holds this store now; stop at once.
    #[error("another process holds this store now")]
    LostOwnership,
    /// There is no room left.
    #[error("there is no room left on the disk of the store")]
    Full,
    /// Anything else, for people to read.
    #[error("{0}")]
    Other(String),
}

/// Why a store can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{} is in use by another process; stop that one first (only one may run a home)", .0.display())]
    Owned(PathBuf),
    /// A newer version of Ferry wrote it.
    #[error("{} was written by a newer version of Ferry (its format is {found}, this one knows {known}), \
        and is left as it is; install that version or a later one", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format that the file says.
        found: u32,
        /// The newest format that this version knows.
        known: u32,
    },
    /// A version of Ferry wrote it that is too old.
    #[error("{} was written by an older version of Ferry (its format is {found}, this one knows {known}), and is left \
        as it is; open it with the version before this one first", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The format that the file says.
        found: u32,
        /// The only format that this version knows.
        known: u32,
    },
    /// It isn't a store of ours.
    #[error("{} is not a store of Ferry; move it away, or name another folder", .0.display())]
    Foreign(PathBuf),
    /// The file can't be made.
    #[error("{} can't be created: {source}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// SQLite can't use it.
    #[error("{} can't be opened: {source}; where it is damaged, restore it from a backup", path.display())]
    Sqlite {
        /// The file; empty for one in memory.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// A commit failed in this call.
pub(super) fn closed() -> StoreFault {
    StoreFault::Other("the store failed a moment ago and is opened anew at the next call".to_owned())
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::RetryLater,
            // The file was replaced, removed or taken under our feet.
            Some(ErrorCode::FileLockingProtocolFailed | ErrorCode::ReadOnly) => Self::LostOwnership,
            _ => Self::Other(format!("the store failed: {error}")),
        }
    }
}
