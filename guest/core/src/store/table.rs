//! Tables: a tag byte, a key and a record in MessagePack with named fields.

use std::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};

use crate::digest::of;
use crate::ids::{Digest, IssueId, PairId};
use crate::limits::KEY_TEXT_BYTES_MAX;
use crate::ports::StoreFault;

/// A table of the store. Its tag is the first byte of every key.
#[derive(Debug)]
pub struct Table<K, V> {
    tag: u8,
    name: &'static str,
    types: PhantomData<fn(K) -> V>,
}

/// What can be a key: bytes whose order is the order of the keys.
pub trait Key: Sized {
    /// The key's bytes.
    fn to_bytes(&self) -> Vec<u8>;
    /// Reads what `to_bytes` wrote.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl<K: Key, V: Serialize + DeserializeOwned> Table<K, V> {
    /// A table; tags are given out in `tables.rs` alone.
    pub const fn new(tag: u8, name: &'static str) -> Self {
        Self { tag, name, types: PhantomData }
    }

    /// The store's key of a key.
    pub fn key(&self, key: &K) -> Vec<u8> {
        let mut bytes = vec![self.tag];
        bytes.extend(key.to_bytes());
        bytes
    }

    /// The range of all keys, the second excluded.
    pub fn range(&self) -> (Vec<u8>, Vec<u8>) {
        (vec![self.tag], vec![self.tag + 1])
    }

    /// The range of keys after one; all without it.
    pub fn range_after(&self, after: Option<&K>) -> (Vec<u8>, Vec<u8>) {
        let (mut start, end) = self.range();
        if let Some(after) = after {
            start = self.key(after);
            start.push(0);
        }
        (start, end)
    }

    /// Reads a store's key back.
    ///
    /// # Errors
    /// `Other` where it isn't one of this table's.
    pub fn read_key(&self, key: &[u8]) -> Result<K, StoreFault> {
        key.split_first()
            .filter(|(tag, _)| **tag == self.tag)
            .and_then(|(_, rest)| K::from_bytes(rest))
            .ok_or_else(|| StoreFault::Other(format!("a key of table {} can't be read", self.name)))
    }

    /// A record as bytes.
    ///
    /// # Errors
    /// `Other` where it can't be written.
    pub fn write(&self, record: &V) -> Result<Vec<u8>, StoreFault> {
        rmp_serde::to_vec_named(record)
            .map_err(|error| StoreFault::Other(format!("a record of table {} can't be written: {error}", self.name)))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// `Other` where it can't be read.
    pub fn read(&self, bytes: &[u8]) -> Result<V, StoreFault> {
        rmp_serde::from_slice(bytes)
            .map_err(|error| StoreFault::Other(format!("a record of table {} can't be read: {error}", self.name)))
    }
}

impl Key for () {
    fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.is_empty().then_some(())
    }
}

impl Key for u64 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_be_bytes(bytes.try_into().ok()?))
    }
}

impl Key for u32 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_be_bytes(bytes.try_into().ok()?))
    }
}

impl Key for PairId {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl Key for Digest {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl Key for String {
    fn to_bytes(&self) -> Vec<u8> {
        bounded(self)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_utf8(bytes.to_vec()).ok()
    }
}

impl Key for IssueId {
    fn to_bytes(&self) -> Vec<u8> {
        bounded(&self.0)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        String::from_utf8(bytes.to_vec()).ok().map(Self)
    }
}

/// Text of others as a key: ids of a tracker, names that a partner gave. One
/// that is longer than the store takes is cut, and its digest tells it from
/// those that begin alike.
fn bounded(text: &str) -> Vec<u8> {
    if text.len() <= KEY_TEXT_BYTES_MAX {
        return text.as_bytes().to_vec();
    }
    let mut end = KEY_TEXT_BYTES_MAX / 2;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}#{}", text.get(..end).unwrap_or_default(), of(text.as_bytes())).into_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_text_of_any_length_is_a_key_and_stays_the_same_one() {
        let table: Table<String, ()> = Table::new(b'?', "texts");
        let texts = ["a".repeat(480), "a".repeat(481), format!("{}b", "a".repeat(480)), "\u{10ffff}".repeat(200)];
        let keys = texts.map(|text| table.key(&text));
        for (place, key) in keys.iter().enumerate() {
            assert!(key.len() <= 512);
            assert_eq!(table.key(&table.read_key(key).unwrap()), *key);
            assert_eq!(keys.iter().position(|other| other == key), Some(place));
        }
    }
}
