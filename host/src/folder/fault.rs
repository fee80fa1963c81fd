//! What the operating system says, by what the caller should do next.

use std::io;

use rustix::io::Errno;

/// Why a call failed, by what the caller should do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelFault {
    /// Passing: the share can't be reached.
    #[error("the exchange directory can't be reached now: {0}")]
    RetryLater(String),
    /// Over what the caller takes, in bytes.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// Nothing there under that name.
    #[error("there is no such file in the exchange directory")]
    NotFound,
    /// A person has to mend it: rights, a missing share, a missing marker.
    #[error("{0}")]
    Denied(String),
    /// There is no room left.
    #[error("there is no room left in the exchange directory")]
    Full,
    /// Anything else, for people to read.
    #[error("{0}")]
    Other(String),
}

/// A fault of the operating system; `doing` completes "can't".
pub(super) fn of(errno: Errno, doing: &str) -> ChannelFault {
    match errno {
        Errno::NOENT => ChannelFault::NotFound,
        Errno::NOSPC | Errno::DQUOT => ChannelFault::Full,
        // A server that is away, or came back and forgot our handles.
        Errno::STALE
        | Errno::IO
        | Errno::TIMEDOUT
        | Errno::HOSTDOWN
        | Errno::HOSTUNREACH
        | Errno::NETDOWN
        | Errno::NETUNREACH
        | Errno::NOTCONN
        | Errno::CONNRESET
        | Errno::BUSY
        | Errno::AGAIN
        | Errno::INTR => ChannelFault::RetryLater(format!("can't {doing}: {errno}")),
        Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::LOOP | Errno::NOTDIR => {
            ChannelFault::Denied(format!("can't {doing}: {errno}; give this account the rights to, and try again"))
        }
        other => ChannelFault::Other(format!("can't {doing}: {other}")),
    }
}

/// The same of the standard library.
pub(super) fn of_io(error: &io::Error, doing: &str) -> ChannelFault {
    match error.raw_os_error() {
        Some(raw) => of(Errno::from_raw_os_error(raw), doing),
        None => ChannelFault::Other(format!("can't {doing}: {error}")),
    }
}
