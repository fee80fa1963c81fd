//! The partner's changes: fields by the three-way merge, items as they are.

use super::super::batch::Batch;
use super::super::pull;
use super::Settling;
use crate::fault::Fault;
use crate::ids::{Alias, PairId, Timestamp};
use crate::message::{Change, Gone, Item, Reference};
use crate::pair::{Copy, ISSUE, Pair, Rules, Wanted, item_key, promote};
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
        let (side, now) = (self.state.side, self.engine.now);
        let Some(adoption) = self.adoption(batch, change.configuration)? else { return Ok(false) };
        let scope = adoption.scope.clone();
        let id = change.pair;
        if batch.pair(id).is_none() {
            batch.insert(id, Pair::new(change.origin, change.configuration));
        }
        let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
        if let Some(reference) = reference {
            batch.draft.put(&tables::NAMES, &format!("p{}", reference.key), &id)?;
            if let Some(pair) = batch.pair_mut(id) {
                pair.partner = Some(reference);
                pair.left_there = false;
            }
        }
        let Some(pair) = batch.pair_mut(id) else { return Ok(true) };
        let fields = admitted(&scope, side.other(), pair, change.fields);
        let settles = !fields.is_empty();
        if settles {
            let rules = Rules { side, policy: scope.conflicts };
            match rules.receive(pair, change.base, fields) {
                Ok(lost) => batch.lost(id, lost),
                Err(fault) => {
                    let reason = format!("{fault}: resend the issue from the other side, by editing it there");
                    batch.park(id, &Alias::from(ISSUE), "out-of-step", reason)?;
                    let attributes = [("pair", id.to_string()), ("reason", fault.to_string())];
                    self.engine.ports.observer.log(Level::Error, "a change doesn't fit its pair", &attributes);
                    return Ok(true);
                }
            }
        }
        for item in change.items {
            self.item(batch, id, &scope, item)?;
        }
        batch.tidy_parked(id, &before)?;
        if settles {
            batch.outcome(id);
        }
        let waiting = batch.pair_mut(id).filter(|pair| !pair.left_there).and_then(promote);
        pull::change(scope.version, now, batch, id, waiting, Vec::new(), None)?;
        Ok(true)
    }

    fn item(&mut self, batch: &mut Batch<'a>, id: PairId, scope: &Scope, item: Item) -> Result<(), Fault> {
        let sender = self.state.side.other();
        let Some(pair) = batch.pair_mut(id) else { return Ok(()) };
        let generation = pair.generation;
        let (key, wanted) = match item {
            Item::Comment(comment) if scope.comments.from_side(sender) => {
                (comment.id.clone(), Wanted::Comment(comment))
            }
            Item::Attachment(attachment)
                if scope.admits_attachment(sender, attachment.size, &attachment.media_type) =>
            {
                (attachment.id.clone(), Wanted::Attachment(attachment))
            }
            Item::CommentGone(id) | Item::AttachmentGone(id) => (id, Wanted::Gone),
            // Out of scope: not what was agreed, and not written.
            Item::Comment(_) => return Ok(()),
            Item::Attachment(attachment) => return release(&mut batch.draft, &Wanted::Attachment(attachment)),
        };
        let known = pair.copies.contains_key(&key);
        let (attachment, created) = match &wanted {
            Wanted::Comment(comment) => (false, comment.created.clone()),
            Wanted::Attachment(attachment) => (true, attachment.created.clone()),
            Wanted::Gone | Wanted::Done if known => (false, Timestamp::from("")),
            Wanted::Gone | Wanted::Done => return Ok(()),
        };
        let effect = item_key(id, sender, &key, &created, generation);
        let copy = pair.copies.entry(key.clone()).or_insert_with(|| Copy {
            key: effect,
            attachment,
            local: None,
            wanted: Wanted::Done,
        });
        let before = std::mem::replace(&mut copy.wanted, wanted);
        let part = copy.part(&key);
        pair.parked.remove(&part);
        release(&mut batch.draft, &before)
    }

    /// The issue left at the partner: the pair is kept, ours stays as it is.
    pub(super) fn gone(&mut self, batch: &mut Batch<'a>, gone: &Gone) -> Result<bool, Fault> {
        if let Some(pair) = batch.pair_mut(gone.pair) {
            pair.left_there = true;
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

/// The fields that the configuration puts in scope: computed alike on both
/// sides.
fn admitted(scope: &Scope, sender: crate::scope::Side, pair: &Pair, fields: View) -> View {
    let alias = Alias::from(TYPE);
    let issue_type = match fields.get(&alias).or_else(|| pair.agreed.get(&alias)) {
        Some(Shared::Option(issue_type)) => issue_type.clone(),
        _ => return View::new(),
    };
    fields.into_iter().filter(|(alias, _)| scope.admits(sender, &issue_type, alias)).collect()
}
