//! The partner's changes: fields by the three-way merge, items as they are.

use super::super::batch::Batch;
use super::super::breaker::{self, Way};
use super::super::pull;
use super::Settling;
use crate::fault::Fault;
use crate::ids::{Alias, PairId, Timestamp};
use crate::message::{Change, Gone, Item, Reference};
use crate::pair::{Copy, ISSUE, ItemKind, OutOfStep, Pair, Rules, Wanted, creation_key, item_key};
use crate::planted::{Bug, planted};
use crate::ports::Level;
use crate::scope::Scope;
use crate::shared::{Shared, TYPE, View};
use crate::store::Draft;
use crate::tables;

impl<'a> Settling<'_, 'a> {
    /// Settles a change as the next version, and answers it. False while its
    /// configuration is not known here.
    pub(super) fn change(
        &mut self,
        batch: &mut Batch<'a>,
        change: Change,
        reference: Option<Reference>,
    ) -> Result<bool, Fault> {
        let side = self.state.side;
        let mut named = change.configuration;
        if planted(Bug::OldConfiguration) {
            named = batch.draft.get(&tables::CONFIGURED, &())?.unwrap_or_default().version;
        }
        let Some(adoption) = self.adoption(batch, named)? else { return Ok(false) };
        let scope = adoption.scope.clone();
        let id = change.pair;
        if batch.pair(id).is_none() {
            self.insert(batch, id, &change)?;
            self.welcome(batch, id, &scope, &change)?;
        }
        let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
        if let Some(reference) = reference {
            batch.draft.put(&tables::NAMES, &format!("p{}", reference.key), &id)?;
            if let Some(pair) = batch.pair_mut(id) {
                pair.partner = Some(reference);
                if std::mem::take(&mut pair.left_there) {
                    // What wasn't said while it was away is said now.
                    batch.draft.put(&tables::STALE, &id, &())?;
                }
            }
            batch.ask_again(id);
        }
        let Some(pair) = batch.pair_mut(id) else { return Ok(true) };
        // What isn't in scope is left out, but the change settles all the same:
        // its sender counts on it.
        let settles = !change.fields.is_empty();
        let fields = admitted(&scope, side.other(), pair, change.base, change.fields);
        let rules = Rules { side, policy: scope.conflicts };
        let altered = pair.alters();
        let settled = if settles { rules.receive(pair, change.base, fields) } else { Ok(Vec::new()) };
        for item in change.items {
            self.item(batch, id, &scope, item)?;
        }
        if let Some(pair) = batch.pair_mut(id).filter(|pair| pair.items_awaited) {
            pair.items_awaited = !change.all_items;
            batch.draft.put(&tables::STALE, &id, &())?;
        }
        if batch.pair(id).is_some_and(|pair| pair.left_here || pair.is_skipped()) {
            batch.let_go(id)?;
        }
        match settled {
            Ok(lost) => batch.lost(id, lost),
            Err(fault) => return self.out_of_step(batch, id, &fault).map(|()| true),
        }
        batch.tidy_parked(id, &before)?;
        if !altered
            && batch.pair(id).is_some_and(Pair::alters)
            && breaker::is_too_much(self.engine, batch, id, Way::In)?
        {
            breaker::hold(batch, id, |held| held.writes = true)?;
        }
        if settles && !planted(Bug::OutcomeForgotten) {
            batch.outcome(id);
        }
        self.promote(batch, id)?;
        Ok(true)
    }

    /// A pair that we hear of for the first time. Its copy may be there already,
    /// where our record of it was lost.
    fn insert(&self, batch: &mut Batch<'a>, id: PairId, change: &Change) -> Result<(), Fault> {
        let key = creation_key(self.state.sync, change.origin, id, 0);
        batch.draft.put(&tables::NAMES, &format!("e{key}"), &id)?;
        let mut pair = Pair::new(change.origin, change.configuration);
        let mut scan = batch.draft.get(&tables::SCAN, &())?.unwrap_or_default();
        if let Some(stray) = scan.strays.remove(&key) {
            batch.draft.delete(&tables::PARKED, &pull::orphan_id(&stray));
            pair.issue = Some(stray.clone());
            pull::index(batch, id, &stray)?;
            batch.draft.put(&tables::STALE, &id, &())?;
            batch.draft.put(&tables::SCAN, &(), &scan)?;
        }
        batch.insert(id, pair);
        Ok(())
    }

    /// Waiting edits become our change, under the configuration in force.
    pub(super) fn promote(&mut self, batch: &mut Batch<'a>, id: PairId) -> Result<(), Fault> {
        let side = self.state.side;
        let configuration = batch.draft.get(&tables::CONFIGURED, &())?.unwrap_or_default().version;
        if batch.pair(id).is_none_or(|pair| pair.left_there) {
            return Ok(());
        }
        let Some(adoption) = self.adoption(batch, configuration)? else { return Ok(()) };
        let waiting = pull::promote(&adoption.scope.clone(), side, batch, id)?;
        pull::change(configuration, self.engine.now, batch, id, waiting, None, None)
    }

    /// A pair that we hear of for the first time is written here only where
    /// the partner may create issues of its type, and where it isn't ours.
    fn welcome(&self, batch: &mut Batch<'a>, id: PairId, scope: &Scope, change: &Change) -> Result<(), Fault> {
        let part = Alias::from(ISSUE);
        let sender = self.state.side.other();
        if change.origin != sender {
            let reason = "the partner changed an issue that came from here, and that is not known here any more: was \
                          this side's store put back from a backup?";
            return batch.park(id, &part, "unknown", reason.to_owned());
        }
        let created = match change.fields.get(&Alias::from(TYPE)) {
            Some(Shared::Option(of)) => scope.issue_type(of).is_some_and(|of| of.ways.from_side(sender)),
            _ => false,
        };
        if created {
            return Ok(());
        }
        let reason = "the partner sent an issue of a type whose new issues it may not send; nothing of it is written";
        batch.park(id, &part, "out-of-scope", reason.to_owned())
    }

    fn out_of_step(&self, batch: &mut Batch<'a>, id: PairId, fault: &OutOfStep) -> Result<(), Fault> {
        let attributes = [("pair", id.to_string()), ("reason", fault.to_string())];
        self.engine.ports.observer.log(Level::Error, "a change doesn't fit its pair", &attributes);
        let part = Alias::from(ISSUE);
        if batch.pair(id).is_some_and(|pair| pair.parked.contains_key(&part)) {
            return Ok(());
        }
        let reason = format!("{fault}: nothing more is written to this issue; please report this");
        batch.park(id, &part, "out-of-step", reason)
    }

    fn item(&mut self, batch: &mut Batch<'a>, id: PairId, scope: &Scope, item: Item) -> Result<(), Fault> {
        let sender = self.state.side.other();
        let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
        let generation = pair.generation;
        let (name, wanted) = match item {
            Item::Comment(comment) if scope.comments.from_side(sender) => {
                (ItemKind::Comment.with(&comment.id), Wanted::Comment(comment))
            }
            Item::Attachment(attachment)
                if scope.admits_attachment(sender, attachment.size, &attachment.media_type) =>
            {
                (ItemKind::Attachment.with(&attachment.id), Wanted::Attachment(attachment))
            }
            Item::CommentGone(id) => (ItemKind::Comment.with(&id), Wanted::Gone),
            Item::AttachmentGone(id) => (ItemKind::Attachment.with(&id), Wanted::Gone),
            // Out of scope: not what was agreed, and not written.
            Item::Comment(_) => return Ok(()),
            Item::Attachment(attachment) => return release(&mut batch.draft, &Wanted::Attachment(attachment)),
        };
        pair.missed.remove(&name);
        let known = pair.copies.get(&name).map(|copy| copy.again.saturating_add(1));
        let created = match &wanted {
            Wanted::Comment(comment) => comment.created.clone(),
            Wanted::Attachment(attachment) => attachment.created.clone(),
            Wanted::Gone | Wanted::Done if known.is_some() => Timestamp::from(""),
            Wanted::Gone | Wanted::Done => return Ok(()),
        };
        let again = known.unwrap_or(0);
        let key = item_key(id, sender, &name, &created, generation, again);
        pair.parked.remove(&name.part());
        let new = || Copy { key: key.clone(), local: None, wanted: Wanted::Done, again };
        let copy = pair.copies.entry(name).or_insert_with(new);
        copy.again = again;
        // A comment is edited, an attachment made anew.
        if matches!(wanted, Wanted::Attachment(_)) {
            copy.key = key;
        }
        let before = std::mem::replace(&mut copy.wanted, wanted);
        let early = if planted(Bug::ReleasedEarly) { copy.wanted.clone() } else { Wanted::Done };
        release(&mut batch.draft, &early)?;
        release(&mut batch.draft, &before)
    }

    /// The issue left at the partner: the pair is kept, ours stays as it is.
    pub(super) fn gone(&mut self, batch: &mut Batch<'a>, gone: &Gone) -> Result<bool, Fault> {
        let Some(pair) = batch.pair_mut(gone.pair) else { return Ok(true) };
        pair.left_there = true;
        if pair.issue.is_none() {
            batch.let_go(gone.pair)?;
        }
        Ok(true)
    }
}

/// Content that is not waited for any more.
fn release(draft: &mut Draft<'_>, wanted: &Wanted) -> Result<(), Fault> {
    match wanted {
        Wanted::Attachment(attachment) => crate::delivery::release(draft, &attachment.digest, attachment.size),
        _ => Ok(()),
    }
}

/// The fields that the configuration puts in scope, by the issue's type in the
/// change or in the version that it builds on: computed alike on both sides.
fn admitted(scope: &Scope, sender: crate::scope::Side, pair: &Pair, base: u64, fields: View) -> View {
    let alias = Alias::from(TYPE);
    let before = if base > pair.version { pair.settling(&alias) } else { pair.agreed_on(&alias) };
    let issue_type = match fields.get(&alias).unwrap_or(before) {
        Shared::Option(issue_type) => issue_type.clone(),
        _ => return View::new(),
    };
    fields.into_iter().filter(|(alias, _)| scope.admits(sender, &issue_type, alias)).collect()
}
