//! The store: an ordered map of bytes, changed by atomic commits.

/// Why a call failed, by what the caller should do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Passing: the store is busy.
    #[error("the store is busy")]
    RetryLater,
    /// Another host holds this store now.
    #[error("another process holds this synchronization now")]
    LostOwnership,
    /// There is no room left.
    #[error("there is no room left for the store")]
    Full,
    /// Anything else, for people to read; also a record that can't be read.
    #[error("the store: {0}")]
    Other(String),
}

/// A key and what it holds, which may be secret keys: it isn't printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Ordered byte by byte, at most 512 bytes.
    pub key: Vec<u8>,
    /// At most 16 MiB.
    pub value: Vec<u8>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({:?}: {} bytes)", self.key, self.value.len())
    }
}

/// One change in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Sets a key.
    Put(Entry),
    /// Removes a key; one that isn't there is no error.
    Delete(Vec<u8>),
}

/// The synchronization's own store, as `ferry:state/store` documents it.
#[allow(missing_docs, clippy::missing_errors_doc)] // Documented at the interface.
pub trait Store {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault>;
    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault>;
    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault>;
    fn commit(&self, mutations: Vec<Mutation>) -> Result<(), StoreFault>;
}
