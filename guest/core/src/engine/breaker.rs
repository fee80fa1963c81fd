//! **Breaker**: what changes or removes unusually many issues in an hour is a
//! mistake more often than work. What exceeds the measure is held, and only
//! that, until a person says that it may go on.

use super::batch::Batch;
use super::{Engine, pull};
use crate::fault::Fault;
use crate::ids::PairId;
use crate::limits::{BREAKER_HOUR_MS, BREAKER_SHARE};
use crate::pair::{Held, Tempo};
use crate::planted::{Bug, breaker_pairs, planted};
use crate::tables;

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From our tracker to the partner.
    Out,
    /// From the partner to our tracker.
    In,
}

/// Counts a pair that is changed, once an hour, and says whether these are too
/// many: more than `BREAKER_SHARE` percent of all pairs, and than
/// `BREAKER_PAIRS_MIN`. What isn't work of people isn't counted: first contact,
/// and what both sides compare after a restore.
pub(crate) fn is_too_much(engine: &Engine<'_>, batch: &mut Batch<'_>, id: PairId, way: Way) -> Result<bool, Fault> {
    if batch.pair(id).is_none_or(|pair| pair.version == 0 || pair.items_due || pair.items_awaited) {
        return Ok(false);
    }
    let mut tempo = batch.draft.get(&tables::TEMPO, &())?.unwrap_or_default();
    if engine.now.since(tempo.since) >= BREAKER_HOUR_MS || engine.now < tempo.since {
        tempo = Tempo { since: engine.now, ..Tempo::default() };
    }
    let Some(pair) = batch.pair_mut(id) else { return Ok(false) };
    let (counted, last) = match way {
        Way::Out => (&mut tempo.outward, &mut pair.counted.outward),
        Way::In => (&mut tempo.inward, &mut pair.counted.inward),
    };
    if std::mem::replace(last, tempo.since) == tempo.since {
        return Ok(false);
    }
    *counted += 1;
    let counted = *counted;
    let many = counted > breaker_pairs();
    if many && tempo.pairs == 0 {
        tempo.pairs = engine.count(tables::PAIRS.range())?;
    }
    batch.draft.put(&tables::TEMPO, &(), &tempo)?;
    Ok(many && counted.saturating_mul(100) > tempo.pairs.saturating_mul(BREAKER_SHARE))
}

/// Holds something of a pair.
pub(crate) fn hold(batch: &mut Batch<'_>, id: PairId, what: impl FnOnce(&mut Held)) -> Result<(), Fault> {
    let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
    what(&mut pair.held);
    Ok(batch.draft.put(&tables::HELD, &id, &())?)
}

impl Engine<'_> {
    /// A person's word that what is held may go on. Answers of how many issues
    /// something was.
    ///
    /// # Errors
    /// `NotAllowed` before both sides began to compare what they know: that lets
    /// go of all that is held.
    pub fn release(&self) -> Result<u32, Fault> {
        self.in_one_epoch()?;
        let mut released: u32 = 0;
        loop {
            let mut batch = Batch::open(self)?;
            let some = batch.draft.scan(&tables::HELD, None, PAIRS)?;
            if some.is_empty() {
                return Ok(released);
            }
            let ids: Vec<PairId> = some.into_iter().map(|(id, ())| id).collect();
            batch.load(&ids)?;
            for id in ids {
                release(&mut batch, id)?;
                released = released.saturating_add(1);
            }
            batch.draft.delete(&tables::TEMPO, &());
            batch.commit()?;
        }
    }
}

/// Pairs of one commit.
const PAIRS: u32 = 256;

fn release(batch: &mut Batch<'_>, id: PairId) -> Result<(), Fault> {
    batch.draft.delete(&tables::HELD, &id);
    let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
    let held = std::mem::take(&mut pair.held);
    if let Some(reason) = held.gone {
        return pull::gone(batch, id, reason);
    }
    if held.edits && !planted(Bug::HeldForgotten) {
        // Looked at again, though its revision is the same.
        pair.configuration = 0;
        batch.draft.put(&tables::STALE, &id, &())?;
    }
    Ok(())
}

/// An issue whose departure was held came back: nothing is to be said of it.
pub(crate) fn returned(batch: &mut Batch<'_>, id: PairId) {
    let Some(pair) = batch.pair_mut(id) else { return };
    if pair.held.gone.take().is_some() && pair.held.is_nothing() {
        batch.draft.delete(&tables::HELD, &id);
    }
}
