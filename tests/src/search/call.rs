//! One call of the engine at one side, and what is left of it wherever the
//! process dies: nothing but a change to the outside makes a difference, so
//! that one call tells all its deaths.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_core::digest;
use ferry_core::engine::{Engine, Ports};
use ferry_core::fault::Fault;
use ferry_core::ids::{BlobName, ParcelName};
use ferry_core::ports::{
    BlobFault, BlobSummary, Blobs, Channel, ChannelFault, Disposition, Entry, Listed, Mutation, Silent, Store,
    StoreFault,
};
use ferry_core::time::Time;

use super::home::{Blob, Home, Records, Sealed};
use crate::World;
use crate::memory::PlainWire;

/// What lies before a side in one call, by name.
pub type Inbox = BTreeMap<ParcelName, Rc<Sealed>>;

/// What a call left behind at some point.
#[derive(Clone)]
pub struct Left {
    /// Its side.
    pub home: Home,
    /// What it took from the channel.
    pub taken: Vec<ParcelName>,
}

/// What became of a call.
pub struct Called<T> {
    /// What it answered.
    pub answer: Result<T, Fault>,
    /// What it left behind after each change that it made, the last included.
    pub trail: Vec<Left>,
}

thread_local! {
    /// A tracker that nobody asks: no synchronization here has a configuration.
    static ELSEWHERE: World = World::two(0);
}

/// Calls the engine once.
pub fn call<T>(
    home: &Home,
    inbox: &Inbox,
    now: Time,
    seed: [u8; 32],
    work: impl FnOnce(&Engine<'_>) -> Result<T, Fault>,
) -> Called<T> {
    let left = Left { home: home.clone(), taken: Vec::new() };
    let outside = Outside { left: RefCell::new(left), inbox, trail: RefCell::default() };
    let answer = ELSEWHERE.with(|elsewhere| {
        let ports = Ports {
            tracker: &*elsewhere.alice().tracker,
            channel: &outside,
            store: &outside,
            blobs: &outside,
            wire: &PlainWire,
            observer: &Silent,
        };
        work(&Engine::new(ports, now, seed))
    });
    Called { answer, trail: outside.trail.into_inner() }
}

/// Store, blobs and channel of a call.
struct Outside<'i> {
    left: RefCell<Left>,
    inbox: &'i Inbox,
    trail: RefCell<Vec<Left>>,
}

impl Outside<'_> {
    fn change<T>(&self, change: impl FnOnce(&mut Left) -> T) -> T {
        let mut left = self.left.borrow_mut();
        let changed = change(&mut left);
        self.trail.borrow_mut().push(left.clone());
        changed
    }
}

impl Store for Outside<'_> {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        Reader(&self.left.borrow().home.store).get(keys)
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        Reader(&self.left.borrow().home.store).scan(start, end, limit)
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        Reader(&self.left.borrow().home.store).count(start, end)
    }

    fn commit(&self, mutations: Vec<Mutation>) -> Result<(), StoreFault> {
        self.change(|left| {
            for mutation in mutations {
                match mutation {
                    Mutation::Put(Entry { key, value }) => drop(left.home.store.insert(key, value.into())),
                    Mutation::Delete(key) => drop(left.home.store.remove(&key)),
                }
            }
        });
        Ok(())
    }
}

/// Records to be read.
pub struct Reader<'r>(pub &'r Records);

impl Store for Reader<'_> {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        Ok(keys.iter().map(|key| self.0.get(key).map(|value| value.to_vec())).collect())
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        if start >= end {
            return Ok(Vec::new());
        }
        let some = self.0.range(start.to_vec()..end.to_vec()).take(limit as usize);
        Ok(some.map(|(key, value)| Entry { key: key.clone(), value: value.to_vec() }).collect())
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        Ok(if start >= end { 0 } else { self.0.range(start.to_vec()..end.to_vec()).count() as u64 })
    }

    fn commit(&self, _: Vec<Mutation>) -> Result<(), StoreFault> {
        Err(StoreFault::Other("who reads doesn't write".to_owned()))
    }
}

fn listed(lying: &Inbox, token: &str, after: Option<&ParcelName>, limit: u32) -> Vec<Listed> {
    let fits = |name: &ParcelName| name.0.starts_with(token) && after.is_none_or(|after| name > after);
    let some = lying.iter().filter(|(name, _)| fits(name)).take(limit as usize);
    some.map(|(name, it)| Listed { name: name.clone(), size: it.bytes.len() as u64, settled: true }).collect()
}

impl Channel for Outside<'_> {
    fn put(&self, _: Option<&str>, name: &ParcelName, content: &[u8]) -> Result<(), ChannelFault> {
        self.change(|left| left.home.out.insert(name.clone(), Sealed::new(content)));
        Ok(())
    }

    fn withdraw(&self, names: &[ParcelName]) -> Result<(), ChannelFault> {
        self.change(|left| left.home.out.retain(|name, _| !names.contains(name)));
        Ok(())
    }

    fn sent(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        Ok(listed(&self.left.borrow().home.out, token, after, limit))
    }

    fn received(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        let mut all = listed(self.inbox, token, after, limit);
        let left = self.left.borrow();
        all.retain(|listed| !left.taken.contains(&listed.name));
        Ok(all)
    }

    fn read(&self, name: &ParcelName, _: u64) -> Result<Vec<u8>, ChannelFault> {
        self.inbox.get(name).map(|sealed| sealed.bytes.clone()).ok_or(ChannelFault::NotFound)
    }

    fn dispose(&self, names: &[ParcelName], _: Disposition) -> Result<(), ChannelFault> {
        self.change(|left| left.taken.extend_from_slice(names));
        Ok(())
    }

    fn restore(&self, _: &ParcelName) -> Result<(), ChannelFault> {
        Err(ChannelFault::NotFound)
    }
}

impl Blobs for Outside<'_> {
    fn create(&self) -> Result<BlobName, BlobFault> {
        self.change(|left| {
            let free = |name: &BlobName| !left.home.blobs.contains_key(name);
            let name = (1_u32..).map(|n| BlobName(format!("blob-{n}"))).find(free).ok_or(BlobFault::NotFound)?;
            left.home.blobs.insert(name.clone(), Blob::default());
            Ok(name)
        })
    }

    fn write(&self, blob: &BlobName, offset: u64, content: &[u8]) -> Result<(), BlobFault> {
        self.change(|left| {
            let blob = left.home.blobs.get_mut(blob).ok_or(BlobFault::NotFound)?;
            let start = usize::try_from(offset).unwrap();
            let mut whole = blob.content.to_vec();
            whole.resize(whole.len().max(start + content.len()), 0);
            whole[start..start + content.len()].copy_from_slice(content);
            blob.content = whole.into();
            Ok(())
        })
    }

    fn sync(&self, blobs: &[BlobName]) -> Result<(), BlobFault> {
        self.change(|left| {
            for name in blobs {
                let blob = left.home.blobs.get_mut(name).ok_or(BlobFault::NotFound)?;
                blob.synced = blob.content.clone();
            }
            Ok(())
        })
    }

    fn seal(&self, blob: &BlobName) -> Result<BlobSummary, BlobFault> {
        self.change(|left| {
            let blob = left.home.blobs.get_mut(blob).ok_or(BlobFault::NotFound)?;
            blob.sealed = true;
            Ok(BlobSummary { size: blob.content.len() as u64, digest: digest::of(&blob.content) })
        })
    }

    fn read(&self, blob: &BlobName, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        let left = self.left.borrow();
        let content = &left.home.blobs.get(blob).ok_or(BlobFault::NotFound)?.content;
        let start = usize::try_from(offset).unwrap().min(content.len());
        Ok(content.iter().skip(start).take(length as usize).copied().collect())
    }

    fn remove(&self, blob: &BlobName) -> Result<(), BlobFault> {
        self.change(|left| left.home.blobs.remove(blob));
        Ok(())
    }

    fn names(&self, after: Option<&BlobName>, limit: u32) -> Result<Vec<BlobName>, BlobFault> {
        let left = self.left.borrow();
        let later = left.home.blobs.keys().filter(|name| after.is_none_or(|after| *name > after));
        Ok(later.take(limit as usize).cloned().collect())
    }
}
