//! What the tracker answered becomes seen-here, or a fault, or a reason to
//! look again.

use super::super::batch::Batch;
use super::super::pull;
use super::super::work::Work;
use super::Applied;
use super::plan::{ItemStep, Plan, Step, Written};
use crate::fault::Fault;
use crate::ids::{Alias, ItemId, PairId};
use crate::limits;
use crate::model::{self, FieldProblem, Value};
use crate::pair::{ISSUE, ItemName, LocalIssue, Lost, Observation, Print, Seen, Wanted, print_raw};
use crate::planted::{Bug, planted};
use crate::ports::TrackerFault;
use crate::shared::{Shared, TYPE};
use crate::tables;

type Answer = Result<model::Applied, TrackerFault>;

/// Folds the answers for one pair.
pub(super) fn pair(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    plan: Plan,
    answers: Vec<Answer>,
    applied: &mut Applied,
) -> Result<(), Fault> {
    let mut unknown = answers.len() < plan.steps.len();
    let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
    for (step, answer) in plan.steps.into_iter().zip(answers) {
        match answer {
            Ok(done) => {
                applied.effects += 1;
                carried_out(work, batch, id, step, done)?;
            }
            Err(TrackerFault::UnknownOutcome(_)) => unknown = true,
            Err(TrackerFault::Stale) => {
                batch.draft.put(&tables::STALE, &id, &())?;
                applied.more = true;
            }
            Err(fault @ (TrackerFault::RetryLater(_) | TrackerFault::Unauthenticated(_))) => {
                applied.trouble = Some(fault);
            }
            // The changes tell what became of it.
            Err(TrackerFault::NotFound | TrackerFault::Unreadable(_)) if !matches!(step, Step::Item(..)) => {}
            Err(fault) => refused(batch, id, &step, fault)?,
        }
    }
    if !unknown {
        batch.draft.delete(&tables::INTENTS, &id);
    }
    batch.tidy_parked(id, &before)
}

/// An effect was carried out: what it wrote is seen.
pub(super) fn carried_out(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    step: Step,
    done: model::Applied,
) -> Result<(), Fault> {
    let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
    let known = pair.issue.take();
    let past = known.as_ref().map(|known| known.past.clone().written(&known.revision)).unwrap_or_default();
    let mut wrote = known.map(|known| known.wrote).unwrap_or_default();
    // What was left out holds what it held, and an edit there is an edit.
    let set = step.written().iter().filter(|written| !done.dropped.iter().any(|it| it.field == written.field));
    wrote.extend(set.map(|written| written.alias.clone()));
    let issue = LocalIssue { id: done.issue, key: done.issue_key, url: done.url, revision: done.revision, wrote, past };
    let created = matches!(step, Step::Create(_));
    pair.issue = Some(issue.clone());
    if created {
        pair.configuration = work.version;
        pull::index(batch, id, &issue)?;
        batch.tell_reference(id);
    }
    match step {
        Step::Create(written) | Step::Fields(written) => {
            let drops = if planted(Bug::DropsForgotten) { &[] } else { done.dropped.as_slice() };
            let kept = |written: &&Written| !drops.iter().any(|dropped| dropped.field == written.field);
            let shown = as_written(batch, id, written.iter().filter(kept));
            replaced(work, batch, id, &written, &done.replaced)?;
            seen(batch, id, shown);
            dropped(batch, id, &written, drops)
        }
        Step::Type(written) | Step::Status(written) if done.dropped.is_empty() => {
            let shown = as_written(batch, id, std::iter::once(&written));
            seen(batch, id, shown);
            Ok(())
        }
        Step::Type(written) | Step::Status(written) => {
            let reason = done.dropped.iter().map(|dropped| dropped.reason.as_str()).collect::<Vec<_>>().join("; ");
            batch.park(id, &written.alias, "dropped", reason)
        }
        Step::Way(written) => {
            on_the_way(batch, id, &written);
            Ok(())
        }
        Step::Item(item, step) => item_done(batch, id, &item, step, done.item),
    }
}

/// How what was written is seen.
fn as_written<'w>(batch: &Batch<'_>, id: PairId, written: impl Iterator<Item = &'w Written>) -> Vec<(Alias, Seen)> {
    let Some(pair) = batch.pair(id) else { return Vec::new() };
    let seen = |it: &Written| Seen { raw: it.raw, shown: Print::of(pair.target(&it.alias)), unmapped: false };
    written.map(|it| (it.alias.clone(), seen(it))).collect()
}

fn seen(batch: &mut Batch<'_>, id: PairId, shown: Vec<(Alias, Seen)>) {
    if planted(Bug::NotSeenWhenWritten) {
        return;
    }
    if let Some(pair) = batch.pair_mut(id) {
        pair.seen.extend(shown);
    }
}

/// Our tracker shows a status on the way: ours, and not what is to be shown.
pub(super) fn on_the_way(batch: &mut Batch<'_>, id: PairId, written: &Written) {
    let Some(pair) = batch.pair_mut(id) else { return };
    let before = pair.seen.get(&written.alias).map(|seen| seen.shown.clone());
    let shown = before.unwrap_or_else(|| Print::of(&Shared::Absent));
    pair.seen.insert(written.alias.clone(), Seen { raw: written.raw, shown, unmapped: false });
}

/// An edit in the gap between read and write counts as if it had been read
/// before the write: where it stands, it is written again.
fn replaced(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    written: &[Written],
    replaced: &[model::Field],
) -> Result<(), Fault> {
    let replaced = if planted(Bug::ReplacedForgotten) { &[] } else { replaced };
    for field in replaced {
        let raw = print_raw(&field.value);
        let Some(Written { alias, .. }) = written.iter().find(|it| it.field == field.name && it.raw != raw) else {
            continue;
        };
        let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
        let Shared::Option(issue_type) = pair.target(&Alias::from(TYPE)).clone() else { return Ok(()) };
        let before = pair.seen.get(alias).map_or_else(|| print_raw(&Value::Absent), |seen| seen.raw);
        let Ok(value) = work.mapping()?.to_shared(&issue_type, alias, &field.value) else { continue };
        if before == raw {
            continue;
        }
        let won = pair.target(alias).clone();
        let sends = work.mapping()?.ways(&issue_type, alias).from_side(work.state.side);
        let lost = if sends && value.weight() <= limits::VALUE_BYTES_MAX {
            work.rules().observe(pair, &Observation { alias: alias.clone(), raw, shown: Some(value), sends })
        } else {
            Some(Lost { alias: alias.clone(), won: won.clone(), lost: value })
        };
        if *pair.target(alias) != won {
            batch.draft.put(&tables::STALE, &id, &())?;
        }
        batch.lost(id, lost);
    }
    Ok(())
}

fn dropped(batch: &mut Batch<'_>, id: PairId, written: &[Written], dropped: &[FieldProblem]) -> Result<(), Fault> {
    for problem in dropped {
        if let Some(written) = written.iter().find(|written| written.field == problem.field) {
            batch.park(id, &written.alias, "dropped", problem.reason.clone())?;
        }
    }
    Ok(())
}

fn item_done(
    batch: &mut Batch<'_>,
    id: PairId,
    item: &ItemName,
    step: ItemStep,
    made: Option<ItemId>,
) -> Result<(), Fault> {
    let Some(copy) = batch.pair_mut(id).and_then(|pair| pair.copies.get_mut(item)) else { return Ok(()) };
    let mut arrived = None;
    match (step, &copy.wanted) {
        (ItemStep::Add, wanted) => {
            if let Wanted::Attachment(attachment) = wanted {
                arrived = Some((attachment.digest, attachment.size));
            }
            copy.local = made;
            copy.wanted = Wanted::Done;
        }
        (ItemStep::Edit, _) => copy.wanted = Wanted::Done,
        (ItemStep::Delete, Wanted::Attachment(_)) => copy.local = None,
        _ => {
            if let Some(pair) = batch.pair_mut(id) {
                pair.copies.remove(item);
            }
        }
    }
    if let Some((digest, size)) = arrived {
        crate::delivery::release(&mut batch.draft, &digest, size)?;
    }
    Ok(())
}

/// The tracker refuses: what it names is parked, and the rest goes on.
fn refused(batch: &mut Batch<'_>, id: PairId, step: &Step, fault: TrackerFault) -> Result<(), Fault> {
    let kind = match &fault {
        TrackerFault::Denied(_) => "denied",
        TrackerFault::TooLarge(_) => "too-large",
        TrackerFault::Unsupported(_) => "unsupported",
        _ => "refused",
    };
    let written = match step {
        Step::Create(written) | Step::Fields(written) => written.as_slice(),
        // A step on the way failed and said why.
        Step::Status(written) if batch.pair(id).is_some_and(|pair| pair.is_parked(&written.alias)) => return Ok(()),
        Step::Type(written) | Step::Status(written) | Step::Way(written) => std::slice::from_ref(written),
        Step::Item(item, _) => return item_refused(batch, id, item, kind, &fault),
    };
    if planted(Bug::RefusalsForgotten) {
        let shown = as_written(batch, id, written.iter());
        seen(batch, id, shown);
        return Ok(());
    }
    let mut named = false;
    if let TrackerFault::Invalid(problems) = &fault {
        for problem in problems {
            if let Some(written) = written.iter().find(|written| written.field == problem.field) {
                batch.park(id, &written.alias, kind, problem.reason.clone())?;
                named = true;
            }
        }
    }
    if named {
        return Ok(());
    }
    if matches!(step, Step::Create(_)) {
        return batch.park(id, &Alias::from(ISSUE), kind, fault.to_string());
    }
    for written in written {
        batch.park(id, &written.alias, kind, fault.to_string())?;
    }
    Ok(())
}

fn item_refused(
    batch: &mut Batch<'_>,
    id: PairId,
    item: &ItemName,
    kind: &str,
    fault: &TrackerFault,
) -> Result<(), Fault> {
    let Some(copy) = batch.pair_mut(id).and_then(|pair| pair.copies.get_mut(item)) else { return Ok(()) };
    if *fault == TrackerFault::NotFound && copy.local.is_some() {
        match copy.wanted {
            // What was to make room for another content is gone already.
            Wanted::Attachment(_) => copy.local = None,
            // A person deleted the copy; that is theirs to do, and stays here.
            _ => copy.wanted = Wanted::Done,
        }
        return Ok(());
    }
    batch.park(id, &item.part(), kind, fault.to_string())
}
