//! `ferry:state/store` as the core's store.

use ferry_core::ports::{Entry, Mutation, StoreFault};

use crate::bindings::ferry::state::store;

pub(crate) struct Store;

impl ferry_core::ports::Store for Store {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        store::get(keys).map_err(fault)
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        let entries = store::scan(start, end, limit).map_err(fault)?;
        Ok(entries.into_iter().map(|store::Entry { key, value }| Entry { key, value }).collect())
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        store::count(start, end).map_err(fault)
    }

    fn commit(&self, mutations: Vec<Mutation>) -> Result<(), StoreFault> {
        let mutations: Vec<store::Mutation> = mutations
            .into_iter()
            .map(|mutation| match mutation {
                Mutation::Put(Entry { key, value }) => store::Mutation::Put(store::Entry { key, value }),
                Mutation::Delete(key) => store::Mutation::Delete(key),
            })
            .collect();
        store::commit(&mutations).map_err(fault)
    }
}

fn fault(fault: store::Fault) -> StoreFault {
    match fault {
        store::Fault::RetryLater => StoreFault::RetryLater,
        store::Fault::LostOwnership => StoreFault::LostOwnership,
        store::Fault::Full => StoreFault::Full,
        store::Fault::Other(reason) => StoreFault::Other(reason),
    }
}
