//! A tracker that was put back to an earlier state: what it shows is old, not
//! edited. An issue of which this is seen is held until a person agrees; several
//! stop the synchronization, and both sides compare what they know.

use std::collections::BTreeSet;

use super::super::Engine;
use super::super::batch::Batch;
use super::super::work::Work;
use super::{gone, index, local, look};
use crate::fault::Fault;
use crate::ids::{Alias, IssueId, ItemId, PairId};
use crate::limits;
use crate::mapping::Outward;
use crate::message::GoneReason;
use crate::model::{Issue, Value};
use crate::pair::{
    EARLIER, Earlier, ItemKind, ItemName, LocalIssue, Lost, Pair, Print, Scan, Seen, Wanted, creation_key, is_issue_of,
    print_raw, same,
};
use crate::ports::TrackerFault;
use crate::scope::Side;
use crate::shared::Shared;
use crate::state::{State, Status};
use crate::tables;

/// The kind of fault.
const KIND: &str = "restored";

/// Parked rows looked at with one call to the store.
const ROWS: u32 = 256;

/// Whether the tracker is the one that it was. Another one under the same name
/// would look like a mass deletion.
pub(super) fn same_tracker(work: &Work<'_, '_>, scan: &mut Scan) -> bool {
    let instance = &work.identity.instance;
    scan.instance.get_or_insert_with(|| instance.clone()) == instance
}

/// Why nothing flows with another tracker.
pub(super) fn another(work: &Work<'_, '_>, scan: &Scan) -> String {
    format!(
        "the tracker is another one than before (instance {}, before {}): put the right one back and agree to go on, \
         or create a new synchronization for this one. If it is the same one, restored under another name, agree \
         with your partner to go on, with `ferry sync reconcile` on both sides",
        work.identity.instance,
        scan.instance.as_deref().unwrap_or_default()
    )
}

/// Nothing flows any more until people agree.
pub(super) fn stop(work: &Work<'_, '_>, scan: &Scan, reason: String) -> Result<(), Fault> {
    work.stopped.set(true);
    let mut state = work.engine.state()?;
    state.stand(Status::RestartRequired, reason, work.engine.now);
    let mut draft = work.engine.draft();
    draft.put(&tables::STATE, &(), &state)?;
    draft.put(&tables::SCAN, &(), &Scan { put_back: true, ..scan.clone() })?;
    Ok(draft.commit()?)
}

/// Stops where issues in an earlier state are too many to be an oddity.
pub(super) fn several(work: &Work<'_, '_>) -> Result<(), Fault> {
    if !work.restored.replace(false) {
        return Ok(());
    }
    let draft = work.engine.draft();
    let (mut held, mut after) = (0, None);
    loop {
        let some = draft.scan(&tables::PARKED, after.as_ref(), ROWS)?;
        let Some((last, _)) = some.last() else { break };
        after = Some(last.clone());
        held += some.iter().filter(|(_, row)| row.kind == KIND && !row.partner).count();
    }
    if held < limits::RESTORED_PAIRS_MAX {
        return Ok(());
    }
    let reason = format!(
        "the tracker was restored from a backup: it shows {held} issues in an earlier state than before; nothing is \
         sent or written until people on both sides have agreed to go on, with `ferry sync reconcile`"
    );
    let scan = draft.get(&tables::SCAN, &())?.unwrap_or_default();
    stop(work, &scan, reason)
}

/// Looks whether an issue is in an earlier state than we know. Answers whether
/// nothing else is to be done with it: it is held, or went on from there.
pub(super) fn holds(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, issue: &Issue) -> Result<bool, Fault> {
    let Some(pair) = batch.pair(id) else { return Ok(false) };
    let Some(known) = &pair.issue else { return Ok(false) };
    let agreed = known.past.put_back;
    let moved_on = known.revision != issue.revision;
    let earlier = earlier(&work.state, work.identity.abilities.issue_keys, id, pair, known, issue);
    let part = Alias::from(EARLIER);
    match earlier {
        Some(Earlier::Created) if agreed => {
            let ours = batch.pair(id).is_some_and(|pair| pair.origin == work.state.side);
            unlink(batch, work.state.side, id)?;
            if ours {
                gone(batch, id, GoneReason::Deleted)?;
            }
            Ok(true)
        }
        _ if agreed => {
            absorb(work, batch, id, issue)?;
            Ok(true)
        }
        Some(earlier) => {
            if !batch.pair(id).is_some_and(|pair| pair.parked.contains_key(&part)) {
                work.restored.set(true);
                batch.park(id, &part, KIND, reason(known_updated(batch, id), issue, earlier))?;
            }
            Ok(true)
        }
        None => {
            let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
            if !before.contains_key(&part) {
                return Ok(false);
            }
            if moved_on {
                // Somebody edited the old state: the rest of it is old all the same.
                return Ok(true);
            }
            // Somebody put the right one back.
            batch.pair_mut(id).map(|pair| pair.parked.remove(&part));
            batch.tidy_parked(id, &before)?;
            Ok(false)
        }
    }
}

/// What gives an earlier state of a pair's issue away; `keys`: issues say which
/// effect made them.
fn earlier(state: &State, keys: bool, id: PairId, pair: &Pair, known: &LocalIssue, issue: &Issue) -> Option<Earlier> {
    let theirs = state.side.other();
    let another = match &issue.effect {
        Some(effect) if pair.origin == theirs => {
            is_issue_of(state.sync, theirs, effect)
                && *effect != creation_key(state.sync, pair.origin, id, pair.generation)
        }
        Some(effect) => is_issue_of(state.sync, theirs, effect),
        // We made it, never read it, and what is there doesn't say that we did.
        None => keys && pair.origin == theirs && known.past.created.is_none(),
    };
    if another { Some(Earlier::Created) } else { known.earlier(issue) }
}

fn known_updated(batch: &Batch<'_>, id: PairId) -> String {
    let known = batch.pair(id).and_then(|pair| pair.issue.as_ref()?.past.updated);
    known.map(|time| time.rfc3339()).unwrap_or_default()
}

fn reason(before: String, issue: &Issue, earlier: Earlier) -> String {
    let what = match earlier {
        Earlier::Updated => format!("it was last changed at {}, and before that at {before}", issue.updated.0),
        Earlier::Unwritten => "it is as it was before Ferry's last write".to_owned(),
        Earlier::Created => {
            return format!(
                "another issue, made at {}, has its id: the tracker was restored from a backup; retry lets go of the \
                 old one and takes the new one as what it is",
                issue.created.0
            );
        }
    };
    format!(
        "{what}: the tracker was restored from a backup; retry writes what both sides agreed on since, and records \
         what the tracker shows"
    )
}

/// People agreed: what an issue shows is seen, and no edit; what differs from
/// what it should show is recorded, and written anew.
fn absorb(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, issue: &Issue) -> Result<(), Fault> {
    let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
    let mut lost = Vec::new();
    for Outward { alias, raw, shared, .. } in work.outgoing(batch.pair(id), issue)? {
        let raw_print = print_raw(&raw);
        let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
        let seen = pair.seen.get(&alias).map(|seen| seen.raw);
        if seen == Some(raw_print) || seen.is_none() && raw == Value::Absent {
            continue;
        }
        let shown = shared.unwrap_or(Shared::Absent);
        let won = pair.target(&alias).clone();
        pair.seen.insert(alias.clone(), Seen { raw: raw_print, shown: Print::of(&shown), unmapped: false });
        if !same(&shown, &won) && !shown.is_empty() {
            lost.push(Lost { alias, won, lost: shown });
        }
    }
    batch.lost(id, lost);
    let returns = batch.pair(id).is_some_and(|pair| pair.left_here);
    if let Some(pair) = batch.pair_mut(id) {
        forget_vanished(pair, issue);
        pair.parked.remove(&Alias::from(EARLIER));
        pair.issue = Some(local(issue));
        (pair.left_here, pair.configuration) = (false, work.version);
    }
    index(batch, id, &local(issue))?;
    batch.tidy_parked(id, &before)?;
    batch.ask_again(id);
    look::send(work, batch, id, issue, returns)
}

/// Comments and attachments that an earlier state hasn't: ours were not
/// deleted, and the partner's are asked for again.
fn forget_vanished(pair: &mut Pair, issue: &Issue) {
    let comments = issue.comments.iter().map(|comment| ItemKind::Comment.with(&comment.id));
    let attachments = issue.attachments.iter().map(|attachment| ItemKind::Attachment.with(&attachment.id));
    let there: BTreeSet<ItemName> = comments.chain(attachments).collect();
    pair.ours.retain(|item, _| there.contains(item));
    vanish(pair, |item, local| there.contains(&item.kind.with(local)));
}

/// Copies that aren't there any more: what is known of them is written anew, and
/// for what isn't the partner is asked.
fn vanish(pair: &mut Pair, is_there: impl Fn(&ItemName, &ItemId) -> bool) {
    let missed = &mut pair.missed;
    pair.copies.retain(|item, copy| {
        if copy.local.as_ref().is_none_or(|local| is_there(item, local)) {
            return true;
        }
        copy.local = None;
        if copy.wanted == Wanted::Done {
            missed.insert(item.clone());
        }
        matches!(copy.wanted, Wanted::Comment(_) | Wanted::Attachment(_))
    });
}

/// The issue of a pair isn't there any more, in a tracker that was put back. The
/// partner's is made again; ours is looked for once more, and then gone.
fn unlink(batch: &mut Batch<'_>, side: Side, id: PairId) -> Result<(), Fault> {
    let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
    let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
    let Some(issue) = pair.issue.take() else { return Ok(()) };
    pair.seen.clear();
    vanish(pair, |_, _| false);
    pair.parked.remove(&Alias::from(EARLIER));
    pair.unseen = pair.origin == side;
    // Another pair's issue may have the id by now.
    if batch.draft.get(&tables::LOCAL, &issue.id)? == Some(id) {
        batch.draft.delete(&tables::LOCAL, &issue.id);
    }
    batch.draft.delete(&tables::INTENTS, &id);
    batch.draft.delete(&tables::STALE, &id);
    batch.ask_again(id);
    batch.tidy_parked(id, &before)
}

/// Before both sides compare what they know: asks a tracker that was put back
/// what it still has of some pairs.
pub(crate) fn compare(engine: &Engine<'_>, batch: &mut Batch<'_>, state: &State, ids: &[PairId]) -> Result<(), Fault> {
    let keys = engine.seen()?.identity.abilities.issue_keys;
    let issue = |id: &PairId| Some((*id, batch.pair(*id)?.issue.as_ref()?.id.clone()));
    let asked: Vec<(PairId, IssueId)> = ids.iter().filter_map(issue).collect();
    for some in asked.chunks(limits::PAGE_ISSUES as usize) {
        let issues: Vec<IssueId> = some.iter().map(|(_, issue)| issue.clone()).collect();
        for ((id, _), read) in some.iter().zip(engine.ports.tracker.read(&issues)) {
            match read {
                Ok(issue) => stands(batch, state, keys, *id, &issue)?,
                Err(TrackerFault::NotFound) => unlink(batch, state.side, *id)?,
                // A person has to mend it; what it held nobody knows.
                Err(TrackerFault::Unreadable(_)) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
    }
    Ok(())
}

/// What a tracker that was put back shows of a pair's issue: another one, or an
/// old state of it.
fn stands(batch: &mut Batch<'_>, state: &State, keys: bool, id: PairId, issue: &Issue) -> Result<(), Fault> {
    let Some(pair) = batch.pair(id) else { return Ok(()) };
    let Some(known) = &pair.issue else { return Ok(()) };
    if earlier(state, keys, id, pair, known, issue) == Some(Earlier::Created) {
        return unlink(batch, state.side, id);
    }
    let before = pair.parked.clone();
    let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
    forget_vanished(pair, issue);
    pair.parked.remove(&Alias::from(EARLIER));
    if let Some(known) = &mut pair.issue {
        known.past.put_back = true;
    }
    batch.tidy_parked(id, &before)
}
