//! What administrators say, and what they mend.

use ferry_core::config::Standing;
use ferry_core::engine::faults::Action;
use ferry_core::limits::{TIME_ROUNDING_MS, TRACKER_SWEEP_MS, TRACKER_SWEEP_PAGE_MS};
use ferry_core::scope::Side as Which;

use super::people::{normalised, nth_issue};
use super::play::{Play, nth};
use super::step::{Command, End, Quirk};
use crate::Side;
use crate::memory::Tracker;
use crate::memory::journal::Event;
use crate::world::Order;

impl Play {
    pub fn quirk(&mut self, end: End, quirk: &Quirk) {
        let tracker = &self.side(end).tracker;
        match quirk {
            Quirk::Refuse(part) => {
                let reason = "not in this sprint".to_owned();
                tracker.misbehaviour.borrow_mut().refuse.insert(part.name().to_owned(), reason);
            }
            Quirk::Drop(part) => {
                tracker.misbehaviour.borrow_mut().drop_silently.insert(part.name().to_owned());
            }
            Quirk::Normalise => {
                tracker.misbehaviour.borrow_mut().normalise = Some(normalised);
            }
            Quirk::Unreadable(pick) => {
                if let Some(issue) = nth_issue(tracker, *pick) {
                    let reason = "a person has to mend it".to_owned();
                    tracker.misbehaviour.borrow_mut().unreadable.insert(issue.id.clone(), reason);
                    tracker.person_moves(&issue.id, &issue.status);
                }
            }
            Quirk::Behave => behave(tracker),
        }
        if *quirk != Quirk::Behave {
            self.count("tracker misbehaved");
        }
    }

    /// What people did since the copy was made is gone; nobody can be blamed for
    /// what nobody saw.
    fn restore_tracker(&mut self, end: End) {
        let side = self.side(end);
        // What waits may stop it, and then nobody sweeps.
        drop(side.tick());
        let works = side.engine(|engine| engine.overview()).unwrap().state.works();
        // What can't be read shows no earlier state, and mending it is an edit.
        if !works || !side.tracker.misbehaviour.borrow().unreadable.is_empty() {
            return;
        }
        let Some((copy, written)) = self.trackers[end as usize].take() else { return };
        // A store that was put back would forget what the sweep sees now.
        self.backups[end as usize] = None;
        self.world.clock.advance_ms(600_000);
        self.side(end).tracker.put_back(&copy);
        // What people edit before a sweep saw it looks edited, and no more.
        for wait_ms in [TRACKER_SWEEP_MS, TRACKER_SWEEP_PAGE_MS, TRACKER_SWEEP_MS, TRACKER_SWEEP_PAGE_MS] {
            self.world.clock.advance_ms(wait_ms);
            drop(self.side(end).tick());
        }
        let mut history = self.history.borrow_mut();
        history.tracker_restored = true;
        for undone in history.written.iter_mut().skip(written).filter(|it| it.end == end) {
            // What it replaced was seen by who wrote it.
            undone.value.clone_from(&undone.replaced);
        }
        history.items_left_scope = true;
        drop(history);
        self.trackers[end as usize] = Some((copy, written));
        self.count("tracker restored");
    }

    /// An administrator's word; where it isn't possible now, nothing comes of
    /// it.
    pub fn command(&mut self, end: End, command: &Command) {
        let side = self.side(end);
        match command {
            Command::Stop => drop(side.order(&Order::Stop)),
            Command::Start => drop(side.order(&Order::Start)),
            Command::Retry => drop(retry(side)),
            Command::Skip(pick) => {
                let faults = side.engine(|engine| engine.faults(None, 100)).unwrap();
                let skippable = faults.into_iter().filter(|(_, fault)| fault.actions().contains(&Action::Skip));
                if let Some((id, _)) = nth(&skippable.collect(), *pick) {
                    side.engine(|engine| engine.clear(&[id], None, Action::Skip)).ok();
                }
            }
            Command::Backup => {
                let copy = side.store.contents();
                self.backups[end as usize] = Some(copy);
            }
            Command::Restore => {
                if let Some(copy) = self.backups[end as usize].clone() {
                    // No search is behind for as long as putting back takes.
                    self.world.clock.advance_ms(2 * u64::from(side.tracker.index_lag_ms.get()));
                    side.journal.add(|| Event::Restored(copy.clone()));
                    side.store.restore(copy);
                    self.count("store restored");
                }
            }
            Command::BackupTracker => {
                let written = self.history.borrow().written.len();
                self.trackers[end as usize] = Some((side.tracker.backup(), written));
                // Nobody notices what rounding times hides.
                self.world.clock.advance_ms(2 * TIME_ROUNDING_MS);
            }
            Command::RestoreTracker => self.restore_tracker(end),
            Command::Reconcile => drop(side.order(&Order::Reconcile)),
            Command::Release => {
                if side.engine(|engine| engine.release()).is_ok_and(|released| released > 0) {
                    self.count("held and released");
                }
            }
            Command::Rotate => {
                if side.order(&Order::Rotate).is_ok() {
                    self.count("keys replaced");
                }
            }
            Command::Revoke => {
                if side.order(&Order::Revoke).is_ok() {
                    self.count("keys revoked");
                }
            }
            Command::Invite => self.invite(end),
            Command::Configure(variant) => {
                let left = configure(side, *variant);
                let mut history = self.history.borrow_mut();
                history.items_left_scope |= left & 3 != 0;
                history.points_left_scope |= left & 4 != 0;
            }
        }
    }
}

/// Everything that is parked is tried again; how much that is.
pub(super) fn retry(side: &Side) -> usize {
    let faults = side.engine(|engine| engine.faults(None, 1_000)).unwrap();
    let ids: Vec<String> =
        faults.into_iter().filter(|(_, fault)| fault.actions().contains(&Action::Retry)).map(|(id, _)| id).collect();
    let retried = !ids.is_empty() && side.engine(|engine| engine.clear(&ids, None, Action::Retry)).is_ok();
    if retried { ids.len() } else { 0 }
}

/// The tracker does what it should again.
pub(super) fn behave(tracker: &Tracker) {
    let mut misbehaviour = tracker.misbehaviour.borrow_mut();
    misbehaviour.refuse.clear();
    misbehaviour.drop_silently.clear();
    misbehaviour.normalise = None;
    let unreadable = misbehaviour.unreadable.clone();
    drop(misbehaviour);
    unreadable.keys().for_each(|issue| tracker.person_mends(issue));
}

/// Publishes a variant, or answers what was published. What left scope: 1
/// comments, 2 attachments, 4 points.
fn configure(side: &Side, variant: u8) -> u8 {
    let standing = side.engine(|engine| engine.agreement()).unwrap().standing;
    let primary = side.engine(|engine| engine.overview()).unwrap().state.side == Which::Primary;
    if !primary && standing != Standing::UpdateRequired {
        return 0;
    }
    let mut text = side.engine(|engine| engine.example()).unwrap();
    for (bit, what) in [(1, "comments    = "), (2, "attachments = ")] {
        if variant & bit != 0 {
            text = text.replacen(&format!("{what}\"both\""), &format!("{what}\"none\""), 1);
        }
    }
    if variant & 4 != 0 {
        text = text.lines().filter(|line| !line.starts_with("points")).map(|line| format!("{line}\n")).collect();
    }
    let order = if primary { Order::Publish(text) } else { Order::Adopt(text) };
    if side.order(&order).is_ok() { variant & 7 } else { 0 }
}

/// The secondary answers what waits for an answer, if anything does.
pub(super) fn answer(side: &Side) -> bool {
    let waits = side.engine(|engine| engine.agreement()).unwrap().standing == Standing::UpdateRequired;
    if waits {
        configure(side, 0);
    }
    waits
}
