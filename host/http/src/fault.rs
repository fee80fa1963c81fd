//! Why an exchange failed, by what to do next.

/// Why. The words hold no secret, and of an address no more than its origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not where the operator lets it go, or not what may be asked.
    #[error("{0}")]
    Denied(String),
    /// Nobody answers there, and nothing was asked.
    #[error("{0}")]
    Unreachable(String),
    /// TLS or certificate trouble.
    #[error("{0}")]
    Insecure(String),
    /// It broke off or took too long. The request may have reached the server.
    #[error("{0}")]
    BrokenOff(String),
    /// The answer is larger than so many bytes.
    #[error("the answer has more than {0} bytes")]
    TooLarge(u64),
    /// The request is none.
    #[error("{0}")]
    Invalid(String),
}
