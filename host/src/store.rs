//! A component's store: one SQLite file, an ordered map of bytes.
//!
//! Write-ahead log with `synchronous=FULL`: a commit that returned survives a
//! power cut, and commits are batched by the caller, never weakened here. The
//! file is locked for as long as it is open, which is also what makes the log
//! cheap: no shared memory file. After a failed commit the connection is
//! dropped; what happened is read anew from the file at the next call.

mod fault;
mod open;
mod values;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

pub use fault::{OpenError, StoreFault};

/// A key, in bytes; longer ones are refused.
pub const KEY_BYTES_MAX: usize = 512;
/// A value, in bytes; larger ones are refused.
pub const VALUE_BYTES_MAX: usize = 16 << 20;
/// What one scan answers at most, in bytes of values: what fits into a
/// component's memory beside its work.
pub const SCAN_BYTES_MAX: usize = 4 << 20;

/// One change in a commit. What it sets may be secret keys: it isn't printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Mutation {
    /// Sets a key.
    Put(Vec<u8>, Vec<u8>),
    /// Removes a key; one that isn't there is no error.
    Delete(Vec<u8>),
}

impl std::fmt::Debug for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Put(key, value) => write!(f, "Put({key:?}: {} bytes)", value.len()),
            Self::Delete(key) => write!(f, "Delete({key:?})"),
        }
    }
}

/// An open store. Shared by reference; calls are serialised.
#[derive(Debug)]
pub struct Store {
    path: Option<PathBuf>,
    connection: Mutex<Option<Connection>>,
}

impl Store {
    /// Opens the file, made (0600) where it isn't there, and locks it.
    ///
    /// # Errors
    /// Where somebody else has it open, it belongs to a newer version or to
    /// another program, or SQLite can't read it.
    pub fn open(path: &Path) -> Result<Arc<Self>, OpenError> {
        let connection = open::file(path)?;
        Ok(Arc::new(Self { path: Some(path.to_owned()), connection: Mutex::new(Some(connection)) }))
    }

    /// An empty one in memory, gone when dropped.
    ///
    /// # Errors
    /// Where SQLite can't.
    pub fn temporary() -> Result<Arc<Self>, OpenError> {
        Ok(Arc::new(Self { path: None, connection: Mutex::new(Some(open::memory()?)) }))
    }

    /// Opens the file anew where a failed commit closed it.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn reopen(&self) -> Result<(), OpenError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.is_none() {
            *connection = Some(match &self.path {
                Some(path) => open::file(path)?,
                None => open::memory()?,
            });
        }
        Ok(())
    }

    /// What the keys hold, in the order asked for.
    ///
    /// # Errors
    /// By what the caller should do next.
    pub fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        self.with(|connection| values::get(connection, keys))
    }

    /// At most `limit` entries from `start` up to and without `end`, in key
    /// order; fewer where their values would exceed [`SCAN_BYTES_MAX`], but one
    /// if there is one.
    ///
    /// # Errors
    /// By what the caller should do next.
    #[allow(clippy::type_complexity)] // Keys and values; a name would only hide that.
    pub fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreFault> {
        self.with(|connection| values::scan(connection, start, end, limit))
    }

    /// How many keys there are from `start` up to and without `end`.
    ///
    /// # Errors
    /// By what the caller should do next.
    pub fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        self.with(|connection| values::count(connection, start, end))
    }

    /// All of them or none, in order, durable on return. After a failure
    /// nothing can be read or written until [`Store::reopen`].
    ///
    /// # Errors
    /// By what the caller should do next; never to be retried blindly.
    pub fn commit(&self, mutations: &[Mutation]) -> Result<(), StoreFault> {
        values::check(mutations)?;
        let mut guard = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = guard.as_mut().ok_or_else(fault::closed)?;
        let outcome = values::commit(connection, mutations);
        if outcome.is_err() {
            // Whether it is in the file only the file can tell.
            *guard = None;
        }
        outcome.map_err(StoreFault::from)
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreFault> {
        let guard = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = guard.as_ref().ok_or_else(fault::closed)?;
        work(connection).map_err(StoreFault::from)
    }
}

#[cfg(test)]
mod tests;
