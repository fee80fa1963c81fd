//! The outside of a component: the imports of world `adapter`, one call each.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::bindings::ferry::host::{files, http, observe, settings};
use crate::bindings::ferry::state::{blobs, store};
use crate::outside::{
    Answer, BlobFault, Blobs, Change, Clock, Entry, Exchange, FileFault, Files, Http, HttpFault, Level, Mutation,
    Observe, Row, Settings, Stamp, Store, StoreFault, Summary,
};

/// What the host gives. Outside a component each call ends the program: tests
/// bring their own outside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Imports;

impl Store for Imports {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        store::get(keys)
    }
    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Row>, StoreFault> {
        store::scan(start, end, limit)
    }
    fn count_rows(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        store::count(start, end)
    }
    fn commit(&self, mutations: &[Mutation]) -> Result<(), StoreFault> {
        store::commit(mutations)
    }
}

impl Files for Imports {
    fn entries(
        &self,
        folder: &str,
        changed_since_ns: Option<u64>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, FileFault> {
        files::entries(folder, changed_since_ns, after, limit)
    }
    fn count_files(&self, folder: &str, suffix: &str) -> Result<u64, FileFault> {
        files::count(folder, suffix)
    }
    fn read_files(&self, names: &[String]) -> Vec<Result<(Entry, Vec<u8>), FileFault>> {
        files::read(names)
    }
    fn copy_to_blob(&self, name: &str) -> Result<String, FileFault> {
        files::into_blob(name)
    }
    fn change_files(&self, changes: &[Change]) -> Vec<Result<Stamp, FileFault>> {
        files::apply(changes)
    }
}

impl Http for Imports {
    fn send(&self, exchanges: &[Exchange]) -> Vec<Result<Answer, HttpFault>> {
        http::send(exchanges)
    }
}

impl Blobs for Imports {
    fn create_blob(&self) -> Result<String, BlobFault> {
        blobs::create()
    }
    fn write_blob(&self, blob: &str, offset: u64, content: &[u8]) -> Result<(), BlobFault> {
        blobs::write(blob, offset, content)
    }
    fn seal_blob(&self, blob: &str) -> Result<Summary, BlobFault> {
        blobs::seal(blob)
    }
    fn read_blob(&self, blob: &str, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        blobs::read(blob, offset, length)
    }
    fn remove_blob(&self, blob: &str) -> Result<(), BlobFault> {
        blobs::remove(blob)
    }
}

impl Settings for Imports {
    fn setting(&self, name: &str) -> Option<String> {
        settings::get(name)
    }
}

impl Clock for Imports {
    fn now_ns(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Observe for Imports {
    fn log(&self, level: Level, event: &str, attributes: &[(&str, &str)]) {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|(name, value)| observe::Attribute { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect();
        observe::log(level, event, &attributes);
    }
    fn progress(&self, stage: &str, done: u64, total: Option<u64>) {
        observe::progress(stage, done, total);
    }
}
