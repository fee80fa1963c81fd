//! The store: a map.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_core::ports::{self, Entry, Mutation, StoreFault};

use super::journal::{Event, Journal};
use crate::{Call, Fuse};

/// As in `ferry:state/store`: what a key and a value may weigh, and what a
/// scan answers at most, in bytes.
const KEY_BYTES_MAX: usize = 512;
const VALUE_BYTES_MAX: usize = 16 << 20;
const SCAN_BYTES_MAX: usize = 4 << 20;

/// A store in memory. A copy of `contents` is a backup.
#[derive(Default)]
pub struct Store {
    fuse: Rc<Fuse>,
    journal: Rc<Journal>,
    contents: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    commits: Cell<u64>,
    failing: RefCell<Option<Failing>>,
}

/// A call that is going to fail.
struct Failing {
    /// Calls before it.
    after: u64,
    fault: StoreFault,
    /// A commit happens, and only its answer is lost.
    late: bool,
}

impl Store {
    /// An empty one.
    pub fn new(fuse: Rc<Fuse>) -> Self {
        Self { fuse, ..Self::default() }
    }

    /// An empty one that writes down what becomes durable.
    pub fn watched(fuse: Rc<Fuse>, journal: Rc<Journal>) -> Self {
        Self { fuse, journal, ..Self::default() }
    }

    /// All that it holds.
    pub fn contents(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.contents.borrow().clone()
    }

    /// Makes it hold what a backup held.
    pub fn restore(&self, contents: BTreeMap<Vec<u8>, Vec<u8>>) {
        self.contents.replace(contents);
    }

    /// How many commits there were: each costs a synchronization to disk.
    pub fn commits(&self) -> u64 {
        self.commits.get()
    }

    /// The next call fails, and nothing of it happens.
    pub fn fail_next(&self, fault: StoreFault) {
        self.fail_after(0, fault, false);
    }

    /// The call after so many fails. Nothing of it happens; or all of it, and
    /// only its answer is lost.
    pub fn fail_after(&self, after: u64, fault: StoreFault, late: bool) {
        self.failing.replace(Some(Failing { after, fault, late }));
    }

    /// No call fails any more.
    pub fn heal(&self) {
        self.failing.take();
    }

    /// Whether this call fails, and whether only its answer does.
    fn call(&self, call: Call) -> Result<Option<StoreFault>, StoreFault> {
        self.fuse.before(call);
        let mut failing = self.failing.borrow_mut();
        match failing.take() {
            Some(Failing { after: 0, fault, late }) => {
                if late {
                    Ok(Some(fault))
                } else {
                    Err(fault)
                }
            }
            Some(waits) => {
                *failing = Some(Failing { after: waits.after - 1, ..waits });
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

impl ports::Store for Store {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.call(Call::StoreRead)?;
        let contents = self.contents.borrow();
        Ok(keys.iter().map(|key| contents.get(key).cloned()).collect())
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        self.call(Call::StoreRead)?;
        if start >= end {
            return Ok(Vec::new());
        }
        let contents = self.contents.borrow();
        let mut bytes = 0;
        let mut entries = Vec::new();
        for (key, value) in contents.range(start.to_vec()..end.to_vec()).take(limit as usize) {
            bytes += value.len();
            if bytes > SCAN_BYTES_MAX && !entries.is_empty() {
                break;
            }
            entries.push(Entry { key: key.clone(), value: value.clone() });
        }
        Ok(entries)
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        self.call(Call::StoreRead)?;
        if start >= end {
            return Ok(0);
        }
        Ok(self.contents.borrow().range(start.to_vec()..end.to_vec()).count() as u64)
    }

    fn commit(&self, mutations: Vec<Mutation>) -> Result<(), StoreFault> {
        let lost = self.call(Call::Commit)?;
        for mutation in &mutations {
            if let Mutation::Put(entry) = mutation {
                assert!(entry.key.len() <= KEY_BYTES_MAX, "a key of {} bytes", entry.key.len());
                assert!(entry.value.len() <= VALUE_BYTES_MAX, "a value of {} bytes", entry.value.len());
            }
        }
        self.journal.add(|| Event::Commit(mutations.clone()));
        let mut contents = self.contents.borrow_mut();
        for mutation in mutations {
            match mutation {
                Mutation::Put(entry) => drop(contents.insert(entry.key, entry.value)),
                Mutation::Delete(key) => drop(contents.remove(&key)),
            }
        }
        drop(contents);
        self.commits.set(self.commits.get() + 1);
        self.fuse.after(Call::Commit);
        lost.map_or(Ok(()), Err)
    }
}
