//! One commit of a step: the pairs it touches, what it sends about them, and
//! whatever else belongs to it.

use std::collections::BTreeMap;

use super::Engine;
use crate::delivery::{self, Outbox};
use crate::fault::Fault;
use crate::ids::{Alias, PairId};
use crate::limits;
use crate::message::{Body, Outcome, Outcomes, ParkedPart, Reference};
use crate::pair::{Conflict, Lost, Pair, Parked, ParkedValue, Wanted, parked_id};
use crate::planted::{Bug, planted};
use crate::ports::Wire;
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// What a part's name begins with where our value can't be sent, as opposed to
/// the partner's that can't be written.
pub(crate) const OUT: &str = "out";

/// Changes that become durable together. Pairs are read once and written once.
pub(crate) struct Batch<'a> {
    /// For what isn't a pair.
    pub draft: Draft<'a>,
    pub outbox: Outbox,
    wire: &'a dyn Wire,
    now: Time,
    pairs: BTreeMap<PairId, Loaded>,
    outcomes: BTreeMap<PairId, Outcome>,
    conflicts: Vec<Conflict>,
    appended: bool,
}

struct Loaded {
    pair: Pair,
    was_due: bool,
    changed: bool,
}

impl<'a> Batch<'a> {
    /// Nothing changed yet.
    pub fn open(engine: &Engine<'a>) -> Result<Self, Fault> {
        let draft = engine.draft();
        let outbox = Outbox::open(&draft)?;
        Ok(Self {
            draft,
            outbox,
            wire: engine.ports.wire,
            now: engine.now,
            pairs: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            conflicts: Vec::new(),
            appended: false,
        })
    }

    /// Reads pairs ahead, with one call to the store.
    pub fn load(&mut self, ids: &[PairId]) -> Result<(), Fault> {
        let missing: Vec<PairId> = ids.iter().filter(|id| !self.pairs.contains_key(id)).copied().collect();
        let found = self.draft.get_many(&tables::PAIRS, &missing)?;
        for (id, pair) in missing.into_iter().zip(found) {
            if let Some(pair) = pair {
                let was_due = pair.is_due();
                self.pairs.insert(id, Loaded { pair, was_due, changed: false });
            }
        }
        Ok(())
    }

    /// A pair that was read ahead, to look at.
    pub fn pair(&self, id: PairId) -> Option<&Pair> {
        self.pairs.get(&id).map(|loaded| &loaded.pair)
    }

    /// A pair that was read ahead, to change.
    pub fn pair_mut(&mut self, id: PairId) -> Option<&mut Pair> {
        self.pairs.get_mut(&id).map(|loaded| {
            loaded.changed = true;
            &mut loaded.pair
        })
    }

    /// A new pair.
    pub fn insert(&mut self, id: PairId, pair: Pair) {
        self.pairs.insert(id, Loaded { pair, was_due: false, changed: true });
    }

    /// Sends a message about a pair.
    pub fn send(&mut self, id: PairId, body: Body) -> Result<(), Fault> {
        let after = self.pair(id).map_or(0, |pair| pair.last_sent);
        let number = self.outbox.append(&mut self.draft, self.wire, after, body)?;
        self.appended = true;
        if let Some(pair) = self.pair_mut(id) {
            pair.last_sent = number;
        }
        Ok(())
    }

    /// Sends a message about nothing in particular.
    pub fn send_alone(&mut self, body: Body) -> Result<(), Fault> {
        self.outbox.append(&mut self.draft, self.wire, 0, body)?;
        self.appended = true;
        Ok(())
    }

    /// What the partner is to be told of a pair, in the one message of this
    /// commit.
    pub fn outcome(&mut self, id: PairId) -> &mut Outcome {
        let (after, settled, departed) =
            self.pair(id).map_or((0, 0, false), |pair| (pair.last_sent, pair.version, pair.left_here));
        let told = self.outcomes.remove(&id);
        let (reference, parked, again) =
            told.map_or((None, None, Vec::new()), |told| (told.reference, told.parked, told.again));
        self.outcomes.entry(id).or_insert(Outcome { pair: id, after, settled, reference, parked, departed, again })
    }

    /// Tells the partner our issue's key and link.
    pub fn tell_reference(&mut self, id: PairId) {
        let issue = self.pair(id).and_then(|pair| pair.issue.as_ref());
        let reference = issue.map(|issue| Reference { key: issue.key.0.clone(), url: issue.url.clone() });
        self.outcome(id).reference = reference;
    }

    /// Parks a part of a pair, for people to see on both sides.
    pub fn park(&mut self, id: PairId, part: &Alias, kind: &str, reason: String) -> Result<(), Fault> {
        let now = self.now;
        let Some(pair) = self.pair_mut(id) else { return Ok(()) };
        let field = !part.0.contains(':') && part.0 != crate::pair::ISSUE;
        let value = field.then(|| crate::pair::Print::of(pair.target(part)));
        pair.parked.insert(part.clone(), ParkedValue { value, skipped: false });
        let row = Parked {
            pair: Some(id),
            issue: pair.name(),
            part: part.clone(),
            kind: kind.to_owned(),
            reason,
            since: now,
            partner: false,
        };
        self.note(&row)?;
        self.tell_parked(id)
    }

    /// Writes the row of something parked; what was parked before keeps its
    /// time.
    pub fn note(&mut self, row: &Parked) -> Result<(), Fault> {
        let key = parked_id(row.pair, &row.issue, &row.part, row.partner);
        let before = self.draft.get(&tables::PARKED, &key)?;
        let since = before.filter(|before| before.kind == row.kind).map_or(row.since, |before| before.since);
        Ok(self.draft.put(&tables::PARKED, &key, &Parked { since, ..row.clone() })?)
    }

    /// Removes rows of parts that are not parked any more.
    pub fn tidy_parked(&mut self, id: PairId, before: &BTreeMap<Alias, ParkedValue>) -> Result<(), Fault> {
        let parked = self.pair(id).map(|pair| &pair.parked);
        let over: Vec<Alias> =
            before.keys().filter(|part| parked.is_none_or(|parked| !parked.contains_key(part))).cloned().collect();
        for part in &over {
            self.draft.delete(&tables::PARKED, &parked_id(Some(id), "", part, false));
        }
        if over.is_empty() { Ok(()) } else { self.tell_parked(id) }
    }

    /// Tells the partner all that is parked of a pair here.
    pub fn tell_parked(&mut self, id: PairId) -> Result<(), Fault> {
        let Some(pair) = self.pair(id) else { return Ok(()) };
        let parts: Vec<Alias> =
            pair.parked.iter().filter(|(_, parked)| !parked.skipped).map(|(part, _)| part.clone()).collect();
        let mut told = Vec::new();
        for part in parts.into_iter().take(limits::PARKED_TOLD_MAX) {
            let row = self.draft.get(&tables::PARKED, &parked_id(Some(id), "", &part, false))?;
            told.extend(row.map(|row| ParkedPart {
                part: shared_part(&part),
                kind: row.kind,
                reason: String::new(),
                since: row.since,
            }));
        }
        self.outcome(id).parked = Some(told);
        Ok(())
    }

    /// Lets go of content that waits for an issue that is not written to any
    /// more.
    pub fn let_go(&mut self, id: PairId) -> Result<(), Fault> {
        let Some(pair) = self.pair_mut(id) else { return Ok(()) };
        let (mut over, skipped) = (Vec::new(), pair.is_skipped());
        let missed = &mut pair.missed;
        pair.copies.retain(|name, copy| {
            let Wanted::Attachment(attachment) = &copy.wanted else { return true };
            over.push((attachment.digest, attachment.size));
            copy.wanted = Wanted::Done;
            if copy.local.is_none() && !skipped {
                missed.insert(name.clone());
            }
            copy.local.is_some()
        });
        over.into_iter().try_for_each(|(digest, size)| delivery::release(&mut self.draft, &digest, size))
    }

    /// Asks the partner for what was missed.
    pub fn ask_again(&mut self, id: PairId) {
        let missed = self.pair(id).is_some_and(|pair| !pair.missed.is_empty());
        let missed = if missed { self.pair_mut(id).map(|pair| std::mem::take(&mut pair.missed)) } else { None };
        if let Some(missed) = missed {
            self.outcome(id).again.extend(missed);
        }
    }

    /// Records values that lost.
    pub fn lost(&mut self, id: PairId, lost: impl IntoIterator<Item = Lost>) {
        if planted(Bug::LosersForgotten) {
            return;
        }
        let version = self.pair(id).map_or(0, |pair| pair.version);
        self.conflicts.extend(lost.into_iter().map(|lost| Conflict::of(id, lost, version, self.now)));
    }

    /// Something else was appended to the outbox.
    pub fn must_finish(&mut self) {
        self.appended = true;
    }

    /// Whether so much waits that it should be committed.
    pub fn is_full(&self) -> bool {
        self.pairs.len() >= limits::COMMIT_PAIRS || self.draft.size() >= limits::COMMIT_BYTES
    }

    /// Makes all of it durable, and goes on with the same pairs.
    pub fn commit_and_go_on(mut self, engine: &Engine<'a>) -> Result<Self, Fault> {
        let pairs = self.write()?;
        self.draft.commit()?;
        Ok(Self { pairs, ..Self::open(engine)? })
    }

    /// Makes all of it durable.
    pub fn commit(mut self) -> Result<(), Fault> {
        self.write()?;
        Ok(self.draft.commit()?)
    }

    /// What became of the pairs, in as few messages as hold it.
    fn tell_outcomes(&mut self) -> Result<(), Fault> {
        let mut waiting = std::mem::take(&mut self.outcomes).into_values().peekable();
        while waiting.peek().is_some() {
            let (mut outcomes, mut bytes) = (Vec::new(), 0);
            while let Some(outcome) = waiting.next_if(|_| bytes < limits::MESSAGE_BYTES_MAX / 4) {
                bytes += weight(&outcome);
                outcomes.push(outcome);
            }
            self.send_alone(Body::Outcomes(Outcomes { outcomes }))?;
        }
        Ok(())
    }

    /// Puts everything into the draft, and answers the pairs as they now are.
    fn write(&mut self) -> Result<BTreeMap<PairId, Loaded>, Fault> {
        for (id, loaded) in &self.pairs {
            if !loaded.changed {
                continue;
            }
            if planted(Bug::SeenFirst) {
                let mut first = self.draft.apart();
                first.put(&tables::PAIRS, id, &loaded.pair)?;
                first.commit()?;
            }
            self.draft.put(&tables::PAIRS, id, &loaded.pair)?;
            match (loaded.was_due, loaded.pair.is_due()) {
                (_, true) => self.draft.put(&tables::UNAPPLIED, id, &())?,
                (true, false) => self.draft.delete(&tables::UNAPPLIED, id),
                (false, false) => {}
            }
        }
        if !self.outcomes.is_empty() {
            self.tell_outcomes()?;
        }
        if !self.conflicts.is_empty() {
            let mut tally = self.draft.get(&tables::TALLY, &())?.unwrap_or_default();
            for conflict in &self.conflicts {
                tally.conflicts += 1;
                self.draft.put(&tables::CONFLICTS, &tally.conflicts, conflict)?;
            }
            self.draft.put(&tables::TALLY, &(), &tally)?;
        }
        if self.appended {
            let outbox = std::mem::replace(&mut self.outbox, Outbox::open(&self.draft)?);
            outbox.finish(&mut self.draft)?;
        }
        let mut pairs = std::mem::take(&mut self.pairs);
        for loaded in pairs.values_mut() {
            loaded.was_due = loaded.pair.is_due();
            loaded.changed = false;
        }
        Ok(pairs)
    }
}

/// Roughly how many bytes an outcome has in a message.
fn weight(outcome: &Outcome) -> usize {
    let reference = outcome.reference.as_ref();
    let reference = reference.map_or(0, |of| of.key.len() + of.url.as_ref().map_or(0, String::len));
    let parked = outcome.parked.iter().flatten().map(|part| 96 + part.part.0.len());
    96 + reference + parked.sum::<usize>()
}

/// The part as the partner may see it: ids of items stay here.
fn shared_part(part: &Alias) -> Alias {
    match part.0.split_once(':') {
        Some((OUT, field)) => Alias::from(field),
        Some((kind, _)) => Alias::from(kind),
        None => part.clone(),
    }
}
