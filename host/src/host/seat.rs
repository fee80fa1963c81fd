//! A synchronization within this process: one call at a time has its session,
//! people go before the schedule, and whoever works on it can be woken.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Host, hold, refuse};
use crate::request::{Failure, Progress, Watcher};
use crate::runtime::{Attribute, CallError, Level, Observer, Session, SyncPlace};
use crate::settings::Name;

/// One synchronization's seat.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    open: Mutex<Option<Open>>,
    /// How many people wait for it.
    people: AtomicUsize,
    relay: Arc<Relay>,
    wake: Mutex<Wake>,
    bell: Condvar,
    /// What the schedule met last, for people to read.
    trouble: Mutex<Option<String>>,
    /// Whether the schedule works on it.
    at_work: AtomicBool,
    /// Since when.
    begun: Mutex<Option<Instant>>,
}

#[derive(Debug)]
struct Open {
    session: Session,
    place: SyncPlace,
}

/// Why whoever works on a synchronization is woken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wake {
    /// Something may have come.
    pub receive: bool,
    /// Something may have changed in the tracker.
    pub pull: bool,
    /// It shall end.
    pub end: bool,
}

/// How long the schedule steps back for people.
const COURTESY: Duration = Duration::from_millis(1);

impl Seat {
    /// Wakes whoever works on it.
    pub fn wake(&self, why: Wake) {
        let mut wake = hold(&self.wake);
        wake.receive |= why.receive;
        wake.pull |= why.pull;
        wake.end |= why.end;
        self.bell.notify_all();
    }

    /// Waits to be woken, until `due` at most; answers why, and forgets it.
    pub fn wait(&self, due: Instant) -> Wake {
        let mut wake = hold(&self.wake);
        while *wake == Wake::default() {
            let Some(left) = due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else { break };
            wake = self.bell.wait_timeout(wake, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        // The end stays: who asks again hears it again.
        let end = wake.end;
        std::mem::replace(&mut *wake, Wake { end, ..Wake::default() })
    }

    /// Whether it shall end.
    pub fn ending(&self) -> bool {
        hold(&self.wake).end
    }

    /// Whether the schedule works on it.
    pub fn at_work(&self) -> bool {
        self.at_work.load(Ordering::Acquire)
    }

    /// Whether the schedule has just begun to work on it.
    pub fn is_fresh(&self, within: Duration) -> bool {
        self.at_work() && hold(&self.begun).is_some_and(|begun| begun.elapsed() < within)
    }

    /// The schedule begins or ends to work on it.
    pub fn set_at_work(&self, at_work: bool) {
        *hold(&self.begun) = Some(Instant::now());
        *hold(&self.wake) = Wake::default();
        self.at_work.store(at_work, Ordering::Release);
    }

    /// What the schedule met last.
    pub fn trouble(&self) -> Option<String> {
        hold(&self.trouble).clone()
    }

    /// Notes what the schedule met.
    pub fn note_trouble(&self, trouble: Option<String>) {
        *hold(&self.trouble) = trouble;
    }

    /// Closes the session: its files may be moved or removed.
    pub fn close(&self) -> Closed<'_> {
        self.people.fetch_add(1, Ordering::AcqRel);
        let mut open = hold(&self.open);
        self.people.fetch_sub(1, Ordering::AcqRel);
        *open = None;
        Closed { _open: open }
    }
}

/// Nobody works on the synchronization while this is held.
#[derive(Debug)]
pub(crate) struct Closed<'a> {
    _open: MutexGuard<'a, Option<Open>>,
}

/// Takes what the components say while a call lasts.
#[derive(Debug, Default)]
struct Relay {
    to: Mutex<Option<(String, Arc<dyn Watcher>)>>,
}

impl Observer for Relay {
    fn log(&self, source: &str, level: Level, event: &str, attributes: &[Attribute]) {
        let sync = hold(&self.to).as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let about: Vec<_> = attributes.iter().map(|a| format!("{}={}", a.name, a.value)).collect();
        let about = about.join(" ");
        match level {
            Level::Debug => tracing::debug!(sync, source, about, "{event}"),
            Level::Info => tracing::info!(sync, source, about, "{event}"),
            Level::Warning => tracing::warn!(sync, source, about, "{event}"),
            Level::Error => tracing::error!(sync, source, about, "{event}"),
        }
    }

    fn progress(&self, stage: &str, done: u64, total: Option<u64>) {
        if let Some((name, watcher)) = hold(&self.to).clone() {
            watcher.progress(Progress { synchronization: Some(name), stage: stage.to_owned(), done, total });
        }
    }
}

impl Host {
    /// One call into a synchronization, for a person: it goes before the
    /// schedule.
    pub(crate) fn with<T>(
        &self,
        name: &Name,
        watcher: &Arc<dyn Watcher>,
        work: impl FnOnce(&mut Session) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        let sync = self.synchronization(name)?;
        let seat = self.seat(&sync.directory);
        seat.people.fetch_add(1, Ordering::AcqRel);
        let open = hold(&seat.open);
        seat.people.fetch_sub(1, Ordering::AcqRel);
        self.work(name, &seat, open, &self.place(&sync)?, watcher, work)
    }

    /// One call into a synchronization, for the schedule: people go first.
    pub(crate) fn with_patience<T>(
        &self,
        name: &Name,
        seat: &Seat,
        work: impl FnOnce(&mut Session) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        while seat.people.load(Ordering::Acquire) > 0 {
            std::thread::sleep(COURTESY);
        }
        let open = hold(&seat.open);
        // Read with the seat taken: what was deleted meanwhile isn't found.
        let sync = self.synchronization(name)?;
        self.work(name, seat, open, &self.place(&sync)?, &self.watcher, work)
    }

    /// One call into a synchronization that `ferry.toml` doesn't have yet.
    pub(super) fn with_new<T>(
        &self,
        name: &Name,
        place: &SyncPlace,
        directory: &str,
        watcher: &Arc<dyn Watcher>,
        work: impl FnOnce(&mut Session) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        let seat = self.seat(directory);
        let open = hold(&seat.open);
        self.work(name, &seat, open, place, watcher, work)
    }

    fn work<T>(
        &self,
        name: &Name,
        seat: &Seat,
        mut open: MutexGuard<'_, Option<Open>>,
        place: &SyncPlace,
        watcher: &Arc<dyn Watcher>,
        work: impl FnOnce(&mut Session) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        *hold(&seat.relay.to) = Some((name.to_string(), watcher.clone()));
        // What an editor changed in ferry.toml holds from the next call on.
        if open.as_ref().is_some_and(|open| open.place != *place) {
            *open = None;
        }
        let open = match &mut *open {
            Some(open) => open,
            none => {
                self.unchanged(name, place)?;
                let session = Session::open(self.runtime()?, place, seat.relay.clone()).map_err(refuse::runtime)?;
                none.insert(Open { session, place: place.clone() })
            }
        };
        let done = work(&mut open.session).map_err(|e| refuse::call(&place.tracker.name, e));
        *hold(&seat.relay.to) = None;
        done
    }
}
