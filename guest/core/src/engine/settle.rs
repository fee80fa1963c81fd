//! **Settle**: what was received becomes the next version of the agreed view,
//! in the order that each pair needs, and is answered in the same commit.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::batch::Batch;
use super::{Engine, keys};
use crate::config::Adoption;
use crate::delivery::InboxRow;
use crate::delivery::ranges::Span;
use crate::fault::Fault;
use crate::ids::PairId;
use crate::limits::{COUNTER_MAX, SETTLE_BYTES};
use crate::message::{Body, Control, Numbered};
use crate::planted::{Bug, planted};
use crate::ports::{Level, OpenFault};
use crate::state::{State, Status};
use crate::store::Table;
use crate::tables;

mod changes;
mod outcomes;
mod unknown;

pub(crate) use unknown::MALFORMED;

/// Messages looked at with one call to the store.
const MESSAGES: u32 = 256;

/// What a settling did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settled {
    /// Messages settled.
    pub messages: u32,
    /// Whether another configuration is in force now.
    pub switched: bool,
}

/// What settling needs to know.
pub(super) struct Settling<'e, 'a> {
    pub(super) engine: &'e Engine<'a>,
    pub(super) state: State,
    received: Vec<Span>,
    adoptions: BTreeMap<u32, Option<Adoption>>,
    /// Numbers that wait in the inbox: what comes after them waits too.
    waiting: BTreeSet<u64>,
    pub(super) settled: Settled,
}

/// Settles what can be settled: notices always, what is about issues only
/// while the synchronization works.
pub(crate) fn step(engine: &Engine<'_>, state: &State) -> Result<Settled, Fault> {
    let mut settling = Settling {
        engine,
        state: state.clone(),
        received: engine.draft().get(&tables::INCOMING, &())?.map(|incoming| incoming.spans).unwrap_or_default(),
        adoptions: BTreeMap::new(),
        waiting: BTreeSet::new(),
        settled: Settled::default(),
    };
    unknown::revive(engine)?;
    settling.all_of(&tables::NOTICES)?;
    if settling.state.works() {
        settling.all_of(&tables::INBOX)?;
    }
    Ok(settling.settled)
}

/// As many of the first rows as may be read together; one at least.
fn affordable(mut rows: Vec<(u64, InboxRow)>) -> Vec<(u64, InboxRow)> {
    let mut bytes = 0;
    let fits = |(_, row): &&(u64, InboxRow)| {
        bytes += row.bytes.len();
        bytes <= SETTLE_BYTES
    };
    let fitting = rows.iter().take_while(fits).count();
    rows.truncate(fitting.max(1));
    rows
}

/// Whether everything before it has to come first: what is told of a whole, and
/// where the last word counts.
fn is_in_turn(body: &Body) -> bool {
    match body {
        Body::Adopted(_) => !planted(Bug::AdoptionsOvertake),
        body => matches!(body, Body::Standings(_) | Body::Control(Control::Started | Control::Stopped)),
    }
}

/// The pair that a message is about.
fn subject(message: &Numbered) -> Option<PairId> {
    match &message.body {
        Body::Issue(issue) => Some(issue.change.pair),
        Body::Change(change) => Some(change.pair),
        Body::Gone(gone) => Some(gone.pair),
        _ => None,
    }
}

impl<'a> Settling<'_, 'a> {
    /// Settles a table's messages in their order, a commit for some of them.
    fn all_of(&mut self, table: &Table<u64, InboxRow>) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let mut batch = Batch::open(self.engine)?;
            let rows = affordable(batch.draft.scan(table, after.as_ref(), MESSAGES)?);
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = Some(*last);
            let decode = |row: InboxRow| self.engine.ports.wire.decode(&row.bytes);
            let messages: Vec<_> = rows.into_iter().map(|(number, row)| (number, decode(row))).collect();
            let pairs: Vec<PairId> =
                messages.iter().filter_map(|(_, message)| subject(message.as_ref().ok()?)).collect();
            batch.load(&pairs)?;
            let intents = batch.draft.get_many(&tables::INTENTS, &pairs)?;
            let open = pairs.iter().zip(intents).filter(|(_, intent)| intent.is_some()).map(|(id, _)| *id).collect();
            for (number, message) in messages {
                if self.one(&mut batch, &open, number, message)? {
                    batch.draft.delete(table, &number);
                    self.settled.messages += 1;
                } else {
                    self.waiting.insert(number);
                }
            }
            batch.commit()?;
        }
    }

    /// Settles one message, or says why it can't be read. False where it has to
    /// wait.
    fn one(
        &mut self,
        batch: &mut Batch<'a>,
        open: &BTreeSet<PairId>,
        number: u64,
        message: Result<Numbered, OpenFault>,
    ) -> Result<bool, Fault> {
        match message {
            Ok(Numbered { body: Body::Standing(standing), .. }) if standing.version > COUNTER_MAX => {
                self.malformed(batch, number, "its version is out of all bounds").map(|()| true)
            }
            Ok(Numbered { body: Body::Standing(standing), .. }) => self.standing(batch, standing),
            Ok(Numbered { body, .. }) if is_in_turn(&body) && !self.is_whole_before(number) => Ok(false),
            Ok(Numbered { body: Body::Standings(standings), .. }) => self.standings(batch, &standings),
            Ok(Numbered { body: Body::Control(control), .. }) => self.control(batch, control, number).map(|()| true),
            Ok(message) => self.message(batch, open, number, message),
            Err(fault) => self.malformed(batch, number, &fault.to_string()).map(|()| true),
        }
    }

    fn malformed(&self, batch: &mut Batch<'a>, number: u64, reason: &str) -> Result<(), Fault> {
        let attributes = [("number", number.to_string()), ("reason", reason.to_owned())];
        self.engine.ports.observer.log(Level::Error, "a message can't be read", &attributes);
        unknown::keep_malformed(self.engine, &mut batch.draft, number, reason)
    }

    /// Settles one message. False where it has to wait.
    fn message(
        &mut self,
        batch: &mut Batch<'a>,
        open: &BTreeSet<PairId>,
        number: u64,
        message: Numbered,
    ) -> Result<bool, Fault> {
        let Numbered { after, body } = message;
        let early = self.is_early(after);
        match body {
            Body::Issue(_) | Body::Change(_) | Body::Gone(_) if early && !planted(Bug::OrderIgnored) => Ok(false),
            Body::Outcomes(outcomes)
                if !planted(Bug::OutcomesOvertake)
                    && outcomes.outcomes.iter().any(|outcome| self.is_early(outcome.after)) =>
            {
                Ok(false)
            }
            Body::Issue(issue) if open.contains(&issue.change.pair) => Ok(false),
            Body::Change(change) if open.contains(&change.pair) => Ok(false),
            Body::Issue(issue) => self.change(batch, issue.change, Some(issue.reference)),
            Body::Change(change) => self.change(batch, change, None),
            Body::Gone(gone) => self.gone(batch, &gone),
            Body::Outcomes(outcomes) => self.outcomes(batch, outcomes).map(|()| true),
            body @ (Body::Configuration(_) | Body::Adopted(_) | Body::Switched(_)) => {
                let taken = super::configure::configured(
                    self.engine,
                    &mut batch.draft,
                    &body,
                    &mut batch.outbox,
                    self.engine.now,
                )?;
                self.settled.switched |= taken.switched;
                self.adoptions.clear();
                batch.must_finish();
                Ok(true)
            }
            Body::Unknown(kind) => unknown::keep(self.engine, &mut batch.draft, number, &kind).map(|()| true),
            // What never comes here.
            Body::Chunk(_) | Body::Control(_) | Body::Standing(_) | Body::Standings(_) => Ok(true),
        }
    }

    /// Whether the message before it hasn't come yet, or waits itself.
    fn is_early(&self, after: u64) -> bool {
        let came = |span: &Span| (span.first..=span.last).contains(&after);
        after > 0 && (!self.received.iter().any(came) || self.waiting.contains(&after))
    }

    /// Whether every message before it came, and none of them waits.
    fn is_whole_before(&self, number: u64) -> bool {
        let first = self.received.first().filter(|span| span.first == 1);
        first.is_some_and(|span| span.last >= number) && self.waiting.is_empty()
    }

    /// What both sides adopted under a version; none while we don't know it.
    fn adoption(&mut self, batch: &Batch<'a>, version: u32) -> Result<Option<&Adoption>, Fault> {
        let known = match self.adoptions.entry(version) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(batch.draft.get(&tables::ADOPTIONS, &version)?),
        };
        Ok(known.as_ref())
    }

    fn control(&mut self, batch: &mut Batch<'a>, control: Control, number: u64) -> Result<(), Fault> {
        let Some(mut state) = batch.draft.get(&tables::STATE, &())? else { return Ok(()) };
        let mut running = |running: bool| {
            if let Some(partner) = &mut state.partner {
                partner.running = Some(running);
            }
        };
        match control {
            Control::Started => running(true),
            Control::Stopped => running(false),
            Control::Deleted => {
                running(false);
                let reason = "The partner deleted its side. Issues stay in both trackers; delete this side too when \
                              you no longer need its history.";
                state.stand(Status::DeletedByPartner, reason, self.engine.now);
            }
            Control::Renewed(certificate) => keys::renewed(&mut batch.draft, &mut state, certificate, number)?,
            Control::Sole(certificate) => keys::sole(&mut batch.draft, &state, certificate)?,
        }
        Ok(batch.draft.put(&tables::STATE, &(), &state)?)
    }
}
