//! One commit in the making. What was put is read back before it is durable.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};

use super::table::{Key, Table};
use crate::ports::{Entry, Mutation, Store, StoreFault};

/// Changes that become durable together, or not at all.
pub struct Draft<'a> {
    store: &'a dyn Store,
    pending: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
}

impl<'a> Draft<'a> {
    /// Nothing changed yet.
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store, pending: BTreeMap::new(), bytes: 0 }
    }

    /// Another one, for what is to be durable on its own.
    pub(crate) fn apart(&self) -> Self {
        Self::new(self.store)
    }

    /// A record, as this draft would leave it.
    ///
    /// # Errors
    /// The store's, and `Other` for a record that can't be read.
    pub fn get<K: Key, V: Serialize + DeserializeOwned>(
        &self,
        table: &Table<K, V>,
        key: &K,
    ) -> Result<Option<V>, StoreFault> {
        let key = table.key(key);
        let bytes = match self.pending.get(&key) {
            Some(pending) => pending.clone(),
            None => self.store.get(&[key])?.pop().flatten(),
        };
        bytes.map(|bytes| table.read(&bytes)).transpose()
    }

    /// Records, in the order asked for, with one call to the store.
    ///
    /// # Errors
    /// As `get`.
    pub fn get_many<K: Key, V: Serialize + DeserializeOwned>(
        &self,
        table: &Table<K, V>,
        keys: &[K],
    ) -> Result<Vec<Option<V>>, StoreFault> {
        let keys: Vec<Vec<u8>> = keys.iter().map(|key| table.key(key)).collect();
        let stored = self.store.get(&keys)?;
        keys.iter()
            .zip(stored)
            .map(|(key, stored)| {
                let bytes = self.pending.get(key).cloned().unwrap_or(stored);
                bytes.map(|bytes| table.read(&bytes)).transpose()
            })
            .collect()
    }

    /// At most `limit` records after a key, in key order, as this draft would
    /// leave them. Fewer do not mean that there are no more: go on after the
    /// last, until none come.
    ///
    /// # Errors
    /// As `get`.
    pub fn scan<K: Key, V: Serialize + DeserializeOwned>(
        &self,
        table: &Table<K, V>,
        after: Option<&K>,
        limit: u32,
    ) -> Result<Vec<(K, V)>, StoreFault> {
        let (mut start, end) = table.range_after(after);
        loop {
            let stored = self.store.scan(&start, &end, limit)?;
            let Some(last) = stored.last().map(|entry| entry.key.clone()) else {
                return self.merged(table, Vec::new(), &start, &end, limit);
            };
            let mut next = last;
            next.push(0);
            let merged = self.merged(table, stored, &start, &next, limit)?;
            if !merged.is_empty() {
                return Ok(merged);
            }
            start = next;
        }
    }

    fn merged<K: Key, V: Serialize + DeserializeOwned>(
        &self,
        table: &Table<K, V>,
        stored: Vec<Entry>,
        start: &[u8],
        end: &[u8],
        limit: u32,
    ) -> Result<Vec<(K, V)>, StoreFault> {
        let mut merged: BTreeMap<Vec<u8>, Option<Vec<u8>>> =
            stored.into_iter().map(|entry| (entry.key, Some(entry.value))).collect();
        for (key, value) in self.pending.range(start.to_vec()..end.to_vec()) {
            merged.insert(key.clone(), value.clone());
        }
        merged
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .take(limit as usize)
            .map(|(key, value)| Ok((table.read_key(&key)?, table.read(&value)?)))
            .collect()
    }

    /// Sets a record.
    ///
    /// # Errors
    /// `Other` where it can't be written.
    pub fn put<K: Key, V: Serialize + DeserializeOwned>(
        &mut self,
        table: &Table<K, V>,
        key: &K,
        record: &V,
    ) -> Result<(), StoreFault> {
        let bytes = table.write(record)?;
        self.bytes += bytes.len();
        self.pending.insert(table.key(key), Some(bytes));
        Ok(())
    }

    /// Removes a record; one that isn't there is no error.
    pub fn delete<K: Key, V: Serialize + DeserializeOwned>(&mut self, table: &Table<K, V>, key: &K) {
        self.pending.insert(table.key(key), None);
    }

    /// How many bytes of records wait, to end a batch before it grows large.
    pub fn size(&self) -> usize {
        self.bytes
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Makes all of it durable in one commit.
    ///
    /// # Errors
    /// The store's; then nothing of it happened.
    pub fn commit(self) -> Result<(), StoreFault> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mutations = self.pending.into_iter().map(|(key, value)| match value {
            Some(value) => Mutation::Put(Entry { key, value }),
            None => Mutation::Delete(key),
        });
        self.store.commit(mutations.collect())
    }
}
