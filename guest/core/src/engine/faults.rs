//! What is parked, here and at the partner, and what a person does about it.

use super::Engine;
use super::batch::Batch;
use super::pull::ORPHANED;
use super::settle::MALFORMED;
use crate::fault::Fault;
use crate::ids::Alias;
use crate::pair::{EARLIER, ISSUE, Parked, Wanted, creation_key};
use crate::tables;

/// What a person can do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Try again.
    Retry,
    /// Leave it as it is, for good.
    Skip,
    /// Create the issue anew, though it was created once.
    Recreate,
}

/// Rows looked at with one call to the store.
const ROWS: u32 = 256;

impl Parked {
    /// What clears it.
    pub fn actions(&self) -> Vec<Action> {
        match (self.partner, self.kind.as_str(), self.part.0.as_str()) {
            // The partner's people clear theirs; a broken file clears itself.
            (true, ..) | (_, "unreadable", ISSUE) => Vec::new(),
            (_, "doubled" | "newer-version" | MALFORMED | ORPHANED, _) => vec![Action::Skip],
            (_, _, EARLIER) => vec![Action::Retry],
            (_, _, ISSUE) => vec![Action::Retry, Action::Skip, Action::Recreate],
            _ => vec![Action::Retry, Action::Skip],
        }
    }
}

impl Engine<'_> {
    /// Open faults of both sides, in the order of their ids, after one.
    ///
    /// # Errors
    /// The store's.
    pub fn faults(&self, after: Option<&str>, limit: u32) -> Result<Vec<(String, Parked)>, Fault> {
        let after = after.map(str::to_owned);
        Ok(self.draft().scan(&tables::PARKED, after.as_ref(), limit)?)
    }

    /// Clears faults by an action: those of the ids, and all of a kind. Answers
    /// how many.
    ///
    /// # Errors
    /// `NotFound` for an id that isn't there, `NotAllowed` for an action that
    /// doesn't clear it, and before both sides began to compare what they know.
    pub fn clear(&self, ids: &[String], kind: Option<&str>, action: Action) -> Result<u32, Fault> {
        self.in_one_epoch()?;
        let mut rows = Vec::new();
        for (id, row) in ids.iter().zip(self.draft().get_many(&tables::PARKED, ids)?) {
            let row = row.ok_or_else(|| Fault::NotFound(format!("there is no fault {id}; `fault list` shows all")))?;
            if !row.actions().contains(&action) {
                return Err(Fault::NotAllowed(not_cleared(id, &row)));
            }
            rows.push((id.clone(), row));
        }
        if let Some(kind) = kind {
            let mut after = None;
            loop {
                let some = self.draft().scan(&tables::PARKED, after.as_ref(), ROWS)?;
                let Some((last, _)) = some.last() else { break };
                after = Some(last.clone());
                rows.extend(some.into_iter().filter(|(_, row)| row.kind == kind && row.actions().contains(&action)));
            }
        }
        for (id, row) in &rows {
            let mut batch = Batch::open(self)?;
            self.clear_one(&mut batch, id, row, action)?;
            batch.commit()?;
        }
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    fn clear_one(&self, batch: &mut Batch<'_>, id: &str, row: &Parked, action: Action) -> Result<(), Fault> {
        batch.draft.delete(&tables::PARKED, &id.to_owned());
        let Some(pair_id) = row.pair else { return Ok(()) };
        let state = self.state()?;
        batch.load(&[pair_id])?;
        let Some(pair) = batch.pair_mut(pair_id) else { return Ok(()) };
        match action {
            Action::Skip => {
                let mut skipped = None;
                if let Some(parked) = pair.parked.get_mut(&row.part) {
                    parked.skipped = true;
                }
                for (item, copy) in &mut pair.copies {
                    if item.part() == row.part
                        && let Wanted::Attachment(attachment) = std::mem::replace(&mut copy.wanted, Wanted::Done)
                    {
                        skipped = Some((attachment.digest, attachment.size));
                    }
                }
                if let Some((digest, size)) = skipped {
                    crate::delivery::release(&mut batch.draft, &digest, size)?;
                }
                if row.part == Alias::from(ISSUE) {
                    batch.let_go(pair_id)?;
                }
            }
            Action::Retry => {
                pair.parked.remove(&row.part);
                if let Some(issue) = pair.issue.as_mut().filter(|_| row.part.0 == EARLIER) {
                    issue.past.put_back = true;
                }
                // Looked at again, though its revision is the same.
                pair.configuration = 0;
            }
            Action::Recreate => {
                pair.parked.remove(&row.part);
                pair.generation += 1;
                pair.seen.clear();
                let key = creation_key(state.sync, pair.origin, pair_id, pair.generation);
                batch.draft.put(&tables::NAMES, &format!("e{key}"), &pair_id)?;
                let Some(pair) = batch.pair_mut(pair_id) else { return Ok(()) };
                if let Some(issue) = pair.issue.take() {
                    batch.draft.delete(&tables::LOCAL, &issue.id);
                }
            }
        }
        if row.part.0.starts_with(super::batch::OUT) || [ISSUE, EARLIER].contains(&row.part.0.as_str()) {
            batch.draft.put(&tables::STALE, &pair_id, &())?;
        }
        batch.tell_parked(pair_id)
    }

    /// How many faults are open here, and at the partner.
    pub(super) fn count_faults(&self) -> Result<(u32, u32), Fault> {
        let (mut ours, mut theirs) = (0, 0);
        let mut after = None;
        loop {
            let some = self.draft().scan(&tables::PARKED, after.as_ref(), ROWS)?;
            let Some((last, _)) = some.last() else { return Ok((ours, theirs)) };
            after = Some(last.clone());
            for (_, row) in &some {
                if row.partner { theirs += 1 } else { ours += 1 }
            }
        }
    }
}

fn not_cleared(id: &str, row: &Parked) -> String {
    if row.partner {
        return format!("fault {id} is at the partner: its people clear it there");
    }
    if row.kind == "unreadable" {
        return format!("fault {id} clears itself once the issue {} can be read again", row.issue);
    }
    format!("fault {id} can't be cleared this way")
}
