//! **Tick**: one bounded step of work, from the store to the store.

use super::work::Work;
use super::{Engine, apply, keys, pull, receive, reunite, send, settle};
use crate::fault::Fault;
use crate::handshake;
use crate::limits;
use crate::ports::{StoreFault, TrackerFault};
use crate::state::State;

/// How much one tick may do, and how.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // As `ferry:control/run` documents them.
pub struct Budget {
    pub effects: u32,
    pub parcels: u32,
    pub finishing: bool,
    pub receive: bool,
    pub pull: bool,
}

/// What one tick did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/run` documents them.
pub struct Report {
    pub received: u32,
    pub applied: u32,
    pub sent: u32,
    pub parcels: u32,
    pub faults: u32,
    pub work_left: bool,
    pub wake_after_ms: u64,
    pub trouble: Option<String>,
    pub passing: bool,
}

/// Without anything due, a tick is of use after this long, in milliseconds.
const IDLE_MS: u64 = 60_000;

impl Engine<'_> {
    /// One bounded step of work. May be killed anywhere; the next goes on.
    ///
    /// # Errors
    /// The store's; those of channel and tracker are the report's trouble.
    pub fn tick(&self, budget: Budget) -> Result<Report, Fault> {
        let mut report = Report { wake_after_ms: IDLE_MS, passing: true, ..Report::default() };
        if budget.receive {
            let received = receive::step(self, budget.parcels)?;
            report.received = received.received;
            report.work_left |= received.work_left;
            report.channel(received.trouble);
            let greeted = handshake::step(self)?;
            report.wake(greeted.wake_after_ms);
            report.channel(greeted.trouble);
        }
        self.tell(&mut report)?;
        self.settle(&mut report)?;
        keys::retire(self)?;
        self.issues(budget, &mut report)?;
        let sent = send::step(self, budget.parcels, budget.finishing)?;
        report.sent = sent.sent;
        report.parcels = sent.parcels;
        report.work_left |= sent.work_left;
        report.wake(sent.wake_after_ms);
        report.channel(sent.trouble);
        report.faults = self.open_faults()?;
        if report.trouble.is_some() {
            report.work_left = false;
        }
        Ok(report)
    }

    /// Tells how pairs stand, where both sides compare what they know; a
    /// tracker that was put back is asked first.
    fn tell(&self, report: &mut Report) -> Result<(), Fault> {
        match reunite::tell(self) {
            Err(fault @ (Fault::RetryLater(_) | Fault::Other(_) | Fault::NotAllowed(_))) => {
                report.passing = matches!(fault, Fault::RetryLater(_));
                report.trouble = Some(fault.to_string());
                Ok(())
            }
            done => done,
        }
    }

    /// Settles what came.
    fn settle(&self, report: &mut Report) -> Result<(), Fault> {
        let settled = settle::step(self, &self.state()?)?;
        report.work_left |= settled.switched;
        Ok(())
    }

    /// The steps that touch the tracker.
    fn issues(&self, budget: Budget, report: &mut Report) -> Result<(), Fault> {
        let state = self.state()?;
        if !state.works() {
            return Ok(());
        }
        match self.at_work(&state, budget, report) {
            // The tracker's; everything else goes on.
            Err(fault @ (Fault::RetryLater(_) | Fault::Other(_) | Fault::NotAllowed(_))) => {
                report.passing = matches!(fault, Fault::RetryLater(_));
                report.trouble = Some(fault.to_string());
                Ok(())
            }
            done => done,
        }
    }

    fn at_work(&self, state: &State, budget: Budget, report: &mut Report) -> Result<(), Fault> {
        let Some(work) = Work::open(self, state)? else { return Ok(()) };
        let unknown = apply::recover(&work)?;
        let mut pulled = pull::step(&work, budget.pull)?;
        for _ in 1..limits::TICK_PULLS_MAX {
            if pulled.more && !work.stopped.get() {
                pulled = pull::step(&work, budget.pull)?;
            }
        }
        report.wake(pulled.wake_after_ms);
        if work.stopped.get() {
            return Ok(());
        }
        let applied = apply::step(&work, budget.effects)?;
        report.applied = applied.effects;
        report.work_left |= pulled.more || applied.more || unknown && work.identity.index_lag_ms == 0;
        if unknown {
            report.wake(Some(apply::look_after_ms(u64::from(work.identity.index_lag_ms))));
        }
        if let Some(trouble) = applied.trouble {
            report.passing = matches!(trouble, TrackerFault::RetryLater(_));
            report.trouble = Some(trouble.to_string());
        }
        Ok(())
    }

    /// How many faults are open here.
    pub(super) fn open_faults(&self) -> Result<u32, Fault> {
        let (ours, _) = self.count_faults()?;
        Ok(ours)
    }

    /// How many records a range has.
    pub(super) fn count(&self, (start, end): (Vec<u8>, Vec<u8>)) -> Result<u64, StoreFault> {
        self.ports.store.count(&start, &end)
    }
}

impl Report {
    fn wake(&mut self, after_ms: Option<u64>) {
        if let Some(after_ms) = after_ms {
            self.wake_after_ms = self.wake_after_ms.min(after_ms);
        }
    }

    fn channel(&mut self, trouble: Option<send::Trouble>) {
        if let Some(trouble) = trouble {
            self.passing = trouble.passing;
            self.trouble = Some(trouble.reason);
        }
    }
}
