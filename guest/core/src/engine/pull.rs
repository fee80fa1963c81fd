//! **Pull**: what changed at our tracker becomes changes on the agreed view,
//! in one commit with the cursor, seen-here and the outbox.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::Batch;
use super::breaker::{self, Way};
use super::work::Work;
use crate::fault::Fault;
use crate::ids::{Alias, IssueId, PairId};
use crate::limits;
use crate::message::{Body, Gone, GoneReason};
use crate::model::{ChangePage, Departure, DepartureReason, Issue, Unreadable};
use crate::pair::{EARLIER, ISSUE, LocalIssue, Pair, Parked, Past, Scan, parked_id};
use crate::planted::{Bug, planted};
use crate::ports::TrackerFault;
use crate::tables;

mod items;
mod look;
mod restored;
mod sweep;

/// What a pull did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pulled {
    /// Whether there is more now.
    pub more: bool,
    /// When a sweep goes on.
    pub wake_after_ms: Option<u64>,
}

/// Reads again what is stale, then the next pages of changes: one commit with
/// their cursor.
pub(crate) fn step(work: &Work<'_, '_>, changes: bool) -> Result<Pulled, Fault> {
    let stale = reread(work)?;
    if !changes {
        return Ok(Pulled { more: stale, wake_after_ms: None });
    }
    let mut batch = Batch::open(work.engine)?;
    let before = batch.draft.get(&tables::SCAN, &())?.unwrap_or_default();
    let mut scan = before.clone();
    if scan.configuration != work.configuration && !planted(Bug::UnchangedAfterSwitch) {
        scan = Scan { cursor: None, initial: true, done: 0, configuration: work.configuration, ..scan };
    }
    if !restored::same_tracker(work, &mut scan) {
        restored::stop(work, &scan, restored::another(work, &scan))?;
        return Ok(Pulled::default());
    }
    let mut more = true;
    while more && !batch.is_full() {
        let page = work.tracker().changes(scan.cursor.as_ref(), limits::PAGE_ISSUES)?;
        scan.done += page.issues.len() as u64;
        take(work, &mut batch, &mut scan, &page)?;
        scan.cursor = Some(page.next);
        more = page.more;
    }
    if scan.initial {
        work.engine.ports.observer.progress("issues read", scan.done, None);
        scan.initial = more;
    }
    if scan.reunited && !more {
        batch.draft.put(&tables::SCAN, &(), &scan)?;
        std::mem::replace(&mut batch, Batch::open(work.engine)?).commit()?;
        lost(work)?;
        orphans(work, &mut batch, &scan)?;
        scan.reunited = false;
    }
    if planted(Bug::CursorFirst) {
        let mut first = batch.draft.apart();
        first.put(&tables::SCAN, &(), &scan)?;
        first.commit()?;
    }
    if scan != before {
        batch.draft.put(&tables::SCAN, &(), &scan)?;
    }
    batch.commit()?;
    let wake_after_ms = if more || scan.initial { None } else { sweep::step(work)? };
    restored::several(work)?;
    Ok(Pulled { more: more || stale, wake_after_ms })
}

/// Reads issues again that moved on while we wanted to write them.
fn reread(work: &Work<'_, '_>) -> Result<bool, Fault> {
    let mut batch = Batch::open(work.engine)?;
    let stale: Vec<PairId> =
        batch.draft.scan(&tables::STALE, None, limits::PAGE_ISSUES)?.into_iter().map(|(id, ())| id).collect();
    if stale.is_empty() {
        return Ok(false);
    }
    let open = batch.draft.get_many(&tables::INTENTS, &stale)?;
    let ready: Vec<PairId> = stale.into_iter().zip(open).filter(|(_, open)| open.is_none()).map(|(id, _)| id).collect();
    batch.load(&ready)?;
    let ids: Vec<(PairId, IssueId)> =
        ready.iter().filter_map(|id| Some((*id, batch.pair(*id)?.issue.as_ref()?.id.clone()))).collect();
    let mut unread = BTreeSet::new();
    let issues = work.tracker().read(&ids.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>());
    for (id, issue) in ids.iter().map(|(id, _)| *id).zip(issues) {
        match issue {
            Ok(issue) => look::pair(work, &mut batch, id, &issue)?,
            Err(fault) if fault.is_about_all() => return Err(fault.into()),
            Err(TrackerFault::Other(_)) => {
                unread.insert(id);
            }
            // It was there when our record of it was lost, and is gone since.
            Err(TrackerFault::NotFound) if batch.pair(id).is_some_and(|pair| pair.seen.is_empty()) => {
                gone(&mut batch, id, GoneReason::Deleted)?;
            }
            // Deletions and unreadable issues come with the changes.
            Err(_) => {
                if let Some(pair) = batch.pair_mut(id) {
                    pair.unseen = true;
                }
            }
        }
    }
    for id in ready.iter().filter(|id| !unread.contains(id)) {
        batch.draft.delete(&tables::STALE, id);
    }
    let more = ready.len() == limits::PAGE_ISSUES as usize && unread.is_empty();
    batch.commit()?;
    Ok(more)
}

fn take(work: &Work<'_, '_>, batch: &mut Batch<'_>, scan: &mut Scan, page: &ChangePage) -> Result<(), Fault> {
    let known = known(batch, page.issues.iter().map(|issue| issue.id.clone()).collect())?;
    let open = open_intents(batch, known.values().copied())?;
    for issue in &page.issues {
        clear_unreadable(batch, scan, &issue.id)?;
        match known.get(&issue.id) {
            Some(id) if open.contains(id) => batch.draft.put(&tables::STALE, id, &())?,
            Some(id) => look::pair(work, batch, *id, issue)?,
            None => look::newcomer(work, batch, scan, issue)?,
        }
    }
    for departure in &page.gone {
        clear_unreadable(batch, scan, &departure.issue)?;
        leave(work, batch, scan, departure)?;
    }
    for unreadable in &page.unreadable {
        note_unreadable(work, batch, scan, unreadable)?;
    }
    Ok(())
}

fn known(batch: &mut Batch<'_>, issues: Vec<IssueId>) -> Result<BTreeMap<IssueId, PairId>, Fault> {
    let ids = batch.draft.get_many(&tables::LOCAL, &issues)?;
    let known: BTreeMap<IssueId, PairId> =
        issues.into_iter().zip(ids).filter_map(|(issue, id)| Some((issue, id?))).collect();
    batch.load(&known.values().copied().collect::<Vec<_>>())?;
    Ok(known)
}

fn open_intents(batch: &Batch<'_>, ids: impl Iterator<Item = PairId>) -> Result<BTreeSet<PairId>, Fault> {
    let ids: Vec<PairId> = ids.collect();
    let intents = batch.draft.get_many(&tables::INTENTS, &ids)?;
    Ok(ids.into_iter().zip(intents).filter(|(_, intent)| intent.is_some()).map(|(id, _)| id).collect())
}

/// An issue that left: the pair is kept, the partner is told.
fn leave(work: &Work<'_, '_>, batch: &mut Batch<'_>, scan: &mut Scan, departure: &Departure) -> Result<(), Fault> {
    if let Some((_, stray)) = scan.strays.extract_if(.., |_, stray| stray.id == departure.issue).next() {
        batch.draft.delete(&tables::PARKED, &orphan_id(&stray));
    }
    let reason = match departure.reason {
        DepartureReason::Deleted => GoneReason::Deleted,
        DepartureReason::Moved(_) => GoneReason::Moved,
        DepartureReason::Merged(_) => GoneReason::Merged,
        // What is hidden from us is not deleted.
        DepartureReason::Hidden => return unseen(batch, &departure.issue),
    };
    let Some(id) = batch.draft.get(&tables::LOCAL, &departure.issue)? else { return Ok(()) };
    batch.load(&[id])?;
    departed(work, batch, id, reason)
}

/// An issue left, as one of too many or not.
pub(crate) fn departed(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    reason: GoneReason,
) -> Result<(), Fault> {
    if batch.pair(id).is_none_or(|pair| pair.left_here) {
        return Ok(());
    }
    let held = batch.pair(id).is_some_and(|pair| pair.held.is_out());
    if held || breaker::is_too_much(work.engine, batch, id, Way::Out)? {
        // Until a person agrees it is only not to be seen: nothing is written
        // to it, and nobody is told.
        if planted(Bug::HeldTakenForGone) {
            left(batch, id)?;
        }
        if let Some(pair) = batch.pair_mut(id) {
            pair.unseen = true;
        }
        return breaker::hold(batch, id, |held| held.gone = Some(reason));
    }
    gone(batch, id, reason)
}

/// It left, and the partner is told.
pub(crate) fn gone(batch: &mut Batch<'_>, id: PairId, reason: GoneReason) -> Result<(), Fault> {
    if !left(batch, id)? || planted(Bug::DeparturesUnsaid) {
        return Ok(());
    }
    batch.send(id, Body::Gone(Gone { pair: id, reason }))
}

/// Nothing more is written to the issue. Answers whether it was there before.
pub(crate) fn left(batch: &mut Batch<'_>, id: PairId) -> Result<bool, Fault> {
    let Some(pair) = batch.pair_mut(id).filter(|pair| !pair.left_here) else { return Ok(false) };
    pair.left_here = true;
    let before = pair.parked.clone();
    // What a tracker that was put back shows may come again, and edited.
    pair.parked.retain(|part, _| part.0 == EARLIER);
    batch.tidy_parked(id, &before)?;
    batch.let_go(id)?;
    Ok(true)
}

/// Our tracker doesn't show an issue: nothing is written to it until it does.
fn unseen(batch: &mut Batch<'_>, issue: &IssueId) -> Result<(), Fault> {
    if let Some(id) = batch.draft.get(&tables::LOCAL, issue)? {
        batch.load(&[id])?;
        if let Some(pair) = batch.pair_mut(id) {
            pair.unseen = true;
        }
    }
    Ok(())
}

/// Issues of ours that the partner told of after a restore, and that our tracker
/// didn't show in a whole scan, are gone.
fn lost(work: &Work<'_, '_>) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let mut batch = Batch::open(work.engine)?;
        let some = batch.draft.scan(&tables::PAIRS, after.as_ref(), limits::PAGE_ISSUES)?;
        let Some((last, _)) = some.last() else { return Ok(()) };
        after = Some(*last);
        let nowhere = |pair: &Pair| pair.unseen && pair.issue.is_none() && pair.origin == work.state.side;
        let ids: Vec<PairId> = some.iter().filter(|(_, pair)| nowhere(pair)).map(|(id, _)| *id).collect();
        batch.load(&ids)?;
        for id in ids {
            gone(&mut batch, id, GoneReason::Deleted)?;
        }
        batch.commit()?;
    }
}

/// Copies of the partner's issues that no record tells of, on either side: the
/// originals went while both had forgotten them. People are told.
fn orphans(work: &Work<'_, '_>, batch: &mut Batch<'_>, scan: &Scan) -> Result<(), Fault> {
    for stray in scan.strays.values() {
        batch.note(&Parked {
            pair: None,
            issue: stray.key.0.clone(),
            part: Alias::from(ISSUE),
            kind: ORPHANED.to_owned(),
            reason: format!(
                "{} is a copy of an issue of the partner's that neither side knows any more: it is not kept in step; \
                 keep it, or delete it by hand",
                stray.key
            ),
            since: work.engine.now,
            partner: false,
        })?;
    }
    Ok(())
}

/// The kind of fault that tells of a copy without an original.
pub(crate) const ORPHANED: &str = "orphaned";

/// Names the fault that tells of a copy without an original.
pub(crate) fn orphan_id(stray: &LocalIssue) -> String {
    parked_id(None, &stray.key.0, &Alias::from(ISSUE), false)
}

fn note_unreadable(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    scan: &mut Scan,
    unreadable: &Unreadable,
) -> Result<(), Fault> {
    scan.unreadable.insert(unreadable.issue.clone(), unreadable.key.0.clone());
    unseen(batch, &unreadable.issue)?;
    batch.note(&Parked {
        pair: None,
        issue: unreadable.key.0.clone(),
        part: Alias::from(ISSUE),
        kind: "unreadable".to_owned(),
        reason: unreadable.reason.clone(),
        since: work.engine.now,
        partner: false,
    })
}

fn clear_unreadable(batch: &mut Batch<'_>, scan: &mut Scan, issue: &IssueId) -> Result<(), Fault> {
    if let Some(key) = scan.unreadable.remove(issue) {
        batch.draft.delete(&tables::PARKED, &parked_id(None, &key, &Alias::from(ISSUE), false));
    }
    Ok(())
}

/// The issue of a pair, as it is now.
pub(crate) fn local(issue: &Issue) -> LocalIssue {
    LocalIssue {
        id: issue.id.clone(),
        key: issue.key.clone(),
        url: issue.url.clone(),
        revision: issue.revision.clone(),
        wrote: BTreeSet::new(),
        past: Past::of(issue),
    }
}

/// Remembers where an issue's pair is found.
pub(crate) fn index(batch: &mut Batch<'_>, id: PairId, issue: &LocalIssue) -> Result<(), Fault> {
    batch.draft.put(&tables::LOCAL, &issue.id, &id)?;
    Ok(batch.draft.put(&tables::NAMES, &format!("h{}", issue.key), &id)?)
}

pub(crate) use look::{change, pair as look_at, promote};
pub(crate) use restored::compare;

/// What the partner of a pair may be told at all.
fn may_send(pair: &Pair) -> bool {
    !pair.left_here && !pair.left_there
}
