//! What the operating system says, by what an adapter should do next.

use std::io;

use rustix::io::Errno;

use crate::blobs::BlobFault;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// No such file.
    #[error("there is no such file")]
    NotFound,
    /// The expectation doesn't hold: somebody else was there.
    #[error("somebody changed the file meanwhile")]
    Changed,
    /// The operating system refuses.
    #[error("{0}")]
    Denied(String),
    /// Not a name within the folder.
    #[error("{0:?} is no name within the folder")]
    InvalidName(String),
    /// There is no room left.
    #[error("there is no room left on the disk")]
    Full,
    /// Larger than can be read whole, in bytes.
    #[error("{0} bytes are too many to be read whole")]
    TooLarge(u64),
    /// Anything else, for people to read.
    #[error("{0}")]
    Other(String),
}

impl From<Errno> for FileFault {
    fn from(errno: Errno) -> Self {
        match errno {
            // A link where none is followed is as good as nothing.
            Errno::NOENT | Errno::LOOP | Errno::NOTDIR => Self::NotFound,
            Errno::EXIST => Self::Changed,
            Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::TXTBSY => {
                Self::Denied(format!("the operating system refuses: {errno}"))
            }
            Errno::NOSPC | Errno::DQUOT => Self::Full,
            Errno::NAMETOOLONG => Self::InvalidName("the name is too long for this file system".to_owned()),
            other => Self::Other(format!("the file system failed: {other}")),
        }
    }
}

impl From<io::Error> for FileFault {
    fn from(error: io::Error) -> Self {
        match error.raw_os_error() {
            Some(raw) => Errno::from_raw_os_error(raw).into(),
            None => Self::Other(format!("the file system failed: {error}")),
        }
    }
}

impl From<BlobFault> for FileFault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::Full => Self::Full,
            BlobFault::TooLarge(bytes) => Self::TooLarge(bytes),
            other => Self::Other(other.to_string()),
        }
    }
}
