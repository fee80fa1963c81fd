//! What the partner says became of our changes.

use super::super::batch::Batch;
use super::Settling;
use crate::fault::Fault;
use crate::ids::PairId;
use crate::message::{Outcome, Outcomes};
use crate::pair::{Parked, parked_id, settle_ours};
use crate::planted::{Bug, planted};
use crate::tables;

impl<'a> Settling<'_, 'a> {
    pub(super) fn outcomes(&mut self, batch: &mut Batch<'a>, outcomes: Outcomes) -> Result<(), Fault> {
        batch.load(&outcomes.outcomes.iter().map(|outcome| outcome.pair).collect::<Vec<_>>())?;
        for outcome in outcomes.outcomes {
            self.outcome(batch, outcome)?;
        }
        Ok(())
    }

    fn outcome(&mut self, batch: &mut Batch<'a>, outcome: Outcome) -> Result<(), Fault> {
        let id = outcome.pair;
        let Some(pair) = batch.pair(id) else { return Ok(()) };
        let ours = outcome.settled == pair.version + 1 || planted(Bug::StaleOutcomeSettles);
        let settles = pair.unsettled.is_some() && ours;
        if settles && let Some(pair) = batch.pair_mut(id) {
            settle_ours(pair, outcome.settled);
        }
        if let Some(reference) = outcome.reference {
            batch.draft.put(&tables::NAMES, &format!("p{}", reference.key), &id)?;
            if let Some(pair) = batch.pair_mut(id) {
                pair.partner = Some(reference);
            }
        }
        if let Some(parked) = outcome.parked {
            self.parked_there(batch, id, &parked)?;
        }
        for name in &outcome.again {
            batch.pair_mut(id).map(|pair| pair.ours.remove(name));
            batch.draft.put(&tables::STALE, &id, &())?;
        }
        if outcome.departed
            && let Some(pair) = batch.pair_mut(id)
        {
            pair.left_there = true;
        }
        if settles { self.promote(batch, id) } else { Ok(()) }
    }

    fn parked_there(
        &mut self,
        batch: &mut Batch<'a>,
        id: PairId,
        parked: &[crate::message::ParkedPart],
    ) -> Result<(), Fault> {
        let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
        let before = std::mem::take(&mut pair.parked_there);
        pair.parked_there = parked.iter().map(|part| part.part.clone()).collect();
        let name = pair.name();
        for part in before {
            batch.draft.delete(&tables::PARKED, &parked_id(Some(id), "", &part, true));
        }
        for part in parked {
            let reason = if part.reason.is_empty() { there(&part.kind).to_owned() } else { part.reason.clone() };
            let row = Parked {
                pair: Some(id),
                issue: name.clone(),
                part: part.part.clone(),
                kind: part.kind.clone(),
                reason,
                since: part.since,
                partner: true,
            };
            batch.draft.put(&tables::PARKED, &parked_id(Some(id), "", &part.part, true), &row)?;
        }
        Ok(())
    }
}

/// What a kind of fault at the partner means for us. Its own words stay there:
/// they name what is the partner's.
fn there(kind: &str) -> &'static str {
    match kind {
        "unmapped" => "the partner's configuration has no counterpart for it; its people add one there",
        "refused" | "denied" | "dropped" => "the partner's tracker refuses it; its people see why",
        "too-large" => "it is larger than the partner's tracker takes",
        "unsupported" => "the partner's tracker can't do this",
        "broken" => "its content arrived damaged at the partner; attach it again",
        "out-of-scope" => "the partner's configuration keeps it out",
        _ => "it waits for a person at the partner",
    }
}
