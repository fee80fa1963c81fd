//! I4: what a position says is durable. I5: a number names one message.

use std::collections::{BTreeMap, BTreeSet};

use ferry_core::delivery::ranges;
use ferry_core::digest;
use ferry_core::ids::{Digest, Epoch};
use ferry_core::state::{State, Status};
use ferry_core::tables;

use super::state::{Ended, Shadow, puts};
use super::{Check, End, Event};
use crate::memory::PlainWire;

#[derive(Default)]
pub(super) struct Honest {
    restored: bool,
}

impl Check for Honest {
    fn name(&self) -> &'static str {
        "I4 honest acknowledgement"
    }

    fn event(&mut self, end: End, event: &Event, before: &Shadow) -> Result<(), String> {
        self.restored |= matches!(event, Event::Restored(_));
        let Event::Put(_, bytes) = event else { return Ok(()) };
        let Some(position) = PlainWire::peek(bytes).and_then(|parcel| parcel.position) else { return Ok(()) };
        let incoming = before.get(&tables::INCOMING, &()).unwrap();
        let have: Vec<(u64, u64)> = incoming.spans.iter().map(|span| (span.first, span.last)).collect();
        let all = position.ranges.iter().all(|(first, last)| ranges::covers(&have, *first, *last));
        if position.epoch == incoming.epoch && !all {
            return Err(format!("{end:?} acknowledges {:?} and has {have:?}", position.ranges));
        }
        Ok(())
    }

    /// Content whose pieces were acknowledged is there, and whole.
    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        for end in End::BOTH.into_iter().filter(|_| !self.restored) {
            let parked = ended.stores[end as usize].all(&tables::PARKED);
            if let Some((_, broken)) = parked.iter().find(|(_, parked)| !parked.partner && parked.kind == "broken") {
                return Err(format!("{end:?} lost content that it had acknowledged: {}", broken.reason));
            }
        }
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct OneHistory {
    sent: BTreeMap<(End, Epoch, u64), Digest>,
    /// Epochs that go on only until somebody notices that a store was put back.
    broken: BTreeSet<Epoch>,
    restored: bool,
}

impl Check for OneHistory {
    fn name(&self) -> &'static str {
        "I5 epoch"
    }

    fn event(&mut self, end: End, event: &Event, before: &Shadow) -> Result<(), String> {
        match event {
            Event::Restored(contents) => {
                // That of before, and that of the copy.
                for store in [before, &Shadow::from(contents.clone())] {
                    self.broken.insert(store.get(&tables::OUTGOING, &()).unwrap().epoch);
                }
                self.restored = true;
            }
            Event::Commit(mutations) if !self.restored => {
                let states = puts(mutations, &tables::STATE).into_iter().map(|(_, state)| state);
                let asks = |state: &State| state.status == Status::RestartRequired;
                match states.into_iter().find(asks) {
                    // A tracker that was put back is no event of a store.
                    Some(state) if state.reason.starts_with("the tracker") => self.restored = true,
                    Some(state) => return Err(format!("{end:?} asks people without a restore: {}", state.reason)),
                    None => {}
                }
            }
            _ => {}
        }
        let Event::Put(_, bytes) = event else { return Ok(()) };
        let parcel = PlainWire::peek(bytes).filter(|parcel| !self.broken.contains(&parcel.epoch));
        let Some(parcel) = parcel else { return Ok(()) };
        for (number, message) in (parcel.first..).zip(&parcel.messages) {
            let digest = digest::of(message);
            let before = *self.sent.entry((end, parcel.epoch, number)).or_insert(digest);
            if before != digest {
                return Err(format!("{end:?} sent two messages as number {number} of one epoch"));
            }
        }
        Ok(())
    }
}
