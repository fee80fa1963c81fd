//! What the adapter's store keeps of the folder: which file is which issue, how
//! it stood when last seen, and which effects made issues. Everything here can
//! be told again from the folder: what the issues' files don't say it keeps
//! itself ([`crate::numbers`]).
//!
//! | key | holds |
//! | --- | --- |
//! | `M` | [`Meta`] |
//! | `i` number | [`Row`] |
//! | `n` file name | its number, where the name doesn't say it |
//! | `f` file id, `d` digest | its number, where the file doesn't say it |
//! | `e` effect | the number of the issue that it made |
//! | `m` number | since when its file is missing, in nanoseconds |
//! | `g` time, number | an issue that is gone |

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher as _;

use ferry_adapter::model::Fault;
use ferry_adapter::outside::{Mutation, Outside, Row as Entry};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::numbers::Line;

/// One for the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// The next issue's number.
    pub next: u64,
    /// How many files of the folder end in `.md`.
    pub files: u64,
    /// Names the folder, as its mark does; empty until it has one.
    pub instance: String,
    /// The state of what the folder keeps that this store knows; none in a
    /// store from before it kept anything.
    pub state: Option<String>,
    /// How often the folder's part had been written then.
    pub count: u64,
}

/// One for each issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Its file; empty where another issue's took its place.
    pub name: String,
    /// The file's identity.
    pub file_id: u64,
    /// The file's time of change, in nanoseconds.
    pub changed_ns: u64,
    /// The file's length in bytes.
    pub size: u64,
    /// The digest of the file's bytes.
    pub digest: u128,
    /// The digest of its title.
    pub title: u64,
    /// The revision as it was last told.
    pub revision: String,
    /// Whether the file itself says which issue it is.
    pub keyed: bool,
    /// The synchronization that wrote the file as it stands; none where a
    /// person did.
    pub writer: Option<String>,
    /// The folder of its attachments.
    pub folder: Option<String>,
    /// When it was first seen, where the file doesn't say.
    pub created_ns: u64,
    /// The highest number among its comments so far.
    pub comments: u64,
    /// How many comments it has.
    pub comment_count: u64,
    /// Comments that a person wrote and that have no number in the file yet.
    pub loose: Vec<Loose>,
    /// Whether a person made it: the file doesn't say when.
    pub by_hand: bool,
}

/// A comment without a number in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loose {
    /// Its number.
    pub id: u64,
    /// The digest of its text.
    pub digest: u64,
    /// When it was first seen, in nanoseconds.
    pub seen_ns: u64,
}

/// The index, with changes that aren't committed yet.
pub struct Index<'a, O> {
    outside: &'a O,
    pending: RefCell<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
    cached: RefCell<BTreeMap<u64, Option<Row>>>,
    noted: RefCell<BTreeSet<u64>>,
}

impl<'a, O: Outside> Index<'a, O> {
    /// Nothing changed yet.
    pub fn new(outside: &'a O) -> Self {
        Self { outside, pending: RefCell::default(), cached: RefCell::default(), noted: RefCell::default() }
    }

    /// Issues of which the folder has to keep something else than it does.
    pub fn noted(&self) -> BTreeSet<u64> {
        self.noted.borrow().clone()
    }

    /// Notes one.
    pub fn note(&self, number: u64) {
        self.noted.borrow_mut().insert(number);
    }

    /// The folder keeps all of it.
    pub fn forget_noted(&self) {
        self.noted.borrow_mut().clear();
    }

    /// The folder's row; none where the index is new.
    pub fn meta(&self) -> Result<Option<Meta>, Fault> {
        self.get(b"M")
    }

    /// Sets the folder's row.
    pub fn set_meta(&self, meta: &Meta) {
        self.put(b"M".to_vec(), meta);
    }

    /// Reads the rows of these numbers into memory, in one call.
    pub fn load(&self, numbers: &[u64]) -> Result<(), Fault> {
        let missing: Vec<u64> = {
            let cached = self.cached.borrow();
            numbers.iter().copied().filter(|number| !cached.contains_key(number)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = missing.iter().map(|number| numbered(b'i', *number)).collect();
        let rows = self.outside.get(&keys)?;
        let mut cached = self.cached.borrow_mut();
        for (number, bytes) in missing.into_iter().zip(rows) {
            cached.insert(number, bytes.as_deref().map(decode).transpose()?);
        }
        Ok(())
    }

    /// An issue's row.
    pub fn row(&self, number: u64) -> Result<Option<Row>, Fault> {
        self.load(&[number])?;
        Ok(self.cached.borrow().get(&number).cloned().flatten())
    }

    /// Sets an issue's row, with what leads to it: `named` where its name says
    /// its number.
    pub fn set_row(&self, number: u64, row: &Row, old: Option<&Row>, named: impl Fn(&str) -> bool) {
        if old == Some(row) {
            return;
        }
        if Line::differs(old.and_then(Line::of).as_ref(), Line::of(row).as_ref()) {
            self.note(number);
        }
        if let Some(old) = old {
            if old.name != row.name && !old.name.is_empty() && !named(&old.name) {
                self.delete_if(text_key(b'n', &old.name), number);
            }
            if !old.keyed && (row.keyed || old.file_id != row.file_id) {
                self.delete_if(numbered(b'f', old.file_id), number);
            }
            if !old.keyed && (row.keyed || old.digest != row.digest) {
                self.delete_if(digest_key(old.digest), number);
            }
        }
        if !row.name.is_empty() && !named(&row.name) && old.is_none_or(|old| old.name != row.name) {
            self.put(text_key(b'n', &row.name), &number);
        }
        if !row.keyed {
            self.put(numbered(b'f', row.file_id), &number);
            // What was never read has no digest.
            if row.digest != 0 {
                self.put(digest_key(row.digest), &number);
            }
        }
        self.put(numbered(b'i', number), row);
        self.cached.borrow_mut().insert(number, Some(row.clone()));
    }

    /// Forgets an issue.
    pub fn remove_row(&self, number: u64, row: &Row) {
        if Line::of(row).is_some() {
            self.note(number);
        }
        for key in [text_key(b'n', &row.name), numbered(b'f', row.file_id), digest_key(row.digest)] {
            self.delete_if(key, number);
        }
        self.delete(numbered(b'i', number));
        self.delete(numbered(b'm', number));
        self.cached.borrow_mut().insert(number, None);
    }

    /// The number of the issue that the file of that name is, where the name
    /// doesn't say it.
    pub fn by_name(&self, name: &str) -> Result<Option<u64>, Fault> {
        self.get(&text_key(b'n', name))
    }

    /// The number of a file that doesn't say it, by the file's identity.
    pub fn by_file(&self, file_id: u64) -> Result<Option<u64>, Fault> {
        self.get(&numbered(b'f', file_id))
    }

    /// The number of a file that doesn't say it, by its content.
    pub fn by_digest(&self, digest: u128) -> Result<Option<u64>, Fault> {
        self.get(&digest_key(digest))
    }

    /// The number of the issue that an effect made.
    pub fn by_effect(&self, effect: &str) -> Result<Option<u64>, Fault> {
        self.get(&effect_key(effect))
    }

    /// Which of these effects made issues, in one call.
    pub fn by_effects(&self, effects: &[&str]) -> Result<Vec<Option<u64>>, Fault> {
        let keys: Vec<_> = effects.iter().map(|effect| effect_key(effect)).collect();
        let stored = self.outside.get(&keys)?;
        let pending = self.pending.borrow();
        let found = keys.iter().zip(stored).map(|(key, stored)| match pending.get(key) {
            Some(changed) => changed.as_deref().map(decode).transpose(),
            None => stored.as_deref().map(decode).transpose(),
        });
        found.collect()
    }

    /// Notes which issue an effect made.
    pub fn set_effect(&self, effect: &str, number: u64) {
        self.put(effect_key(effect), &number);
    }

    /// Notes that an issue's file is missing.
    pub fn set_missing(&self, number: u64, since_ns: u64) {
        self.put(numbered(b'm', number), &since_ns);
    }

    /// Its file is there again.
    pub fn clear_missing(&self, number: u64) {
        self.delete(numbered(b'm', number));
    }

    /// Since when an issue's file is missing, in nanoseconds; none where it isn't.
    pub fn missing_since(&self, number: u64) -> Result<Option<u64>, Fault> {
        self.get(&numbered(b'm', number))
    }

    /// Issues whose file is missing, and since when; what isn't committed yet
    /// left out.
    pub fn missing(&self) -> Result<Vec<(u64, u64)>, Fault> {
        let rows = self.outside.scan(b"m", b"n", 100_000)?;
        rows.iter().map(|row| Ok((number_in(&row.key).unwrap_or_default(), decode(&row.value)?))).collect()
    }

    /// Notes that an issue is gone.
    pub fn set_gone(&self, number: u64, now_ns: u64) {
        let mut key = numbered(b'g', now_ns);
        key.extend(number.to_be_bytes());
        self.put(key, &());
    }

    /// Issues gone at or after a time and after a key; commit before asking.
    pub fn gone(&self, since_ns: u64, after: Option<&[u8]>, limit: u32) -> Result<Vec<(Vec<u8>, u64)>, Fault> {
        let start = match after {
            Some(after) => [after, &[0]].concat(),
            None => numbered(b'g', since_ns),
        };
        let rows = self.outside.scan(&start, b"h", limit)?;
        let number = |key: &[u8]| key.get(9..17).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        Ok(rows.into_iter().filter_map(|row| Some((number(&row.key)?, row.key))).map(|(n, k)| (k, n)).collect())
    }

    /// Numbers and rows after a number, in their order; commit before asking.
    pub fn rows(&self, after: u64, limit: u32) -> Result<Vec<(u64, Row)>, Fault> {
        let start = numbered(b'i', after.saturating_add(1));
        let rows = self.outside.scan(&start, b"j", limit)?;
        rows.iter().map(|row| Ok((number_in(&row.key).unwrap_or_default(), decode(&row.value)?))).collect()
    }

    /// Makes the changes durable, all at once.
    pub fn commit(&self) -> Result<(), Fault> {
        let pending = std::mem::take(&mut *self.pending.borrow_mut());
        if pending.is_empty() {
            return Ok(());
        }
        let mutations: Vec<Mutation> = pending
            .into_iter()
            .map(|(key, value)| match value {
                Some(value) => Mutation::Put(Entry { key, value }),
                None => Mutation::Delete(key),
            })
            .collect();
        Ok(self.outside.commit(&mutations)?)
    }

    fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, Fault> {
        if let Some(changed) = self.pending.borrow().get(key) {
            return changed.as_deref().map(decode).transpose();
        }
        let found = self.outside.get(&[key.to_vec()])?;
        found.into_iter().flatten().next().as_deref().map(decode).transpose()
    }

    fn put<T: Serialize>(&self, key: Vec<u8>, value: &T) {
        // Our own types without maps or unsized values always encode.
        let bytes = rmp_serde::to_vec(value).unwrap_or_default();
        self.pending.borrow_mut().insert(key, Some(bytes));
    }

    fn delete(&self, key: Vec<u8>) {
        self.pending.borrow_mut().insert(key, None);
    }

    /// Deletes a way to an issue, unless it leads to another one by now.
    fn delete_if(&self, key: Vec<u8>, number: u64) {
        if self.get::<u64>(&key).ok().flatten() == Some(number) {
            self.delete(key);
        }
    }
}

/// A digest that no accident repeats; not meant against forgers.
pub fn digest(bytes: &[u8]) -> u128 {
    let mut hash = SipHasher13::new();
    hash.write(bytes);
    hash.finish128().as_u128()
}

/// A short digest, to tell texts of one issue apart.
pub fn short(text: &str) -> u64 {
    u64::try_from(digest(text.as_bytes()) >> 64).unwrap_or_default()
}

/// A row that can't be read is no missing row: its issue would get a second
/// number.
fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    rmp_serde::from_slice(bytes).map_err(|error| {
        let what = "the adapter's store holds a row that this version can't read: use the newer adapter, or a backup";
        Fault::Other(format!("{what} ({error})"))
    })
}

fn numbered(tag: u8, number: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(9);
    key.push(tag);
    key.extend(number.to_be_bytes());
    key
}

/// The time in a departure's key.
pub fn time_in(key: &[u8]) -> Option<u64> {
    number_in(key)
}

fn number_in(key: &[u8]) -> Option<u64> {
    key.get(1..9)?.try_into().ok().map(u64::from_be_bytes)
}

fn text_key(tag: u8, text: &str) -> Vec<u8> {
    [&[tag], text.as_bytes()].concat()
}

fn digest_key(digest: u128) -> Vec<u8> {
    [b"d".as_slice(), &digest.to_be_bytes()].concat()
}

fn effect_key(effect: &str) -> Vec<u8> {
    [b"e".as_slice(), &digest(effect.as_bytes()).to_be_bytes()].concat()
}
