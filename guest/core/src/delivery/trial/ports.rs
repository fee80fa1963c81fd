//! Store, blobs and channel in memory; calls can be made to fail.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::digest::of;
use crate::ids::{BlobName, Cursor, IssueId, ItemId, ParcelName};
use crate::model::{Applied, ChangePage, Effect, Found, Identity, Issue, PersonQuery, ProjectSchema, User};
use crate::ports::{
    BlobFault, BlobSummary, Blobs, Channel, ChannelFault, Disposition, Entry, Listed, Mutation, Store, StoreFault,
    Tracker, TrackerFault,
};

#[derive(Default)]
pub(crate) struct MemoryStore {
    pub map: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    /// The commit that fails, counted down; and whether it happened all the
    /// same.
    pub fail: Cell<Option<(u32, bool)>>,
    pub commits: Cell<u32>,
}

impl Store for MemoryStore {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        Ok(keys.iter().map(|key| self.map.borrow().get(key).cloned()).collect())
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        let map = self.map.borrow();
        let range = map.range(start.to_vec()..end.to_vec()).take(limit as usize);
        Ok(range.map(|(key, value)| Entry { key: key.clone(), value: value.clone() }).collect())
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        Ok(self.map.borrow().range(start.to_vec()..end.to_vec()).count() as u64)
    }

    fn commit(&self, mutations: Vec<Mutation>) -> Result<(), StoreFault> {
        let failing = self.fail.get().is_some_and(|(left, _)| left == 0);
        let happens = !failing || self.fail.get().is_some_and(|(_, happens)| happens);
        self.fail.set(self.fail.get().map(|(left, happens)| (left.wrapping_sub(1), happens)));
        if happens {
            self.commits.set(self.commits.get() + 1);
            for mutation in mutations {
                match mutation {
                    Mutation::Put(entry) => drop(self.map.borrow_mut().insert(entry.key, entry.value)),
                    Mutation::Delete(key) => drop(self.map.borrow_mut().remove(&key)),
                }
            }
        }
        if failing {
            self.fail.set(None);
            return Err(StoreFault::Other("killed".to_owned()));
        }
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct MemoryBlobs {
    pub map: RefCell<BTreeMap<BlobName, Vec<u8>>>,
    sealed: RefCell<BTreeSet<BlobName>>,
    made: Cell<u32>,
}

impl Blobs for MemoryBlobs {
    fn create(&self) -> Result<BlobName, BlobFault> {
        self.made.set(self.made.get() + 1);
        let name = BlobName(format!("blob{}", self.made.get()));
        self.map.borrow_mut().insert(name.clone(), Vec::new());
        Ok(name)
    }

    fn write(&self, blob: &BlobName, offset: u64, content: &[u8]) -> Result<(), BlobFault> {
        assert!(!self.sealed.borrow().contains(blob), "written after it was sealed");
        let mut map = self.map.borrow_mut();
        let bytes = map.get_mut(blob).ok_or(BlobFault::NotFound)?;
        let end = offset as usize + content.len();
        bytes.resize(bytes.len().max(end), 0);
        bytes[offset as usize..end].copy_from_slice(content);
        Ok(())
    }

    fn sync(&self, _: &[BlobName]) -> Result<(), BlobFault> {
        Ok(())
    }

    fn seal(&self, blob: &BlobName) -> Result<BlobSummary, BlobFault> {
        self.sealed.borrow_mut().insert(blob.clone());
        let map = self.map.borrow();
        let bytes = map.get(blob).ok_or(BlobFault::NotFound)?;
        Ok(BlobSummary { size: bytes.len() as u64, digest: of(bytes) })
    }

    fn read(&self, blob: &BlobName, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        let map = self.map.borrow();
        let bytes = map.get(blob).ok_or(BlobFault::NotFound)?;
        Ok(bytes.iter().skip(offset as usize).take(length as usize).copied().collect())
    }

    fn remove(&self, blob: &BlobName) -> Result<(), BlobFault> {
        self.map.borrow_mut().remove(blob);
        Ok(())
    }

    fn names(&self, after: Option<&BlobName>, limit: u32) -> Result<Vec<BlobName>, BlobFault> {
        let map = self.map.borrow();
        Ok(map.keys().filter(|name| after.is_none_or(|after| *name > after)).take(limit as usize).cloned().collect())
    }
}

/// Parcels that lie in one directory, and whether each stands still.
#[derive(Default)]
pub(crate) struct Directory {
    pub files: BTreeMap<ParcelName, (Vec<u8>, bool)>,
    pub rejected: BTreeMap<ParcelName, Vec<u8>>,
    pub puts: u32,
}

impl Directory {
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        self.files.iter().map(|(name, (bytes, _))| (name.0.clone(), bytes.clone())).collect()
    }
}

pub(crate) struct MemoryChannel {
    pub sends: Rc<RefCell<Directory>>,
    pub receives: Rc<RefCell<Directory>>,
    /// Whether the share is away.
    pub away: Cell<bool>,
    /// Whether nothing can be moved in what we receive.
    pub stuck: Cell<bool>,
}

impl MemoryChannel {
    pub fn new(sends: Rc<RefCell<Directory>>, receives: Rc<RefCell<Directory>>) -> Self {
        Self { sends, receives, away: Cell::new(false), stuck: Cell::new(false) }
    }

    fn check(&self) -> Result<(), ChannelFault> {
        if self.away.get() { Err(ChannelFault::RetryLater("away".to_owned())) } else { Ok(()) }
    }
}

fn list(directory: &Directory, token: &str, after: Option<&ParcelName>, limit: u32) -> Vec<Listed> {
    let wanted = |name: &ParcelName| name.0.starts_with(token) && after.is_none_or(|after| name > after);
    let files = directory.files.iter().filter(|(name, _)| wanted(name)).take(limit as usize);
    files
        .map(|(name, (bytes, settled))| Listed { name: name.clone(), size: bytes.len() as u64, settled: *settled })
        .collect()
}

impl Channel for MemoryChannel {
    fn put(&self, _: Option<&str>, name: &ParcelName, content: &[u8]) -> Result<(), ChannelFault> {
        self.check()?;
        let mut directory = self.sends.borrow_mut();
        directory.puts += 1;
        directory.files.insert(name.clone(), (content.to_vec(), true));
        Ok(())
    }

    fn withdraw(&self, names: &[ParcelName]) -> Result<(), ChannelFault> {
        self.check()?;
        self.sends.borrow_mut().files.retain(|name, _| !names.contains(name));
        Ok(())
    }

    fn sent(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        self.check()?;
        Ok(list(&self.sends.borrow(), token, after, limit))
    }

    fn received(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        self.check()?;
        Ok(list(&self.receives.borrow(), token, after, limit))
    }

    fn read(&self, name: &ParcelName, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        self.check()?;
        let directory = self.receives.borrow();
        let (bytes, _) = directory.files.get(name).ok_or(ChannelFault::NotFound)?;
        if bytes.len() as u64 > max_bytes { Err(ChannelFault::TooLarge(max_bytes)) } else { Ok(bytes.clone()) }
    }

    fn dispose(&self, names: &[ParcelName], disposition: Disposition) -> Result<(), ChannelFault> {
        self.check()?;
        if self.stuck.get() {
            return Err(ChannelFault::Denied("read only".to_owned()));
        }
        let mut directory = self.receives.borrow_mut();
        for name in names {
            if let Some((bytes, _)) = directory.files.remove(name)
                && disposition == Disposition::Rejected
            {
                directory.rejected.insert(name.clone(), bytes);
            }
        }
        Ok(())
    }

    fn restore(&self, name: &ParcelName) -> Result<(), ChannelFault> {
        let mut directory = self.receives.borrow_mut();
        let bytes = directory.rejected.remove(name).ok_or(ChannelFault::NotFound)?;
        directory.files.insert(name.clone(), (bytes, true));
        Ok(())
    }
}

/// Delivery knows no tracker.
pub(crate) struct NoTracker;

fn none<T>() -> Result<T, TrackerFault> {
    Err(TrackerFault::Unsupported("there is no tracker here".to_owned()))
}

impl Tracker for NoTracker {
    fn identify(&self) -> Result<Identity, TrackerFault> {
        none()
    }
    fn schema(&self) -> Result<ProjectSchema, TrackerFault> {
        none()
    }
    fn people(&self, _: &[PersonQuery]) -> Vec<Result<Option<User>, TrackerFault>> {
        Vec::new()
    }
    fn changes(&self, _: Option<&Cursor>, _: u32) -> Result<ChangePage, TrackerFault> {
        none()
    }
    fn read(&self, _: &[IssueId]) -> Vec<Result<Issue, TrackerFault>> {
        Vec::new()
    }
    fn ids(&self, _: Option<&IssueId>, _: u32) -> Result<Vec<IssueId>, TrackerFault> {
        none()
    }
    fn find(&self, _: &[Effect]) -> Vec<Result<Vec<Found>, TrackerFault>> {
        Vec::new()
    }
    fn apply(&self, _: &[Effect]) -> Vec<Result<Applied, TrackerFault>> {
        Vec::new()
    }
    fn fetch_attachment(&self, _: &IssueId, _: &ItemId) -> Result<BlobName, TrackerFault> {
        none()
    }
}
