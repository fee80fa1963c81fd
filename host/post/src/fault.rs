//! Why a call to a mail server failed, by what to do next.

/// Why a call failed. The words say what to do, and hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Passing: nobody answers there now.
    #[error("{0}")]
    Unreachable(String),
    /// Passing: the server is busy, throttles or delays, or what may be sent is
    /// used up.
    #[error("{0}")]
    Busy(String),
    /// The credentials are wrong or have expired.
    #[error("{0}")]
    Unauthenticated(String),
    /// TLS or certificate trouble, or what looks like an attack on it.
    #[error("{0}")]
    Insecure(String),
    /// The mail is larger than so many bytes, which is what the server takes.
    #[error("larger than the {0} bytes that the mail server takes")]
    TooLarge(u64),
    /// There is no such mail any more.
    #[error("there is no such mail any more")]
    NotFound,
    /// A person has to mend it.
    #[error("{0}")]
    Denied(String),
    /// The mailbox has no room left.
    #[error("{0}")]
    Full(String),
    /// The server does what it shouldn't.
    #[error("{0}")]
    Broken(String),
}

impl Fault {
    /// Whether the connection can still be used.
    pub(crate) fn leaves_connection(&self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::NotFound | Self::Denied(_) | Self::Full(_) | Self::Busy(_))
    }
}
