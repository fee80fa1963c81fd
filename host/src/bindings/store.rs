//! `ferry:state/store`, onto a store.

use super::engine::ferry::state::store::{Entry, Fault, Host, Mutation};
use crate::runtime::Ports;
use crate::store::{self, StoreFault};

impl Host for Ports {
    fn get(&mut self, keys: Vec<Vec<u8>>) -> wasmtime::Result<Result<Vec<Option<Vec<u8>>>, Fault>> {
        self.hosted(|ports| Ok(ports.store.get(&keys).map_err(Fault::from)))
    }

    fn scan(&mut self, start: Vec<u8>, end: Vec<u8>, limit: u32) -> wasmtime::Result<Result<Vec<Entry>, Fault>> {
        self.hosted(|ports| {
            let found = ports.store.scan(&start, &end, limit).map_err(Fault::from);
            Ok(found.map(|entries| entries.into_iter().map(|(key, value)| Entry { key, value }).collect()))
        })
    }

    fn count(&mut self, start: Vec<u8>, end: Vec<u8>) -> wasmtime::Result<Result<u64, Fault>> {
        self.hosted(|ports| Ok(ports.store.count(&start, &end).map_err(Fault::from)))
    }

    fn commit(&mut self, mutations: Vec<Mutation>) -> wasmtime::Result<Result<(), Fault>> {
        self.hosted(|ports| {
            let mutations: Vec<_> = mutations.into_iter().map(store::Mutation::from).collect();
            ports.reading.ends();
            // It was only to say that what was read did no harm.
            if mutations.is_empty() {
                return Ok(Ok(()));
            }
            Ok(ports.store.commit(&mutations).map_err(Fault::from))
        })
    }
}

impl From<Mutation> for store::Mutation {
    fn from(mutation: Mutation) -> Self {
        match mutation {
            Mutation::Put(Entry { key, value }) => Self::Put(key, value),
            Mutation::Delete(key) => Self::Delete(key),
        }
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::RetryLater => Self::RetryLater,
            StoreFault::LostOwnership => Self::LostOwnership,
            StoreFault::Full => Self::Full,
            StoreFault::Other(text) => Self::Other(text),
        }
    }
}
