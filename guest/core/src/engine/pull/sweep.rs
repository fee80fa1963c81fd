//! **Sweep**: a slow look at every issue, for what no change told of: edits that
//! moved no time, deletions that nobody mentions, issues that a tracker which
//! was restored shows as they were. A page at a time, so that nobody notices.

use super::super::batch::Batch;
use super::super::work::Work;
use super::{departed, known, look, open_intents, orphans};
use crate::fault::Fault;
use crate::ids::{IssueId, PairId};
use crate::limits;
use crate::message::GoneReason;
use crate::model::Issue;
use crate::pair::{Pair, Scan, Sweep};
use crate::ports::TrackerFault;
use crate::tables;

/// Goes on with the sweep, where it is due. Answers when it is.
pub(super) fn step(work: &Work<'_, '_>) -> Result<Option<u64>, Fault> {
    let mut batch = Batch::open(work.engine)?;
    let mut scan = batch.draft.get(&tables::SCAN, &())?.unwrap_or_default();
    let now = work.engine.now;
    match scan.sweep.due {
        Some(due) if due > now => return Ok(Some(due.since(now))),
        Some(_) if !scan.sweep.issues => pairs(work, &mut batch, &mut scan)?,
        Some(_) => issues(work, &mut batch, &mut scan)?,
        // The first scan saw everything.
        None => scan.sweep.due = Some(now.after_ms(limits::TRACKER_SWEEP_MS)),
    }
    let wake = scan.sweep.due.map(|due| due.since(now));
    batch.draft.put(&tables::SCAN, &(), &scan)?;
    batch.commit()?;
    Ok(wake)
}

/// Reads the next pairs' issues.
fn pairs(work: &Work<'_, '_>, batch: &mut Batch<'_>, scan: &mut Scan) -> Result<(), Fault> {
    let some = batch.draft.scan(&tables::PAIRS, scan.sweep.pair.as_ref(), limits::PAGE_ISSUES)?;
    let ids: Vec<PairId> = some.iter().map(|(id, _)| *id).collect();
    let open = open_intents(batch, ids.iter().copied())?;
    let sought = |(id, pair): &(PairId, Pair)| {
        let issue = pair.issue.as_ref().filter(|_| !open.contains(id))?;
        Some((*id, issue.id.clone()))
    };
    let sought: Vec<(PairId, IssueId)> = some.iter().filter_map(sought).collect();
    drop(some);
    batch.load(&ids)?;
    let asked: Vec<IssueId> = sought.iter().map(|(_, issue)| issue.clone()).collect();
    let read = if asked.is_empty() { Vec::new() } else { work.tracker().read(&asked) };
    passing(&read)?;
    for ((id, _), read) in sought.into_iter().zip(read) {
        match read {
            Ok(issue) => look::pair(work, batch, id, &issue)?,
            // Where it left it may have come back without a word.
            Err(TrackerFault::NotFound) if batch.pair(id).is_some_and(|pair| pair.left_here) => {}
            Err(TrackerFault::NotFound) => {
                // One that is held doesn't hurry.
                scan.sweep.missing |= batch.pair(id).is_some_and(|pair| pair.held.gone.is_none());
                missing(work, batch, id)?;
            }
            // The changes tell of it, or the next sweep.
            Err(_) => {}
        }
    }
    let now = work.engine.now;
    scan.sweep.due = Some(now.after_ms(limits::TRACKER_SWEEP_PAGE_MS));
    scan.sweep.issues = ids.len() < limits::PAGE_ISSUES as usize;
    scan.sweep.pair = ids.last().copied();
    Ok(())
}

/// It isn't there, and nothing said so: at first nothing is written to it, the
/// second time it is gone.
fn missing(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId) -> Result<(), Fault> {
    if batch.pair(id).is_some_and(|pair| pair.missing) {
        return departed(work, batch, id, GoneReason::Deleted);
    }
    if let Some(pair) = batch.pair_mut(id) {
        (pair.missing, pair.unseen) = (true, true);
    }
    Ok(())
}

/// Reads the next issues that have no pair.
fn issues(work: &Work<'_, '_>, batch: &mut Batch<'_>, scan: &mut Scan) -> Result<(), Fault> {
    let ids = work.tracker().ids(scan.sweep.issue.as_ref(), limits::PAGE_ISSUES)?;
    let paired = known(batch, ids.clone())?;
    let unknown: Vec<IssueId> = ids.iter().filter(|id| !paired.contains_key(*id)).cloned().collect();
    let read = if unknown.is_empty() { Vec::new() } else { work.tracker().read(&unknown) };
    passing(&read)?;
    for issue in read.into_iter().flatten() {
        look::newcomer(work, batch, scan, &issue)?;
    }
    let now = work.engine.now;
    if ids.len() == limits::PAGE_ISSUES as usize {
        scan.sweep.issue = ids.last().cloned();
        scan.sweep.due = Some(now.after_ms(limits::TRACKER_SWEEP_PAGE_MS));
    } else {
        // The partner had a day to tell of its own.
        orphans(work, batch, scan)?;
        let wait = if scan.sweep.missing { limits::TRACKER_SWEEP_AGAIN_MS } else { limits::TRACKER_SWEEP_MS };
        scan.sweep = Sweep { due: Some(now.after_ms(wait)), ..Sweep::default() };
    }
    Ok(())
}

/// Where a tracker answers nothing at all, the page is tried again.
fn passing(read: &[Result<Issue, TrackerFault>]) -> Result<(), Fault> {
    let fault = read.iter().find_map(|read| read.as_ref().err().filter(|fault| fault.is_about_all()));
    match fault {
        Some(fault) if read.iter().all(Result::is_err) => Err(fault.clone().into()),
        _ => Ok(()),
    }
}
