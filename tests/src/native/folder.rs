//! A real folder as an adapter's outside, with its store in memory and its
//! blobs those of the world.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ferry_adapter::outside::{
    BlobFault, Blobs, Change, Clock, Entry, Expectation, FileContent, FileFault, Files, Level, Mutation, Observe, Row,
    Settings, Stamp, Store, StoreFault, Summary,
};
use ferry_core::ids::BlobName;
use ferry_core::ports::{self, Blobs as _, Store as _};

use crate::memory;

/// The folder, and what else the adapter was granted.
#[derive(Clone)]
pub struct Folder {
    /// Where it lies.
    pub path: PathBuf,
    /// The adapter's own store.
    pub store: Rc<memory::Store>,
    /// Blobs of the synchronization.
    pub blobs: Rc<memory::Blobs>,
    /// Its settings.
    pub settings: BTreeMap<String, String>,
    /// The time.
    pub clock: Rc<crate::Clock>,
}

impl Folder {
    fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn change(&self, change: &Change) -> Result<Stamp, FileFault> {
        let (name, expected) = match change {
            Change::Write(writing) => (&writing.name, &writing.expected),
            Change::Remove(removal) => (&removal.name, &removal.expected),
            Change::Rename(renaming) => {
                fs::rename(self.at(&renaming.name), self.at(&renaming.to)).map_err(fault)?;
                return stamp(&self.at(&renaming.to));
            }
        };
        let path = self.at(name);
        let there = stamp(&path).ok();
        let holds = match expected {
            Expectation::Any => true,
            Expectation::Absent => there.is_none(),
            Expectation::Unchanged(changed) => there.is_some_and(|there| there.changed_ns == *changed),
        };
        if !holds {
            return Err(FileFault::Changed);
        }
        match change {
            Change::Write(writing) => {
                let bytes = match &writing.content {
                    FileContent::Bytes(bytes) => bytes.clone(),
                    FileContent::Blob(blob) => {
                        self.blobs.content(&BlobName(blob.clone())).ok_or(FileFault::NotFound)?
                    }
                };
                fs::create_dir_all(path.parent().unwrap()).map_err(fault)?;
                let beside = path.with_extension("writing~");
                fs::write(&beside, bytes).map_err(fault)?;
                fs::rename(&beside, &path).map_err(fault)?;
                stamp(&path)
            }
            _ if path.is_dir() => fs::remove_dir(&path).map(|()| NOTHING).map_err(fault),
            _ => fs::remove_file(&path).map(|()| NOTHING).map_err(fault),
        }
    }
}

const NOTHING: Stamp = Stamp { changed_ns: 0, file_id: 0 };

fn stamp(path: &Path) -> Result<Stamp, FileFault> {
    let entry = entry(path)?;
    Ok(Stamp { changed_ns: entry.changed_ns, file_id: entry.file_id })
}

fn entry(path: &Path) -> Result<Entry, FileFault> {
    let metadata = fs::symlink_metadata(path).map_err(fault)?;
    let ns = |seconds: i64, ns: i64| (seconds * 1_000_000_000 + ns).unsigned_abs();
    Ok(Entry {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        size: metadata.len(),
        modified_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
        changed_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
        file_id: metadata.ino(),
        folder: metadata.is_dir(),
    })
}

fn fault(error: std::io::Error) -> FileFault {
    match error.kind() {
        std::io::ErrorKind::NotFound => FileFault::NotFound,
        _ => FileFault::Other(error.to_string()),
    }
}

impl Files for Folder {
    fn entries(
        &self,
        folder: &str,
        changed_since_ns: Option<u64>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, FileFault> {
        let listed = fs::read_dir(self.at(folder)).map_err(fault)?;
        let mut entries: Vec<Entry> = listed.map(|it| entry(&it.unwrap().path())).collect::<Result<_, _>>()?;
        entries.retain(|entry| {
            changed_since_ns.is_none_or(|since| entry.changed_ns >= since)
                && after.is_none_or(|after| entry.name.as_str() > after)
        });
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        entries.truncate(limit as usize);
        Ok(entries)
    }

    fn count_files(&self, folder: &str, suffix: &str) -> Result<u64, FileFault> {
        let all = self.entries(folder, None, None, u32::MAX)?;
        Ok(all.iter().filter(|entry| !entry.folder && entry.name.ends_with(suffix)).count() as u64)
    }

    fn read_files(&self, names: &[String]) -> Vec<Result<(Entry, Vec<u8>), FileFault>> {
        let one = |name: &String| Ok((entry(&self.at(name))?, fs::read(self.at(name)).map_err(fault)?));
        names.iter().map(one).collect()
    }

    fn copy_to_blob(&self, name: &str) -> Result<String, FileFault> {
        fs::read(self.at(name)).map(|content| self.blobs.put(content).0).map_err(fault)
    }

    fn change_files(&self, changes: &[Change]) -> Vec<Result<Stamp, FileFault>> {
        changes.iter().map(|change| self.change(change)).collect()
    }
}

impl Store for Folder {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        self.store.get(keys).map_err(store_fault)
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Row>, StoreFault> {
        let rows = self.store.scan(start, end, limit).map_err(store_fault)?;
        Ok(rows.into_iter().map(|row| Row { key: row.key, value: row.value }).collect())
    }

    fn count_rows(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        self.store.count(start, end).map_err(store_fault)
    }

    fn commit(&self, mutations: &[Mutation]) -> Result<(), StoreFault> {
        let converted = mutations.iter().map(|mutation| match mutation {
            Mutation::Put(row) => ports::Mutation::Put(ports::Entry { key: row.key.clone(), value: row.value.clone() }),
            Mutation::Delete(key) => ports::Mutation::Delete(key.clone()),
        });
        self.store.commit(converted.collect()).map_err(store_fault)
    }
}

fn store_fault(fault: ports::StoreFault) -> StoreFault {
    StoreFault::Other(fault.to_string())
}

impl Blobs for Folder {
    fn create_blob(&self) -> Result<String, BlobFault> {
        self.blobs.create().map(|name| name.0).map_err(blob_fault)
    }

    fn write_blob(&self, blob: &str, offset: u64, content: &[u8]) -> Result<(), BlobFault> {
        self.blobs.write(&BlobName::from(blob), offset, content).map_err(blob_fault)
    }

    fn seal_blob(&self, blob: &str) -> Result<Summary, BlobFault> {
        let sealed = self.blobs.seal(&BlobName::from(blob)).map_err(blob_fault)?;
        Ok(Summary { size: sealed.size, digest: sealed.digest.0.to_vec() })
    }

    fn read_blob(&self, blob: &str, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        self.blobs.read(&BlobName::from(blob), offset, length).map_err(blob_fault)
    }

    fn remove_blob(&self, blob: &str) -> Result<(), BlobFault> {
        self.blobs.remove(&BlobName::from(blob)).map_err(blob_fault)
    }
}

fn blob_fault(fault: ports::BlobFault) -> BlobFault {
    BlobFault::Other(fault.to_string())
}

impl Settings for Folder {
    fn setting(&self, name: &str) -> Option<String> {
        self.settings.get(name).cloned()
    }
}

impl Clock for Folder {
    fn now_ns(&self) -> u64 {
        self.clock.now().0 * 1_000_000
    }
}

impl Observe for Folder {
    fn log(&self, _: Level, _: &str, _: &[(&str, &str)]) {}
    fn progress(&self, _: &str, _: u64, _: Option<u64>) {}
}
