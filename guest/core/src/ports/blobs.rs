//! Attachment content on its way through, outside our memory.

use crate::ids::{BlobName, Digest};

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobFault {
    /// No such blob.
    #[error("the blob is gone")]
    NotFound,
    /// It would exceed the limit, in bytes.
    #[error("larger than the {0} bytes that the blob store takes")]
    TooLarge(u64),
    /// There is no room left.
    #[error("there is no room left for attachments")]
    Full,
    /// Anything else, for people to read.
    #[error("the blob store: {0}")]
    Other(String),
}

/// What a complete blob holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobSummary {
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its content.
    pub digest: Digest,
}

/// Blobs of one synchronization, as `ferry:state/blobs` documents them.
#[allow(missing_docs, clippy::missing_errors_doc)] // Documented at the interface.
pub trait Blobs {
    fn create(&self) -> Result<BlobName, BlobFault>;
    fn write(&self, blob: &BlobName, offset: u64, content: &[u8]) -> Result<(), BlobFault>;
    fn sync(&self, blobs: &[BlobName]) -> Result<(), BlobFault>;
    fn seal(&self, blob: &BlobName) -> Result<BlobSummary, BlobFault>;
    fn read(&self, blob: &BlobName, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault>;
    fn remove(&self, blob: &BlobName) -> Result<(), BlobFault>;
    fn names(&self, after: Option<&BlobName>, limit: u32) -> Result<Vec<BlobName>, BlobFault>;
}
