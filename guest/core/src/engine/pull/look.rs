//! One issue against its pair: what is new becomes a change.

use super::super::batch::{Batch, OUT};
use super::super::breaker::{self, Way};
use super::super::work::Work;
use super::{index, items, local, may_send, restored};
use crate::fault::Fault;
use crate::ids::{Alias, PairId};
use crate::limits;
use crate::mapping::{Outward, Unmapped};
use crate::message::{Body, Change, IssueBody, Item, Reference};
use crate::model::{Issue, Value};
use crate::pair::{self, ISSUE, LocalIssue, Observation, Pair, Past, Scan, is_issue_of, pair_id, print_raw};
use crate::planted::{Bug, planted};
use crate::scope::{Scope, Side};
use crate::shared::{Shared, TYPE, View};
use crate::tables;

/// An issue that has no pair yet: a new one, where it is in scope.
pub(super) fn newcomer(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    scan: &mut Scan,
    issue: &Issue,
) -> Result<(), Fault> {
    if let Some(effect) = &issue.effect {
        if let Some(id) = batch.draft.get(&tables::NAMES, &format!("e{effect}"))? {
            return written_by_us(work, batch, id, issue);
        }
        if is_issue_of(work.state.sync, work.state.side.other(), effect) && !planted(Bug::ForeignTaken) {
            scan.strays.insert(effect.clone(), local(issue));
            return Ok(());
        }
    }
    if !work.mapping()?.shares(issue) {
        return Ok(());
    }
    let id = pair_id(work.state.sync, work.state.side, &issue.id, &issue.created);
    if batch.pair(id).is_none() {
        batch.load(&[id])?;
    }
    if batch.pair(id).is_none() {
        batch.insert(id, Pair::new(work.state.side, work.version));
    }
    if let Some(pair) = batch.pair_mut(id) {
        pair.issue = Some(local(issue));
        pair.unseen = false;
    }
    index(batch, id, &local(issue))?;
    observe(work, batch, id, issue)?;
    send(work, batch, id, issue, true)
}

/// We made it: the write's answer was lost, and recovery settles it; or all
/// knowledge of it, and it is found again; or it is a second one.
fn written_by_us(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, issue: &Issue) -> Result<(), Fault> {
    batch.load(&[id])?;
    let Some(known) = batch.pair(id) else { return Ok(()) };
    match &known.issue {
        None if batch.draft.get(&tables::INTENTS, &id)?.is_none() => {
            index(batch, id, &local(issue))?;
            pair(work, batch, id, issue)?;
            batch.tell_reference(id);
            Ok(())
        }
        Some(known) if known.id != issue.id => {
            let reason = format!(
                "{} was made for the same issue of the partner as {}: delete one of them by hand",
                issue.key, known.key
            );
            batch.park(id, &Alias(format!("double:{}", issue.id)), "doubled", reason)
        }
        _ => Ok(()),
    }
}

/// An issue that has a pair.
pub(crate) fn pair(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, issue: &Issue) -> Result<(), Fault> {
    batch.load(&[id])?;
    let Some(known) = batch.pair(id) else { return Ok(()) };
    if (known.unseen || known.missing)
        && let Some(pair) = batch.pair_mut(id)
    {
        (pair.unseen, pair.missing) = (false, false);
    }
    if restored::holds(work, batch, id, issue)? {
        return Ok(());
    }
    breaker::returned(batch, id);
    let Some(known) = batch.pair(id) else { return Ok(()) };
    let returns = known.left_here;
    let same = known.issue.as_ref().is_some_and(|known| known.revision == issue.revision);
    if same && !known.left_here && known.configuration == work.version {
        return as_we_left_it(work, batch, id, issue);
    }
    if work.mapping()?.issue_type(&issue.issue_type).is_none() {
        return Ok(());
    }
    // Another configuration makes other edits of what nobody touched.
    let counts = known.configuration == work.version;
    let before = known.waiting.clone();
    let renamed = known.issue.as_ref().is_none_or(|known| known.key != issue.key);
    if let Some(pair) = batch.pair_mut(id) {
        pair.issue = Some(local(issue));
        pair.left_here = false;
        pair.configuration = work.version;
    }
    if renamed {
        index(batch, id, &local(issue))?;
        batch.tell_reference(id);
    }
    batch.ask_again(id);
    observe(work, batch, id, issue)?;
    if counts {
        hold_back(work, batch, id, issue, &before)?;
    }
    send(work, batch, id, issue, returns)
}

/// Holds what changed here, where unusually much did.
fn hold_back(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    issue: &Issue,
    before: &View,
) -> Result<(), Fault> {
    let changed = batch.pair(id).is_some_and(|pair| pair.waiting != *before || items::alter(pair, issue));
    if changed && breaker::is_too_much(work.engine, batch, id, Way::Out)? {
        breaker::hold(batch, id, |held| held.edits = true)?;
    }
    Ok(())
}

/// An issue in the state that our own write led to. What differs in the fields
/// that it set is the tracker's rendering of what we wrote; what differs in
/// others somebody edited before we wrote, where the tracker can't prevent it.
fn as_we_left_it(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, issue: &Issue) -> Result<(), Fault> {
    let past = Past::of(issue);
    let unread = |issue: &LocalIssue| !issue.wrote.is_empty() || issue.past != past;
    let ours = batch.pair(id).and_then(|pair| pair.issue.as_ref()).is_some_and(unread);
    let known = if ours { batch.pair_mut(id).and_then(|pair| pair.issue.as_mut()) } else { None };
    let wrote = known.map(|issue| {
        issue.past = past;
        std::mem::take(&mut issue.wrote)
    });
    let wrote = wrote.unwrap_or_default();
    let before = batch.pair(id).map(|pair| pair.waiting.clone()).unwrap_or_default();
    let mut edited = false;
    for outward in work.outgoing(batch.pair(id), issue)? {
        let raw = print_raw(&outward.raw);
        let seen = batch.pair(id).and_then(|pair| pair.seen.get(&outward.alias)).map(|seen| seen.raw);
        if seen == Some(raw) || seen.is_none() && outward.raw == Value::Absent {
            continue;
        }
        match batch.pair_mut(id).and_then(|pair| pair.seen.get_mut(&outward.alias)) {
            Some(seen) if wrote.contains(&outward.alias) => seen.raw = raw,
            _ => edited = true,
        }
    }
    if edited {
        observe(work, batch, id, issue)?;
    }
    hold_back(work, batch, id, issue, &before)?;
    send(work, batch, id, issue, false)
}

/// Takes what the tracker shows as seen-here.
pub(crate) fn observe(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, issue: &Issue) -> Result<(), Fault> {
    let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
    for outward in work.outgoing(batch.pair(id), issue)? {
        let Outward { alias, raw, shared, sends, .. } = outward;
        let (shown, unmapped) = match shared.and_then(within_bounds) {
            Ok(shown) => (Some(shown), None),
            Err(unmapped) if unmapped.kind == Unmapped::PASSING => return Err(Fault::RetryLater(unmapped.reason)),
            Err(unmapped) => (None, Some(unmapped)),
        };
        let observation = Observation { alias, raw: print_raw(&raw), shown, sends };
        let part = Alias(format!("{OUT}:{}", observation.alias));
        let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
        let lost = work.rules().observe(pair, &observation);
        let parked = pair.parked.contains_key(&part);
        if parked && unmapped.is_none() {
            pair.parked.remove(&part);
        }
        batch.lost(id, lost);
        if let Some(unmapped) = unmapped.filter(|_| sends && !parked) {
            batch.park(id, &part, unmapped.kind, unmapped.reason)?;
        }
    }
    batch.tidy_parked(id, &before)
}

fn within_bounds(shared: Shared) -> Result<Shared, Unmapped> {
    let size = shared.weight();
    if size <= limits::VALUE_BYTES_MAX {
        return Ok(shared);
    }
    let reason = format!(
        "it has {size} bytes, and at most {} are sent: shorten it, or move it into an attachment",
        limits::VALUE_BYTES_MAX
    );
    Err(Unmapped { kind: "too-large", reason })
}

/// Sends what waits, and what is new of our comments and attachments.
pub(super) fn send(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    issue: &Issue,
    whole: bool,
) -> Result<(), Fault> {
    if !batch.pair(id).is_some_and(may_send) || batch.pair(id).is_some_and(|pair| pair.held.is_out()) {
        return Ok(());
    }
    let returns = whole && batch.pair(id).is_some_and(|pair| pair.version > 0);
    let fields = promote(&work.adoption.scope, work.state.side, batch, id)?;
    if fields.is_none() && batch.pair(id).is_some_and(|pair| pair.version == 0 && pair.unsettled.is_none()) {
        // The partner has nothing yet that items could hang on.
        return Ok(());
    }
    let items = items::ours(work, batch, id, issue)?;
    let reference = whole.then(|| Reference { key: issue.key.0.clone(), url: issue.url.clone() });
    // An issue that came back says so, even where nothing else changed; so does
    // a pair after a restore.
    let all = batch.pair(id).is_some_and(|pair| pair.items_due);
    let fields = fields.or_else(|| (returns || all).then(View::new));
    change(work.version, work.engine.now, batch, id, fields, Some(items), reference)
}

/// Waiting edits become our change, where there is none and they fit into a
/// message.
pub(crate) fn promote(scope: &Scope, side: Side, batch: &mut Batch<'_>, id: PairId) -> Result<Option<View>, Fault> {
    if weighs_too_much(batch, id)? {
        return Ok(None);
    }
    let free = |pair: &&Pair| pair.unsettled.is_none() && !pair.waiting.is_empty() && !pair.held.is_out();
    let Some(pair) = batch.pair(id).filter(free) else {
        return Ok(None);
    };
    // The receiver leaves out what its sender may not send, and both have to
    // settle the same.
    let Shared::Option(issue_type) = pair.target(&Alias::from(TYPE)).clone() else { return Ok(None) };
    let travels = |alias: &Alias| scope.admits(side, &issue_type, alias);
    Ok(batch.pair_mut(id).and_then(|pair| pair::promote(pair, travels)))
}

/// Whether what waits is more than one message may hold. It goes on waiting,
/// and a person is told; everything else goes on.
fn weighs_too_much(batch: &mut Batch<'_>, id: PairId) -> Result<bool, Fault> {
    let part = Alias(format!("{OUT}:{ISSUE}"));
    let Some(pair) = batch.pair(id) else { return Ok(false) };
    let bytes = weight(&pair.waiting);
    if bytes <= limits::MESSAGE_BYTES_MAX / 2 {
        if pair.parked.contains_key(&part) {
            let before = pair.parked.clone();
            batch.pair_mut(id).map(|pair| pair.parked.remove(&part));
            batch.tidy_parked(id, &before)?;
        }
        return Ok(false);
    }
    let reason = format!(
        "its fields have {bytes} bytes together, and at most {} are sent at a time: shorten some, or move them into \
         attachments",
        limits::MESSAGE_BYTES_MAX / 2
    );
    batch.park(id, &part, "too-large", reason)?;
    Ok(true)
}

/// Roughly how many bytes fields have in a message.
fn weight(fields: &View) -> usize {
    fields.values().map(|value| 64 + value.weight()).sum()
}

/// Sends a change, in several messages where its items are many. Items, where
/// there are any, are all that are new.
pub(crate) fn change(
    configuration: u32,
    seen: crate::time::Time,
    batch: &mut Batch<'_>,
    id: PairId,
    fields: Option<View>,
    items: Option<Vec<Item>>,
    reference: Option<Reference>,
) -> Result<(), Fault> {
    let (origin, base) = batch.pair(id).map_or((Side::Primary, 0), |pair| (pair.origin, pair.version));
    let tells_all = items.is_some();
    let mut items = items.unwrap_or_default().into_iter().peekable();
    let mut reference = reference.filter(|_| fields.is_some());
    let mut fields = fields;
    while fields.is_some() || items.peek().is_some() {
        let mut some = Vec::new();
        let mut bytes = fields.as_ref().map_or(0, weight);
        while let Some(item) = items.next_if(|_| bytes < limits::MESSAGE_BYTES_MAX / 4) {
            bytes += items::weight(&item);
            some.push(item);
        }
        let fields = fields.take().unwrap_or_default();
        let owed = items.peek().is_none() && tells_all && batch.pair(id).is_some_and(|pair| pair.items_due);
        if owed && let Some(pair) = batch.pair_mut(id) {
            pair.items_due = false;
        }
        let change = Change { pair: id, origin, configuration, base, fields, items: some, all_items: owed, seen };
        let body = match reference.take() {
            Some(reference) => Body::Issue(IssueBody { reference, change }),
            None => Body::Change(change),
        };
        batch.send(id, body)?;
    }
    Ok(())
}
