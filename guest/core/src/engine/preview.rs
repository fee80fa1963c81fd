//! **Preview**: the steps themselves, on a store that forgets and a tracker
//! that only reads. What they would write and send is what is shown.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::work::Work;
use super::{Engine, Ports, apply, pull, settle};
use crate::delivery::OutboxRow;
use crate::fault::Fault;
use crate::ids::{BlobName, Cursor, IssueId, IssueKey, ItemId, Revision};
use crate::model::{
    Applied, ChangePage, Effect, FieldProblem, Found, Identity, Issue, PersonQuery, ProjectSchema, Target, User,
};
use crate::ports::{BlobFault, BlobSummary, Blobs, Entry, Mutation, Store, StoreFault, Tracker, TrackerFault};
use crate::state::Status;
use crate::tables;

mod render;

/// Which way something would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the partner to our tracker.
    Incoming,
    /// From our tracker to the partner.
    Outgoing,
}

/// One issue that would be written here, or would leave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct Planned {
    pub direction: Direction,
    pub key: String,
    pub action: &'static str,
    pub parts: Vec<PlannedPart>,
    pub message: Vec<u8>,
}

/// One value that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct PlannedPart {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// What would happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct Forecast {
    pub entries: Vec<Planned>,
    pub more: bool,
}

impl Engine<'_> {
    /// What would be written here, and what would leave; nothing is done.
    ///
    /// # Errors
    /// `NotAllowed` while nothing was agreed; the store's and the tracker's.
    pub fn preview(&self, which: Option<Direction>, limit: u32) -> Result<Forecast, Fault> {
        let forgetting = Forgetting { under: self.ports.store, changes: RefCell::default() };
        let reading = Reading { under: self.ports.tracker, entries: RefCell::default(), made: RefCell::default() };
        let blobs = NoBlobs { under: self.ports.blobs };
        let ports = Ports { store: &forgetting, tracker: &reading, blobs: &blobs, ..self.ports };
        let dry = Engine::new(ports, self.now, self.random());
        let mut state = dry.state()?;
        state.status = Status::Running;
        state.compared = true;
        let Some(work) = Work::open(&dry, &state)? else {
            return Err(Fault::NotAllowed(
                "nothing was agreed yet: publish a configuration as the primary, or adopt one as the secondary; \
                 then there is something to preview"
                    .to_owned(),
            ));
        };
        let mut forecast = Forecast::default();
        let limit = limit as usize;
        if which != Some(Direction::Outgoing) {
            settle::step(&dry, &state)?;
            forecast.more |= apply::step(&work, u32::try_from(limit).unwrap_or(u32::MAX))?.more;
            forecast.entries.append(&mut reading.entries.borrow_mut());
        }
        if which != Some(Direction::Incoming) {
            let from = dry.draft().get(&tables::OUTGOING, &())?.map_or(0, |outgoing| outgoing.appended);
            loop {
                let more = pull::step(&work, true)?.more;
                let leaving = leaving(&dry, from, limit)?;
                let enough = leaving.len() >= limit;
                if enough || !more {
                    forecast.more |= more;
                    forecast.entries.extend(leaving);
                    break;
                }
            }
        }
        forecast.more |= forecast.entries.len() > limit;
        forecast.entries.truncate(limit);
        Ok(forecast)
    }
}

/// The messages about issues that a dry pull put into the outbox.
fn leaving(dry: &Engine<'_>, from: u64, limit: usize) -> Result<Vec<Planned>, Fault> {
    let mut leaving = Vec::new();
    let mut after = from;
    while leaving.len() < limit {
        let rows = dry.draft().scan(&tables::OUTBOX, Some(&after), 64)?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        for (_, row) in rows {
            let OutboxRow::Message(bytes) = row else { continue };
            let body = dry.ports.wire.decode(&bytes).map(|message| message.body);
            leaving.extend(body.ok().and_then(|body| render::outgoing(dry, &body, bytes)));
        }
    }
    Ok(leaving)
}

/// A store that forgets what is committed to it.
struct Forgetting<'a> {
    under: &'a dyn Store,
    changes: RefCell<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
}

impl Store for Forgetting<'_> {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        let changes = self.changes.borrow();
        let under = self.under.get(keys)?;
        Ok(keys.iter().zip(under).map(|(key, under)| changes.get(key).cloned().unwrap_or(under)).collect())
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        let changes = self.changes.borrow();
        let mut start = start.to_vec();
        loop {
            let under = self.under.scan(&start, end, limit)?;
            let upto = under.last().map_or_else(|| end.to_vec(), |last| [last.key.as_slice(), &[0]].concat());
            let mut merged: BTreeMap<Vec<u8>, Option<Vec<u8>>> =
                under.into_iter().map(|entry| (entry.key, Some(entry.value))).collect();
            merged.extend(changes.range(start..upto.clone()).map(|(key, value)| (key.clone(), value.clone())));
            let entries: Vec<Entry> = merged
                .into_iter()
                .filter_map(|(key, value)| Some(Entry { key, value: value? }))
                .take(limit as usize)
                .collect();
            if !entries.is_empty() || upto.as_slice() >= end {
                return Ok(entries);
            }
            start = upto;
        }
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        self.under.count(start, end)
    }

    fn commit(&self, mutations: Vec<Mutation>) -> Result<(), StoreFault> {
        let mut changes = self.changes.borrow_mut();
        for mutation in mutations {
            match mutation {
                Mutation::Put(entry) => changes.insert(entry.key, Some(entry.value)),
                Mutation::Delete(key) => changes.insert(key, None),
            };
        }
        Ok(())
    }
}

/// A tracker that only reads, and keeps what would have been written.
struct Reading<'a> {
    under: &'a dyn Tracker,
    entries: RefCell<Vec<Planned>>,
    made: RefCell<u64>,
}

impl Tracker for Reading<'_> {
    fn identify(&self) -> Result<Identity, TrackerFault> {
        self.under.identify()
    }

    fn schema(&self) -> Result<ProjectSchema, TrackerFault> {
        self.under.schema()
    }

    fn people(&self, whom: &[PersonQuery]) -> Vec<Result<Option<User>, TrackerFault>> {
        self.under.people(whom)
    }

    fn changes(&self, since: Option<&Cursor>, limit: u32) -> Result<ChangePage, TrackerFault> {
        self.under.changes(since, limit)
    }

    fn read(&self, ids: &[IssueId]) -> Vec<Result<Issue, TrackerFault>> {
        self.under.read(ids)
    }

    fn ids(&self, after: Option<&IssueId>, limit: u32) -> Result<Vec<IssueId>, TrackerFault> {
        self.under.ids(after, limit)
    }

    fn find(&self, effects: &[Effect]) -> Vec<Result<Vec<Found>, TrackerFault>> {
        self.under.find(effects)
    }

    fn apply(&self, effects: &[Effect]) -> Vec<Result<Applied, TrackerFault>> {
        let mut entries = self.entries.borrow_mut();
        effects
            .iter()
            .map(|effect| {
                let issue = match &effect.target {
                    Target::Existing(issue) => issue.clone(),
                    Target::MadeBy(key) => IssueId(key.0.clone()),
                    Target::Nothing => IssueId(effect.key.0.clone()),
                };
                let known = match &effect.target {
                    Target::Existing(id) => self.under.read(std::slice::from_ref(id)).pop().and_then(Result::ok),
                    _ => None,
                };
                render::incoming(&mut entries, effect, &issue, known.as_ref());
                let mut made = self.made.borrow_mut();
                *made += 1;
                Ok(Applied {
                    issue_key: known.map_or_else(|| IssueKey(String::new()), |known| known.key),
                    issue,
                    url: None,
                    revision: Revision(format!("preview-{made}")),
                    replaced: Vec::new(),
                    item: Some(ItemId(format!("preview-{made}"))),
                    dropped: Vec::<FieldProblem>::new(),
                })
            })
            .collect()
    }

    fn fetch_attachment(&self, _: &IssueId, _: &ItemId) -> Result<BlobName, TrackerFault> {
        // Its content would leave, but isn't copied to look at.
        Ok(BlobName("preview".to_owned()))
    }
}

/// Blobs that take nothing.
struct NoBlobs<'a> {
    under: &'a dyn Blobs,
}

impl Blobs for NoBlobs<'_> {
    fn create(&self) -> Result<BlobName, BlobFault> {
        Err(BlobFault::Other("a preview writes nothing".to_owned()))
    }

    fn write(&self, _: &BlobName, _: u64, _: &[u8]) -> Result<(), BlobFault> {
        Ok(())
    }

    fn sync(&self, _: &[BlobName]) -> Result<(), BlobFault> {
        Ok(())
    }

    fn seal(&self, _: &BlobName) -> Result<BlobSummary, BlobFault> {
        Ok(BlobSummary { size: 0, digest: crate::digest::of(&[]) })
    }

    fn read(&self, blob: &BlobName, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        self.under.read(blob, offset, length)
    }

    fn remove(&self, _: &BlobName) -> Result<(), BlobFault> {
        Ok(())
    }

    fn names(&self, after: Option<&BlobName>, limit: u32) -> Result<Vec<BlobName>, BlobFault> {
        self.under.names(after, limit)
    }
}
