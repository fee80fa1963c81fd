//! Blobs: byte strings by name.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_core::digest;
use ferry_core::ids::BlobName;
use ferry_core::ports::{self, BlobFault, BlobSummary};

use crate::{Call, Fuse};

#[derive(Clone, Default)]
struct Blob {
    content: Vec<u8>,
    sealed: bool,
    /// What would be there after a loss of power.
    synced: Vec<u8>,
}

/// Blobs of one side, in memory.
#[derive(Default)]
pub struct Blobs {
    fuse: Rc<Fuse>,
    blobs: RefCell<BTreeMap<BlobName, Blob>>,
    made: Cell<u64>,
}

impl Blobs {
    /// None yet.
    pub fn new(fuse: Rc<Fuse>) -> Self {
        Self { fuse, ..Self::default() }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.blobs.borrow().len()
    }

    /// What a blob holds, without burning the fuse.
    pub fn content(&self, name: &BlobName) -> Option<Vec<u8>> {
        self.blobs.borrow().get(name).map(|blob| blob.content.clone())
    }

    /// The power goes: what was not synced is not there any more.
    pub fn lose_power(&self) {
        for blob in self.blobs.borrow_mut().values_mut().filter(|blob| !blob.sealed) {
            blob.content.clone_from(&blob.synced);
        }
    }

    /// A blob that holds this, as a tracker's adapter leaves one.
    pub fn put(&self, content: Vec<u8>) -> BlobName {
        let name = self.fresh_name();
        self.blobs.borrow_mut().insert(name.clone(), Blob { content, sealed: true, ..Blob::default() });
        name
    }

    fn fresh_name(&self) -> BlobName {
        let made = self.made.get() + 1;
        self.made.set(made);
        BlobName(format!("blob-{made:06}"))
    }
}

impl ports::Blobs for Blobs {
    fn create(&self) -> Result<BlobName, BlobFault> {
        self.fuse.before(Call::Blobs);
        let name = self.fresh_name();
        self.blobs.borrow_mut().insert(name.clone(), Blob::default());
        self.fuse.after(Call::Blobs);
        Ok(name)
    }

    fn write(&self, blob: &BlobName, offset: u64, content: &[u8]) -> Result<(), BlobFault> {
        self.fuse.before(Call::Blobs);
        let mut blobs = self.blobs.borrow_mut();
        let blob = blobs.get_mut(blob).ok_or(BlobFault::NotFound)?;
        if blob.sealed {
            return Err(BlobFault::Other("it is sealed".to_owned()));
        }
        let start = usize::try_from(offset).unwrap();
        let end = start + content.len();
        if blob.content.len() < end {
            blob.content.resize(end, 0);
        }
        blob.content[start..end].copy_from_slice(content);
        drop(blobs);
        self.fuse.after(Call::Blobs);
        Ok(())
    }

    fn sync(&self, blobs: &[BlobName]) -> Result<(), BlobFault> {
        self.fuse.before(Call::Blobs);
        let mut known = self.blobs.borrow_mut();
        for name in blobs {
            let blob = known.get_mut(name).ok_or(BlobFault::NotFound)?;
            blob.synced.clone_from(&blob.content);
        }
        Ok(())
    }

    fn seal(&self, blob: &BlobName) -> Result<BlobSummary, BlobFault> {
        self.fuse.before(Call::Blobs);
        let mut blobs = self.blobs.borrow_mut();
        let blob = blobs.get_mut(blob).ok_or(BlobFault::NotFound)?;
        blob.sealed = true;
        let summary = BlobSummary { size: blob.content.len() as u64, digest: digest::of(&blob.content) };
        drop(blobs);
        self.fuse.after(Call::Blobs);
        Ok(summary)
    }

    fn read(&self, blob: &BlobName, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        self.fuse.before(Call::Blobs);
        let blobs = self.blobs.borrow();
        let content = &blobs.get(blob).ok_or(BlobFault::NotFound)?.content;
        let start = usize::try_from(offset).unwrap().min(content.len());
        let end = start.saturating_add(length as usize).min(content.len());
        Ok(content[start..end].to_vec())
    }

    fn remove(&self, blob: &BlobName) -> Result<(), BlobFault> {
        self.fuse.before(Call::Blobs);
        self.blobs.borrow_mut().remove(blob);
        self.fuse.after(Call::Blobs);
        Ok(())
    }

    fn names(&self, after: Option<&BlobName>, limit: u32) -> Result<Vec<BlobName>, BlobFault> {
        self.fuse.before(Call::Blobs);
        let blobs = self.blobs.borrow();
        let later = blobs.keys().filter(|name| after.is_none_or(|after| *name > after));
        Ok(later.take(limit as usize).cloned().collect())
    }
}
