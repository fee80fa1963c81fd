//! A side's process runs, and something goes wrong in it.

use ferry_core::engine::tick::Budget;
use ferry_core::ports::{ChannelFault, StoreFault, TrackerFault};

use super::people::do_deed;
use super::play::Play;
use super::step::{End, Mishap};
use crate::memory::Tracker;

impl Play {
    /// One tick, with what goes wrong in it. A fault of the outside is passed
    /// on; any other is ours.
    pub fn run(&mut self, end: End, mishap: &Mishap) -> Result<(), String> {
        let mut budget = Budget { effects: 500, parcels: 16, finishing: false, receive: true, pull: true };
        let side = self.side(end);
        let mut kind = "";
        let mut die = None;
        match mishap {
            Mishap::None => {}
            Mishap::Crash(n) | Mishap::PowerLoss(n) => die = Some(u64::from(*n)),
            Mishap::Store { after, full, late } => {
                let fault = if *full { StoreFault::Full } else { StoreFault::Other("an I/O error".to_owned()) };
                side.store.fail_after(u64::from(*after), fault, *late);
                kind = "store failed";
            }
            Mishap::TrackerDown(calls) => {
                let faults = (0..*calls).map(|_| TrackerFault::RetryLater(None));
                side.tracker.misbehaviour.borrow_mut().fail_next.extend(faults);
                kind = "tracker down";
            }
            Mishap::Throttled(effects) => {
                side.tracker.misbehaviour.borrow_mut().throttle_after = Some(u64::from(*effects));
                kind = "throttled";
            }
            Mishap::AnswersLost(writes) => {
                side.tracker.misbehaviour.borrow_mut().forget_answers = u32::from(*writes);
                kind = "answers lost";
            }
            Mishap::Meanwhile(deed) => {
                let (deed, history) = (deed.clone(), self.history.clone());
                let meanwhile = move |tracker: &Tracker| do_deed(end, tracker, &history, &deed);
                side.tracker.misbehaviour.borrow_mut().meanwhile = Some(Box::new(meanwhile));
                kind = "edited meanwhile";
            }
            Mishap::ChannelDown => {
                side.channel.broken.replace(Some(ChannelFault::RetryLater("the channel is down".to_owned())));
                kind = "channel down";
            }
            Mishap::Hurry { effects, parcels } => {
                budget = Budget { effects: u32::from(*effects), parcels: u32::from(*parcels), ..budget };
                kind = "in a hurry";
            }
        }
        let ended = match die {
            Some(n) => side.fuse.crash_at(n, || side.tick_with(budget)).ok(),
            None => Some(side.tick_with(budget)),
        };
        side.store.heal();
        side.channel.broken.replace(None);
        let mut misbehaviour = side.tracker.misbehaviour.borrow_mut();
        misbehaviour.fail_next.clear();
        misbehaviour.forget_answers = 0;
        misbehaviour.throttle_after = None;
        misbehaviour.meanwhile = None;
        drop(misbehaviour);
        let kind = if ended.is_none() { self.died(end, mishap) } else { kind };
        if !kind.is_empty() {
            self.count(kind);
        }
        match ended {
            Some(Ok(report)) => self.tally.messages += u64::from(report.sent),
            Some(Err(fault)) if !matches!(mishap, Mishap::Store { .. } | Mishap::TrackerDown(_)) => {
                return Err(fault.to_string());
            }
            _ => {}
        }
        Ok(())
    }

    /// What is left of a process that died, and what it died of.
    fn died(&self, end: End, mishap: &Mishap) -> &'static str {
        if matches!(mishap, Mishap::PowerLoss(_)) {
            self.side(end).blobs.lose_power();
            return "power lost";
        }
        "died"
    }
}
