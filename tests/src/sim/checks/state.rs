//! What stores hold, read as records.

use std::collections::BTreeMap;

use ferry_core::ids::PairId;
use ferry_core::pair::Pair;
use ferry_core::ports::{Entry, Mutation, StoreFault};
use ferry_core::store::{Draft, Key, Table};
use ferry_core::tables;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::history::History;
use super::super::play::side;
use super::super::step::End;
use crate::{Side, World};

/// A store as its commits left it.
#[derive(Clone, Default)]
pub(super) struct Shadow(BTreeMap<Vec<u8>, Vec<u8>>);

impl Shadow {
    pub fn of(side: &Side) -> Self {
        Self(side.store.contents())
    }

    pub fn take(&mut self, mutations: Vec<Mutation>) {
        for mutation in mutations {
            match mutation {
                Mutation::Put(Entry { key, value }) => drop(self.0.insert(key, value)),
                Mutation::Delete(key) => drop(self.0.remove(&key)),
            }
        }
    }

    /// A record.
    pub fn get<K: Key, V: Serialize + DeserializeOwned>(&self, table: &Table<K, V>, key: &K) -> Option<V> {
        Draft::new(self).get(table, key).unwrap()
    }

    /// All records of a table.
    pub fn all<K: Key, V: Serialize + DeserializeOwned>(&self, table: &Table<K, V>) -> Vec<(K, V)> {
        Draft::new(self).scan(table, None, u32::MAX).unwrap()
    }
}

impl From<BTreeMap<Vec<u8>, Vec<u8>>> for Shadow {
    fn from(contents: BTreeMap<Vec<u8>, Vec<u8>>) -> Self {
        Self(contents)
    }
}

impl ferry_core::ports::Store for Shadow {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        Ok(keys.iter().map(|key| self.0.get(key).cloned()).collect())
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        let some = self.0.range(start.to_vec()..end.to_vec()).take(limit as usize);
        Ok(some.map(|(key, value)| Entry { key: key.clone(), value: value.clone() }).collect())
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        Ok(self.0.range(start.to_vec()..end.to_vec()).count() as u64)
    }

    fn commit(&self, _: Vec<Mutation>) -> Result<(), StoreFault> {
        Err(StoreFault::Other("a shadow is not written to".to_owned()))
    }
}

/// The records of one table that a commit puts.
pub(in crate::sim) fn puts<K: Key, V: Serialize + DeserializeOwned>(
    mutations: &[Mutation],
    table: &Table<K, V>,
) -> Vec<(K, V)> {
    let (start, end) = table.range();
    let of = |entry: &&Entry| entry.key >= start && entry.key < end;
    let put = mutations.iter().filter_map(|mutation| match mutation {
        Mutation::Put(entry) => Some(entry),
        Mutation::Delete(_) => None,
    });
    let read = |entry: &Entry| (table.read_key(&entry.key).unwrap(), table.read(&entry.value).unwrap());
    put.filter(of).map(read).collect()
}

/// A world at rest.
pub(super) struct Ended<'w> {
    pub world: &'w World,
    pub history: &'w History,
    pub stores: [Shadow; 2],
    pub pairs: [BTreeMap<PairId, Pair>; 2],
}

impl<'w> Ended<'w> {
    pub fn of(world: &'w World, history: &'w History) -> Self {
        let stores = End::BOTH.map(|end| Shadow::of(side(world, end)));
        let pairs = [0, 1].map(|end: usize| stores[end].all(&tables::PAIRS).into_iter().collect());
        Self { world, history, stores, pairs }
    }

    pub fn side(&self, end: End) -> &Side {
        side(self.world, end)
    }

    pub fn pair(&self, end: End, id: &PairId) -> Option<&Pair> {
        self.pairs[end as usize].get(id)
    }
}
