//! What the file system says, by what the caller should do next.

use std::io::{self, ErrorKind};

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobFault {
    /// No such blob.
    #[error("there is no such blob")]
    NotFound,
    /// It is complete, and nothing can be written any more.
    #[error("the blob is sealed")]
    Sealed,
    /// It would exceed the limit, in bytes.
    #[error("a blob holds at most {0} bytes")]
    TooLarge(u64),
    /// There is no room left.
    #[error("there is no room left for attachments")]
    Full,
    /// Anything else, for people to read.
    #[error("the blob store failed: {0}")]
    Other(String),
}

impl From<io::Error> for BlobFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Other(error.to_string()),
        }
    }
}
