//! `ferry:host/files`, onto a granted folder.

use super::adapter::ferry::host::files as wit;
use crate::files::{Change, Content, Entry, Expectation, FileFault, Granted, Stamp};
use crate::runtime::Grants;

impl Grants {
    fn with<T>(&mut self, work: impl FnOnce(&mut Granted, &crate::blobs::Blobs) -> T) -> Result<T, wit::Fault> {
        let Some(folder) = &mut self.folder else {
            return Err(wit::Fault::Denied(
                "no folder was granted to this tracker; grant one with --folder".to_owned(),
            ));
        };
        Ok(self.meter.hosted(|| work(folder, &self.blobs)))
    }
}

impl wit::Host for Grants {
    fn entries(
        &mut self,
        folder: String,
        changed_since_ns: Option<u64>,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<wit::Entry>, wit::Fault>> {
        let found = self.with(|granted, _| granted.entries(&folder, changed_since_ns, after.as_deref(), limit));
        Ok(found.and_then(|entries| Ok(entries?.into_iter().map(wit::Entry::from).collect())))
    }

    fn count(&mut self, folder: String, suffix: String) -> wasmtime::Result<Result<u64, wit::Fault>> {
        Ok(self.with(|granted, _| granted.count(&folder, &suffix)).and_then(|count| Ok(count?)))
    }

    fn read(&mut self, names: Vec<String>) -> wasmtime::Result<Vec<Result<(wit::Entry, Vec<u8>), wit::Fault>>> {
        let answers = self.with(|granted, _| granted.read(&names));
        Ok(match answers {
            Ok(answers) => answers
                .into_iter()
                .map(|answer| answer.map(|(entry, content)| (entry.into(), content)).map_err(wit::Fault::from))
                .collect(),
            Err(fault) => names.iter().map(|_| Err(fault.clone())).collect(),
        })
    }

    fn into_blob(&mut self, name: String) -> wasmtime::Result<Result<String, wit::Fault>> {
        Ok(self.with(|granted, blobs| granted.into_blob(&name, blobs)).and_then(|blob| Ok(blob?)))
    }

    fn apply(&mut self, changes: Vec<wit::Change>) -> wasmtime::Result<Vec<Result<wit::Stamp, wit::Fault>>> {
        let changes: Vec<_> = changes.into_iter().map(Change::from).collect();
        let answers = self.with(|granted, blobs| granted.apply(&changes, blobs));
        Ok(match answers {
            Ok(answers) => {
                answers.into_iter().map(|answer| answer.map(wit::Stamp::from).map_err(wit::Fault::from)).collect()
            }
            Err(fault) => changes.iter().map(|_| Err(fault.clone())).collect(),
        })
    }
}

impl From<Entry> for wit::Entry {
    fn from(entry: Entry) -> Self {
        let Entry { name, size, modified_ns, changed_ns, file_id, folder } = entry;
        Self { name, size, modified_ns, changed_ns, file_id, folder }
    }
}

impl From<Stamp> for wit::Stamp {
    fn from(stamp: Stamp) -> Self {
        Self { changed_ns: stamp.changed_ns, file_id: stamp.file_id }
    }
}

impl From<wit::Change> for Change {
    fn from(change: wit::Change) -> Self {
        match change {
            wit::Change::Write(wit::Writing { name, content, expected }) => {
                Self::Write { name, content: content.into(), expected: expected.into() }
            }
            wit::Change::Remove(wit::Removal { name, expected }) => Self::Remove { name, expected: expected.into() },
            wit::Change::Rename(wit::Renaming { name, to }) => Self::Rename { name, to },
        }
    }
}

impl From<wit::Content> for Content {
    fn from(content: wit::Content) -> Self {
        match content {
            wit::Content::Bytes(bytes) => Self::Bytes(bytes),
            wit::Content::Blob(name) => Self::Blob(name),
        }
    }
}

impl From<wit::Expectation> for Expectation {
    fn from(expected: wit::Expectation) -> Self {
        match expected {
            wit::Expectation::Any => Self::Any,
            wit::Expectation::Absent => Self::Absent,
            wit::Expectation::Unchanged(stamp) => Self::Unchanged(stamp),
        }
    }
}

impl From<FileFault> for wit::Fault {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::NotFound => Self::NotFound,
            FileFault::Changed => Self::Changed,
            FileFault::Denied(text) => Self::Denied(text),
            FileFault::InvalidName(name) => Self::InvalidName(name),
            FileFault::Full => Self::Full,
            FileFault::TooLarge(bytes) => Self::TooLarge(bytes),
            FileFault::Other(text) => Self::Other(text),
        }
    }
}
