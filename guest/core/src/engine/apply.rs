//! **Apply**: our tracker is brought to show what was settled. The intent is
//! durable before a write, the result in one commit after it; what is written
//! is seen, so that reading it back sends nothing.

use super::batch::Batch;
use super::pull;
use super::work::Work;
use crate::fault::Fault;
use crate::ids::{IssueId, PairId};
use crate::limits;
use crate::model::Effect;
use crate::pair::Intent;
use crate::planted::{Bug, planted};
use crate::ports::TrackerFault;
use crate::tables;

mod fold;
pub(crate) mod plan;
mod recover;
mod way;

pub(crate) use recover::{look_after_ms, step as recover};

use plan::Plan;

/// What an applying did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applied {
    /// Effects carried out.
    pub effects: u32,
    /// Whether another step would find something to do.
    pub more: bool,
    /// Why the tracker takes nothing now.
    pub trouble: Option<TrackerFault>,
}

/// Applies what is due, up to so many effects.
pub(crate) fn step(work: &Work<'_, '_>, effects: u32) -> Result<Applied, Fault> {
    let mut applied = Applied::default();
    let mut after = None;
    loop {
        let due = work.engine.draft().scan(&tables::UNAPPLIED, after.as_ref(), limits::APPLY_PAIRS)?;
        let Some((last, ())) = due.last() else { return Ok(applied) };
        after = Some(*last);
        if applied.effects >= effects {
            applied.more = true;
            return Ok(applied);
        }
        let due = due.into_iter().map(|(id, ())| id).collect();
        some(work, due, &mut applied)?;
        if applied.trouble.is_some() {
            return Ok(applied);
        }
    }
}

/// Applies what is due of some pairs, in one call to the tracker.
fn some(work: &Work<'_, '_>, due: Vec<PairId>, applied: &mut Applied) -> Result<(), Fault> {
    let mut batch = Batch::open(work.engine)?;
    batch.load(&due)?;
    let open = batch.draft.get_many(&tables::INTENTS, &due)?;
    if !work.identity.abilities.optimistic_writes && !planted(Bug::WrittenUnread) {
        let free = due.iter().zip(&open).filter(|(_, open)| open.is_none()).map(|(id, _)| *id).collect();
        look_again(work, &mut batch, free)?;
    }
    let mut plans: Vec<(PairId, Plan)> = Vec::new();
    for (id, open) in due.into_iter().zip(open) {
        let Some(pair) = batch.pair(id).filter(|pair| open.is_none() && pair.is_due()) else { continue };
        let mut plan = plan::of(work, &batch.draft, id, pair)?;
        if let Some(reason) = plan.passing.take() {
            applied.trouble = Some(TrackerFault::Other(reason));
            continue;
        }
        for (alias, unmapped) in std::mem::take(&mut plan.unmapped) {
            batch.park(id, &alias, unmapped.kind, unmapped.reason)?;
        }
        for (part, reason) in std::mem::take(&mut plan.broken) {
            batch.park(id, &part, "broken", reason)?;
        }
        forget_gone(&mut batch, id);
        if !plan.steps.is_empty() {
            if !planted(Bug::NoIntent) {
                intend(work, &mut batch, id, &plan)?;
            }
            plans.push((id, plan));
        }
    }
    let mut batch = batch.commit_and_go_on(work.engine)?;
    if plans.is_empty() {
        return Ok(());
    }
    let effects: Vec<Effect> = plans.iter_mut().flat_map(|(_, plan)| std::mem::take(&mut plan.effects)).collect();
    let mut results = work.tracker().apply(&effects).into_iter();
    for (id, plan) in plans {
        let results: Vec<_> = results.by_ref().take(plan.steps.len()).collect();
        fold::pair(work, &mut batch, id, plan, results, applied)?;
    }
    batch.commit()?;
    work.engine.ports.observer.progress("effects applied", u64::from(applied.effects), None);
    Ok(())
}

/// Where the tracker can't refuse to write over what we haven't seen, it is seen
/// just before: what comes between is what the write's answer tells.
fn look_again(work: &Work<'_, '_>, batch: &mut Batch<'_>, due: Vec<PairId>) -> Result<(), Fault> {
    let issue = |id: &PairId| Some((*id, batch.pair(*id)?.issue.as_ref()?.id.clone()));
    let there: Vec<(PairId, IssueId)> = due.iter().filter_map(issue).collect();
    for some in there.chunks(limits::PAGE_ISSUES as usize) {
        let issues: Vec<IssueId> = some.iter().map(|(_, issue)| issue.clone()).collect();
        for ((id, _), read) in some.iter().zip(work.tracker().read(&issues)) {
            match read {
                Ok(issue) => pull::look_at(work, batch, *id, &issue)?,
                Err(fault) if fault.is_about_all() => return Err(fault.into()),
                // The changes tell what became of it, or a sweep.
                Err(_) => {
                    if let Some(pair) = batch.pair_mut(*id) {
                        pair.unseen = true;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Makes the write of a pair an intent: durable before it is made.
fn intend(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, plan: &Plan) -> Result<(), Fault> {
    let Some(first) = plan.effects.first() else { return Ok(()) };
    let intent = Intent { since: work.engine.now, expected: first.expected.clone(), looked: None, waited_ms: 0 };
    Ok(batch.draft.put(&tables::INTENTS, &id, &intent)?)
}

/// Copies that went before they were ever written.
fn forget_gone(batch: &mut Batch<'_>, id: PairId) {
    let gone = |copy: &crate::pair::Copy| copy.wanted == crate::pair::Wanted::Gone && copy.local.is_none();
    if batch.pair(id).is_some_and(|pair| pair.copies.values().any(gone))
        && let Some(pair) = batch.pair_mut(id)
    {
        pair.copies.retain(|_, copy| !gone(copy));
    }
}
