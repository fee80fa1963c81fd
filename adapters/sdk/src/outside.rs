//! What an adapter may reach, as small traits: in a component the host's
//! imports, in a test whatever suits it. The meanings are documented at the
//! interfaces (`ferry:host`, `ferry:state`).

pub use crate::bindings::ferry::host::files::{
    Change, Content as FileContent, Entry, Expectation, Fault as FileFault, Removal, Renaming, Stamp, Writing,
};
pub use crate::bindings::ferry::host::http::{
    Answer, Authorization, Body, Content as HttpContent, Exchange, Fault as HttpFault, Header, Method, Part,
};
pub use crate::bindings::ferry::host::observe::Level;
pub use crate::bindings::ferry::state::blobs::{Fault as BlobFault, Summary};
pub use crate::bindings::ferry::state::store::{Entry as Row, Fault as StoreFault, Mutation};

use crate::model;

/// The adapter's own ordered key-value store.
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented at the interface")]
pub trait Store {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault>;
    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Row>, StoreFault>;
    fn count_rows(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault>;
    fn commit(&self, mutations: &[Mutation]) -> Result<(), StoreFault>;
}

/// The granted folder.
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented at the interface")]
pub trait Files {
    fn entries(
        &self,
        folder: &str,
        changed_since_ns: Option<u64>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, FileFault>;
    fn count_files(&self, folder: &str, suffix: &str) -> Result<u64, FileFault>;
    fn read_files(&self, names: &[String]) -> Vec<Result<(Entry, Vec<u8>), FileFault>>;
    fn copy_to_blob(&self, name: &str) -> Result<String, FileFault>;
    fn change_files(&self, changes: &[Change]) -> Vec<Result<Stamp, FileFault>>;
}

/// The granted origins.
pub trait Http {
    /// Carries exchanges out side by side; answers in the order asked for.
    fn send(&self, exchanges: &[Exchange]) -> Vec<Result<Answer, HttpFault>>;
}

/// Attachment content on its way through.
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented at the interface")]
pub trait Blobs {
    fn create_blob(&self) -> Result<String, BlobFault>;
    fn write_blob(&self, blob: &str, offset: u64, content: &[u8]) -> Result<(), BlobFault>;
    fn seal_blob(&self, blob: &str) -> Result<Summary, BlobFault>;
    fn read_blob(&self, blob: &str, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault>;
    fn remove_blob(&self, blob: &str) -> Result<(), BlobFault>;
}

/// What the operator set.
pub trait Settings {
    /// A setting by its name.
    fn setting(&self, name: &str) -> Option<String>;
}

/// Time, as the machine believes it to be.
pub trait Clock {
    /// Nanoseconds since 1970.
    fn now_ns(&self) -> u64;
}

/// What a person watches.
pub trait Observe {
    /// Writes one structured log line: never a secret, never a word of an
    /// issue.
    fn log(&self, level: Level, event: &str, attributes: &[(&str, &str)]);
    /// Says how far a long work has come.
    fn progress(&self, stage: &str, done: u64, total: Option<u64>);
}

/// All of it.
pub trait Outside: Store + Files + Blobs + Settings + Clock + Observe {}
impl<T: Store + Files + Blobs + Settings + Clock + Observe> Outside for T {}

impl From<StoreFault> for model::Fault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::RetryLater => Self::RetryLater(None),
            StoreFault::LostOwnership => Self::Other("another host holds the adapter's store now".to_owned()),
            StoreFault::Full => Self::Other("no room is left for the adapter's store: free some".to_owned()),
            StoreFault::Other(reason) => Self::Other(format!("the adapter's store failed: {reason}")),
        }
    }
}

impl From<FileFault> for model::Fault {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::NotFound => Self::NotFound,
            FileFault::Changed => Self::Stale,
            FileFault::Denied(reason) => Self::Denied(reason),
            FileFault::InvalidName(name) => Self::Other(format!("not a name within the folder: {name}")),
            FileFault::Full => Self::Other("no room is left where the folder lies: free some".to_owned()),
            FileFault::TooLarge(limit) => Self::TooLarge(limit),
            FileFault::Other(reason) => Self::Other(reason),
        }
    }
}

impl From<BlobFault> for model::Fault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::NotFound => Self::Other("an attachment's content is gone from the blob store".to_owned()),
            BlobFault::TooLarge(limit) => Self::TooLarge(limit),
            BlobFault::Full => Self::Other("no room is left for attachments on their way: free some".to_owned()),
            BlobFault::Other(reason) => Self::Other(reason),
        }
    }
}
