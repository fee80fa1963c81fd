//! I3: what was sent arrives, or is parked. I8: both sides end alike. I9: what
//! people wrote is there, was superseded by who saw it, or is on record.

use std::collections::BTreeSet;

use ferry_core::ids::{Alias, IssueId, PairId};
use ferry_core::mapping::{Mapping, Outward};
use ferry_core::model::{Issue, Visibility};
use ferry_core::pair::{ISSUE, ItemKind, ItemName, Pair, parked_id, same};
use ferry_core::tables;

use super::super::history::Written;
use super::super::people::text;
use super::super::step::Part;
use super::state::{Ended, Shadow, puts};
use super::{Check, End, Event};

/// A pair of which both sides have the issue.
struct Couple<'e> {
    id: PairId,
    pairs: [&'e Pair; 2],
    issues: [Issue; 2],
}

/// All couples that are kept in step.
fn couples<'e>(ended: &'e Ended<'_>) -> Vec<Couple<'e>> {
    let issue = |end: End, pair: &Pair| ended.side(end).tracker.issue(&pair.issue.as_ref()?.id);
    let couple = |(id, ours): (&PairId, &'e Pair)| {
        let theirs = ended.pair(End::Bob, id)?;
        let kept = [ours, theirs].iter().all(|pair| !pair.left_here && !pair.left_there);
        let issues = [issue(End::Alice, ours)?, issue(End::Bob, theirs)?];
        kept.then_some(Couple { id: *id, pairs: [ours, theirs], issues })
    };
    ended.pairs[0].iter().filter_map(couple).collect()
}

pub(super) struct NoSilentLoss;

impl Check for NoSilentLoss {
    fn name(&self) -> &'static str {
        "I3 no silent loss"
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        for end in End::BOTH {
            for issue in ended.side(end).tracker.issues() {
                let pair = ended.stores[end as usize].get(&tables::LOCAL, &issue.id);
                let Some(id) = pair else {
                    // Said to be a copy that nobody knows any more.
                    let row = parked_id(None, &issue.key.0, &Alias::from(ISSUE), false);
                    let told = ended.stores[end as usize].get(&tables::PARKED, &row);
                    if told.is_some_and(|row| row.kind == "orphaned" && issue.effect.is_some()) {
                        continue;
                    }
                    return Err(format!("{end:?} never shared {}", issue.key));
                };
                let Some(theirs) = ended.pair(end.other(), &id) else {
                    return Err(format!("{end:?} has {} as pair {id}, and the partner knows nothing of it", issue.key));
                };
                let there = theirs.issue.as_ref().and_then(|it| ended.side(end.other()).tracker.issue(&it.id));
                let parked = theirs.parked.contains_key(&Alias::from(ISSUE));
                let left = theirs.left_here || theirs.left_there;
                if there.is_none() && !parked && !left {
                    return Err(format!("{} of {end:?} never came to the partner, and nothing says so", issue.key));
                }
            }
        }
        departures(ended)?;
        couples(ended).iter().try_for_each(|couple| items(ended, couple))
    }
}

/// What left one side is known to have left at the other.
fn departures(ended: &Ended<'_>) -> Result<(), String> {
    for end in End::BOTH {
        for (id, pair) in ended.pairs[end as usize].iter().filter(|(_, pair)| pair.left_here) {
            if ended.pair(end.other(), id).is_some_and(|theirs| !theirs.left_there) {
                return Err(format!("{} left {end:?}, and the partner doesn't know", pair.name()));
            }
        }
    }
    Ok(())
}

/// Comments and attachments: every one that people made is copied, every copy
/// is of one.
fn items(ended: &Ended<'_>, couple: &Couple<'_>) -> Result<(), String> {
    for end in End::BOTH {
        let (here, there) = (&couple.issues[end as usize], &couple.issues[end.other() as usize]);
        let Pair { copies, parked: parked_there, .. } = &couple.pairs[end.other() as usize];
        let deleted = |local: ItemName| ended.history.copies_deleted.contains(&(end.other(), there.id.clone(), local));
        let mut shown = BTreeSet::new();
        let public = |visibility: &Visibility| *visibility == Visibility::Public;
        let ours = here.comments.iter().filter(|comment| comment.effect.is_none() && public(&comment.visibility));
        for comment in ours {
            let name = ItemKind::Comment.with(&comment.id);
            let copy = copies.get(&name);
            let parked = copy.is_some() && parked_there.contains_key(&name.part());
            let Some(local) = copy.and_then(|copy| copy.local.clone()) else {
                if parked || ended.history.items_left_scope {
                    continue;
                }
                return Err(format!("a comment on {} of {end:?} has no copy", here.key));
            };
            shown.insert(local.clone());
            let Some(found) = there.comments.iter().find(|it| it.id == local) else {
                if deleted(ItemKind::Comment.with(&local)) {
                    continue;
                }
                return Err(format!("the copy of a comment on {} of {end:?} is gone", here.key));
            };
            let alike = found.body.source.trim_end() == comment.body.source.trim_end();
            if !alike && !ended.history.items_left_scope {
                return Err(format!(
                    "a comment on {} of {end:?} says {:?}, its copy {:?}",
                    here.key, comment.body.source, found.body.source
                ));
            }
        }
        let copied = there.comments.iter().filter(|comment| comment.effect.is_some());
        if let Some(orphan) = copied.into_iter().find(|comment| !shown.contains(&comment.id))
            && !ended.history.items_left_scope
        {
            return Err(format!("{} of {:?} shows {:?}, which is gone", there.key, end.other(), orphan.body.source));
        }
        for attachment in here.attachments.iter().filter(|attachment| attachment.effect.is_none()) {
            let name = ItemKind::Attachment.with(&attachment.id);
            let copy = copies.get(&name);
            let local = copy.and_then(|copy| copy.local.clone());
            let content = |end: End, issue: &IssueId, id| ended.side(end).tracker.content(issue, id);
            let alike = local
                .as_ref()
                .is_some_and(|local| content(end.other(), &there.id, local) == content(end, &here.id, &attachment.id));
            let parked = copy.is_some() && parked_there.contains_key(&name.part());
            let deleted = local.is_some_and(|local| deleted(ItemKind::Attachment.with(&local)));
            if !alike && !parked && !deleted && !ended.history.items_left_scope {
                return Err(format!("the attachment {} on {} of {end:?} has no copy", attachment.name, here.key));
            }
        }
    }
    Ok(())
}

pub(super) struct Convergence;

impl Check for Convergence {
    fn name(&self) -> &'static str {
        "I8 convergence"
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        let mappings = [mapping(ended, End::Alice)?, mapping(ended, End::Bob)?];
        for couple in couples(ended) {
            let [ours, theirs] = couple.pairs;
            let name = &couple.issues[0].key;
            if ours.version != theirs.version {
                return Err(format!("{name}: alice is at version {}, bob at {}", ours.version, theirs.version));
            }
            if ours.agreed != theirs.agreed {
                return Err(format!("{name}: agreed differs: {:?} and {:?}", ours.agreed, theirs.agreed));
            }
            // What left scope waits until it is back.
            let left = |alias: &Alias| alias.0 == Part::Points.name() && ended.history.points_left_scope;
            let settles = |pair: &Pair| pair.unsettled.is_some() || !pair.waiting.keys().all(left);
            if let Some(pair) = couple.pairs.iter().find(|pair| settles(pair)) {
                return Err(format!("{name}: something is still to be settled: {:?}", pair.waiting));
            }
            shown(&couple, &mappings)?;
        }
        Ok(())
    }
}

fn mapping(ended: &Ended<'_>, end: End) -> Result<Mapping, String> {
    let version = ended.side(end).engine(|engine| engine.configured()).unwrap().version;
    let mapping = ended.side(end).engine(|engine| engine.mapping(version)).unwrap();
    mapping.ok_or_else(|| format!("{end:?} at rest shares under no configuration"))
}

/// Both trackers show the agreed view, but for what is parked.
fn shown(couple: &Couple<'_>, mappings: &[Mapping; 2]) -> Result<(), String> {
    for end in End::BOTH {
        let (pair, issue) = (couple.pairs[end as usize], &couple.issues[end as usize]);
        for Outward { alias, shared, receives, .. } in mappings[end as usize].outgoing(issue) {
            let agreed = pair.agreed.get(&alias).cloned().unwrap_or(ferry_core::shared::Shared::Absent);
            let out = Alias(format!("out:{alias}"));
            if !receives || pair.parked.contains_key(&alias) || pair.parked.contains_key(&out) {
                continue;
            }
            let Ok(shared) = shared else { continue };
            let rendering = pair.seen.get(&alias).is_some_and(|seen| seen.shown.is(&agreed));
            if !same(&shared, &agreed) && !rendering {
                return Err(format!(
                    "{} of {end:?} (pair {}): {alias} shows {shared:?}, agreed is {agreed:?}",
                    issue.key, couple.id
                ));
            }
        }
    }
    Ok(())
}

/// Keeps the records of conflicts, which a restored store has lost.
#[derive(Default)]
pub(super) struct NoLostEdit {
    on_record: BTreeSet<String>,
}

impl Check for NoLostEdit {
    fn name(&self) -> &'static str {
        "I9 no lost edit"
    }

    fn event(&mut self, _: End, event: &Event, _: &Shadow) -> Result<(), String> {
        if let Event::Commit(mutations) = event {
            let conflicts = puts(mutations, &tables::CONFLICTS).into_iter();
            self.on_record.extend(conflicts.map(|(_, conflict)| plain(&conflict.lost.to_text())));
        }
        Ok(())
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        let seen_and_replaced: BTreeSet<&String> = ended.history.written.iter().map(|it| &it.replaced).collect();
        for written in &ended.history.written {
            let value = &written.value;
            if written.part == Part::Points && ended.history.points_left_scope {
                continue;
            }
            if seen_and_replaced.contains(value) || self.on_record.contains(value) || is_there(ended, written) {
                continue;
            }
            return Err(format!(
                "{value:?}, written by {:?} into {:?} of {}, is lost",
                written.end, written.part, written.issue
            ));
        }
        Ok(())
    }
}

/// Whether the value stands in either tracker, or its issue doesn't any more.
fn is_there(ended: &Ended<'_>, written: &Written) -> bool {
    let tracker = &ended.side(written.end).tracker;
    let Some(here) = tracker.issue(&written.issue) else { return true };
    let stands = |issue: &Issue| issue.field(written.part.name()).map(text).as_ref() == Some(&written.value);
    if stands(&here) {
        return true;
    }
    let pair = ended.stores[written.end as usize].get(&tables::LOCAL, &written.issue);
    let theirs = pair.and_then(|id| ended.pair(written.end.other(), &id)?.issue.clone());
    let there = theirs.and_then(|it| ended.side(written.end.other()).tracker.issue(&it.id));
    there.is_none_or(|issue| stands(&issue))
}

fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}
