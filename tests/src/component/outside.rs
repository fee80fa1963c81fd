//! The imports of the engine, onto a side of a world in memory.

use std::cell::RefCell;
use std::rc::Rc;

use ferry::bindings::engine::ferry::control::request;
use ferry::bindings::engine::ferry::host::observe;
use ferry::bindings::engine::ferry::state::{blobs, store};
use ferry::bindings::engine::ferry::tracker::{issues, model};
use ferry::bindings::engine::ferry::transport::{delivery, folder};
use ferry_core::ids::{BlobName, Cursor, IssueId, ItemId, ParcelName};
use ferry_core::ports::{
    BlobFault, Blobs as _, Channel as _, ChannelFault, Disposition, Entry, Level, Listed, Mutation, Observer as _,
    Store as _, StoreFault, Tracker as _,
};

use super::{issue, schema, write};
use crate::Side;
use crate::memory::journal::{Journal, Scribe};
use crate::memory::{Blobs, Channel, Store, Tracker};

/// What an instance is given; empty, because instances want what can go to
/// another thread. The world stays on its own ([`Hands`]).
pub(super) struct Outside;

/// What a side has.
#[derive(Clone)]
pub(super) struct Hands {
    store: Rc<Store>,
    blobs: Rc<Blobs>,
    pub(super) channel: Rc<Channel>,
    tracker: Rc<Tracker>,
    journal: Rc<Journal>,
    pub(super) by_mail: bool,
}

thread_local! {
    /// Those of the side whose call is under way on this thread.
    static LENT: RefCell<Option<Hands>> = const { RefCell::new(None) };
}

impl Hands {
    pub fn of(side: &Side) -> Self {
        Self {
            store: side.store.clone(),
            blobs: side.blobs.clone(),
            channel: side.channel.clone(),
            tracker: side.tracker.clone(),
            journal: side.journal.clone(),
            by_mail: side.by_mail.get(),
        }
    }

    /// Runs a call that reaches them. One that dies leaves them behind, for the
    /// next to take away.
    pub fn lent<T>(self, call: impl FnOnce() -> T) -> T {
        LENT.replace(Some(self));
        let answer = call();
        LENT.take();
        answer
    }
}

pub(super) fn with<T>(work: impl FnOnce(&Hands) -> T) -> wasmtime::Result<T> {
    let hands = LENT.with_borrow(Clone::clone).expect("only a call reaches here");
    Ok(work(&hands))
}

impl request::Host for Outside {}
impl model::Host for Outside {}

impl observe::Host for Outside {
    fn log(
        &mut self,
        level: observe::Level,
        event: String,
        attributes: Vec<observe::Attribute>,
    ) -> wasmtime::Result<()> {
        let level = match level {
            observe::Level::Debug => Level::Debug,
            observe::Level::Info => Level::Info,
            observe::Level::Warning => Level::Warning,
            observe::Level::Error => Level::Error,
        };
        let attributes: Vec<(&str, String)> =
            attributes.iter().map(|it| (it.name.as_str(), it.value.clone())).collect();
        with(|hands| Scribe(&hands.journal).log(level, &event, &attributes))
    }

    fn progress(&mut self, stage: String, done: u64, total: Option<u64>) -> wasmtime::Result<()> {
        with(|hands| Scribe(&hands.journal).progress(&stage, done, total))
    }
}

impl store::Host for Outside {
    fn get(&mut self, keys: Vec<Vec<u8>>) -> wasmtime::Result<Result<Vec<Option<Vec<u8>>>, store::Fault>> {
        with(|hands| hands.store.get(&keys).map_err(of_store))
    }

    fn scan(
        &mut self,
        start: Vec<u8>,
        end: Vec<u8>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<store::Entry>, store::Fault>> {
        let row = |Entry { key, value }| store::Entry { key, value };
        with(|hands| {
            let rows = hands.store.scan(&start, &end, limit).map_err(of_store)?;
            Ok(rows.into_iter().map(row).collect())
        })
    }

    fn count(&mut self, start: Vec<u8>, end: Vec<u8>) -> wasmtime::Result<Result<u64, store::Fault>> {
        with(|hands| hands.store.count(&start, &end).map_err(of_store))
    }

    fn commit(&mut self, mutations: Vec<store::Mutation>) -> wasmtime::Result<Result<(), store::Fault>> {
        let mutation = |mutation| match mutation {
            store::Mutation::Put(store::Entry { key, value }) => Mutation::Put(Entry { key, value }),
            store::Mutation::Delete(key) => Mutation::Delete(key),
        };
        with(|hands| hands.store.commit(mutations.into_iter().map(mutation).collect()).map_err(of_store))
    }
}

fn of_store(fault: StoreFault) -> store::Fault {
    match fault {
        StoreFault::RetryLater => store::Fault::RetryLater,
        StoreFault::LostOwnership => store::Fault::LostOwnership,
        StoreFault::Full => store::Fault::Full,
        StoreFault::Other(reason) => store::Fault::Other(reason),
    }
}

impl blobs::Host for Outside {
    fn create(&mut self) -> wasmtime::Result<Result<String, blobs::Fault>> {
        with(|hands| hands.blobs.create().map(|name| name.0).map_err(of_blob))
    }

    fn write(&mut self, blob: String, offset: u64, content: Vec<u8>) -> wasmtime::Result<Result<(), blobs::Fault>> {
        with(|hands| hands.blobs.write(&BlobName(blob), offset, &content).map_err(of_blob))
    }

    fn sync(&mut self, names: Vec<String>) -> wasmtime::Result<Result<(), blobs::Fault>> {
        let names: Vec<BlobName> = names.into_iter().map(BlobName).collect();
        with(|hands| hands.blobs.sync(&names).map_err(of_blob))
    }

    fn seal(&mut self, blob: String) -> wasmtime::Result<Result<blobs::Summary, blobs::Fault>> {
        with(|hands| {
            let summary = hands.blobs.seal(&BlobName(blob)).map_err(of_blob)?;
            Ok(blobs::Summary { size: summary.size, digest: summary.digest.0.to_vec() })
        })
    }

    fn read(&mut self, blob: String, offset: u64, length: u32) -> wasmtime::Result<Result<Vec<u8>, blobs::Fault>> {
        with(|hands| hands.blobs.read(&BlobName(blob), offset, length).map_err(of_blob))
    }

    fn remove(&mut self, blob: String) -> wasmtime::Result<Result<(), blobs::Fault>> {
        with(|hands| hands.blobs.remove(&BlobName(blob)).map_err(of_blob))
    }

    fn names(&mut self, after: Option<String>, limit: u32) -> wasmtime::Result<Result<Vec<String>, blobs::Fault>> {
        with(|hands| {
            let names = hands.blobs.names(after.map(BlobName).as_ref(), limit).map_err(of_blob)?;
            Ok(names.into_iter().map(|name| name.0).collect())
        })
    }
}

fn of_blob(fault: BlobFault) -> blobs::Fault {
    match fault {
        BlobFault::NotFound => blobs::Fault::NotFound,
        BlobFault::TooLarge(bytes) => blobs::Fault::TooLarge(bytes),
        BlobFault::Full => blobs::Fault::Full,
        BlobFault::Other(reason) => blobs::Fault::Other(reason),
    }
}

fn parcels(names: Vec<String>) -> Vec<ParcelName> {
    names.into_iter().map(ParcelName).collect()
}

fn entries(listed: Vec<Listed>) -> Vec<folder::Entry> {
    listed.into_iter().map(|it| folder::Entry { name: it.name.0, size: it.size, settled: it.settled }).collect()
}

impl folder::Host for Outside {
    fn put(&mut self, name: String, content: Vec<u8>) -> wasmtime::Result<Result<(), delivery::Fault>> {
        with(|hands| hands.channel.put(None, &ParcelName(name), &content).map_err(of_channel))
    }

    fn withdraw(&mut self, names: Vec<String>) -> wasmtime::Result<Result<(), delivery::Fault>> {
        with(|hands| hands.channel.withdraw(&parcels(names)).map_err(of_channel))
    }

    fn sent(
        &mut self,
        token: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<folder::Entry>, delivery::Fault>> {
        with(|hands| hands.channel.sent(&token, after.map(ParcelName).as_ref(), limit).map(entries).map_err(of_channel))
    }

    fn received(
        &mut self,
        token: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<folder::Entry>, delivery::Fault>> {
        let after = after.map(ParcelName);
        with(|hands| hands.channel.received(&token, after.as_ref(), limit).map(entries).map_err(of_channel))
    }

    fn read(&mut self, name: String, max_bytes: u64) -> wasmtime::Result<Result<Vec<u8>, delivery::Fault>> {
        with(|hands| hands.channel.read(&ParcelName(name), max_bytes).map_err(of_channel))
    }

    fn harmful(&mut self) -> wasmtime::Result<Result<Vec<folder::Suspect>, delivery::Fault>> {
        with(|hands| {
            let known = hands.channel.harmful().map_err(of_channel)?;
            Ok(known.into_iter().map(|(name, times)| folder::Suspect { name: name.0, times }).collect())
        })
    }

    fn dispose(
        &mut self,
        names: Vec<String>,
        how: delivery::Disposition,
    ) -> wasmtime::Result<Result<(), delivery::Fault>> {
        with(|hands| hands.channel.dispose(&parcels(names), disposition(how)).map_err(of_channel))
    }

    fn restore(&mut self, name: String) -> wasmtime::Result<Result<(), delivery::Fault>> {
        with(|hands| hands.channel.restore(&ParcelName(name)).map_err(of_channel))
    }
}

pub(super) fn disposition(how: delivery::Disposition) -> Disposition {
    match how {
        delivery::Disposition::Processed => Disposition::Processed,
        delivery::Disposition::Rejected => Disposition::Rejected,
    }
}

pub(super) fn of_channel(fault: ChannelFault) -> delivery::Fault {
    match fault {
        ChannelFault::RetryLater(reason) => delivery::Fault::RetryLater(reason),
        ChannelFault::Unauthenticated(reason) => delivery::Fault::Unauthenticated(reason),
        ChannelFault::Insecure(reason) => delivery::Fault::Insecure(reason),
        ChannelFault::TooLarge(bytes) => delivery::Fault::TooLarge(bytes),
        ChannelFault::NotFound => delivery::Fault::NotFound,
        ChannelFault::Denied(reason) => delivery::Fault::Denied(reason),
        ChannelFault::Full => delivery::Fault::Full,
        ChannelFault::Other(reason) => delivery::Fault::Other(reason),
    }
}

type Answer<T> = Result<T, model::Fault>;

impl issues::Host for Outside {
    fn identify(&mut self) -> wasmtime::Result<Answer<model::Identity>> {
        with(|hands| hands.tracker.identify().map(schema::identity).map_err(issue::fault))
    }

    fn schema(&mut self) -> wasmtime::Result<Answer<model::ProjectSchema>> {
        with(|hands| hands.tracker.schema().map(schema::project).map_err(issue::fault))
    }

    fn people(&mut self, whom: Vec<model::Person>) -> wasmtime::Result<Vec<Answer<Option<model::User>>>> {
        let whom: Vec<_> = whom.into_iter().map(schema::person).collect();
        with(|hands| each(hands.tracker.people(&whom), |user| user.map(issue::user)))
    }

    fn changes(&mut self, since: Option<String>, limit: u32) -> wasmtime::Result<Answer<model::ChangePage>> {
        let since = since.map(Cursor);
        with(|hands| hands.tracker.changes(since.as_ref(), limit).map(issue::page).map_err(issue::fault))
    }

    fn read(&mut self, ids: Vec<String>) -> wasmtime::Result<Vec<Answer<model::Issue>>> {
        let ids: Vec<IssueId> = ids.into_iter().map(IssueId).collect();
        with(|hands| each(hands.tracker.read(&ids), issue::issue))
    }

    fn ids(&mut self, after: Option<String>, limit: u32) -> wasmtime::Result<Answer<Vec<String>>> {
        with(|hands| {
            let ids = hands.tracker.ids(after.map(IssueId).as_ref(), limit).map_err(issue::fault)?;
            Ok(ids.into_iter().map(|id| id.0).collect())
        })
    }

    fn find(&mut self, effects: Vec<model::Effect>) -> wasmtime::Result<Vec<Answer<Vec<model::Found>>>> {
        let effects: Vec<_> = effects.into_iter().map(write::effect).collect();
        with(|hands| each(hands.tracker.find(&effects), |found| found.into_iter().map(write::found).collect()))
    }

    fn apply(&mut self, effects: Vec<model::Effect>) -> wasmtime::Result<Vec<Answer<model::Applied>>> {
        let effects: Vec<_> = effects.into_iter().map(write::effect).collect();
        with(|hands| each(hands.tracker.apply(&effects), write::applied))
    }

    fn fetch_attachment(&mut self, id: String, attachment: String) -> wasmtime::Result<Answer<String>> {
        with(|hands| {
            let fetched = hands.tracker.fetch_attachment(&IssueId(id), &ItemId(attachment));
            fetched.map(|blob| blob.0).map_err(issue::fault)
        })
    }
}

fn each<T, U>(answers: Vec<Result<T, ferry_core::ports::TrackerFault>>, convert: impl Fn(T) -> U) -> Vec<Answer<U>> {
    answers.into_iter().map(|answer| answer.map(&convert).map_err(issue::fault)).collect()
}
