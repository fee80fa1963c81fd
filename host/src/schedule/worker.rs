//! One synchronization's thread: wait, tick, and so on.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Worker;
use super::watching::Watching;
use crate::backoff::Backoff;
use crate::control::{Budget, Report};
use crate::host::{EFFECTS, Host, PARCELS, Seat, Wake};
use crate::request::{Failure, Kind};
use crate::settings::Name;

/// How long more notices are waited for after the first: an editor writes a
/// temporary file and renames it, a courier brings several parcels.
const GATHER: Duration = Duration::from_millis(10);

/// Begins to work on a synchronization.
pub(super) fn begin(host: &Arc<Host>, name: &Name, directory: &str) -> io::Result<Worker> {
    let seat = host.seat(directory);
    seat.set_at_work(true);
    let (host, name, its) = (host.clone(), name.clone(), seat.clone());
    let called = name.clone();
    let thread = std::thread::Builder::new().name(format!("sync {name}")).spawn(move || {
        work(&host, &name, &its);
        its.set_at_work(false);
        its.note_trouble(None);
    });
    if thread.is_err() {
        seat.set_at_work(false);
    }
    Ok(Worker { name: called, seat, thread: thread? })
}

fn work(host: &Host, name: &Name, seat: &Arc<Seat>) {
    let mut watching = Watching::default();
    let mut backoff = Backoff::default();
    let mut looked = Instant::now();
    let mut look = Wake { receive: true, pull: true, end: false };
    loop {
        let sync = match host.synchronization(name) {
            Ok(sync) => sync,
            // Gone from ferry.toml: so are we.
            Err(failure) if failure.kind == Kind::NotFound => return,
            // A person is at ferry.toml with an editor.
            Err(failure) => {
                note(name, seat, Some(failure.message));
                if seat.wait(Instant::now() + backoff.next()).end {
                    return;
                }
                continue;
            }
        };
        watching.watch(host, &sync, seat);
        let polling = Duration::from_secs(u64::from(sync.polling_seconds));
        if look.receive && look.pull {
            looked = Instant::now();
        }
        let pause = match tick(host, name, seat, look) {
            Ok(report) => after(&report, seat, &mut backoff, polling),
            Err(failure) if failure.kind == Kind::NotFound && host.synchronization(name).is_err() => return,
            Err(failure) => {
                note(name, seat, Some(failure.message));
                backoff.next()
            }
        };
        if seat.ending() {
            return;
        }
        // A quick look at one side doesn't put off the look at both.
        let due = (Instant::now() + pause).min((looked + polling).max(Instant::now() + backoff.least()));
        look = await_wake(seat, due, looked + polling, backoff.least());
        if look.end {
            return;
        }
    }
}

fn tick(host: &Host, name: &Name, seat: &Seat, look: Wake) -> Result<Report, Failure> {
    let budget =
        Budget { effects: EFFECTS, parcels: PARCELS, finishing: false, receive: look.receive, pull: look.pull };
    let report = host.with_patience(name, seat, |session| session.tick(budget))?;
    let done = report.received + report.applied + report.sent + report.parcels;
    if done > 0 {
        let Report { received, applied, sent, parcels, faults, .. } = report;
        tracing::info!(sync = %name, received, applied, sent, parcels, faults, "worked");
    }
    note(name, seat, report.trouble.clone());
    Ok(report)
}

/// How long to pause after a tick.
fn after(report: &Report, seat: &Seat, backoff: &mut Backoff, polling: Duration) -> Duration {
    if report.trouble.is_some() {
        return backoff.next();
    }
    backoff.rest();
    if report.work_left {
        // The rest may lie on either side.
        seat.wake(Wake { receive: true, pull: true, end: false });
        return Duration::ZERO;
    }
    Duration::from_millis(report.wake_after_ms).min(polling)
}

/// Waits for notices or the clock. Notices that come together are taken
/// together, and while there is trouble they don't hurry us.
fn await_wake(seat: &Seat, due: Instant, both: Instant, least: Duration) -> Wake {
    let begun = Instant::now();
    let mut wake = seat.wait(due);
    if wake == Wake::default() || Instant::now() >= both {
        return Wake { receive: true, pull: true, end: wake.end };
    }
    // A person's word concerns both sides, and is heard at once.
    let person = wake.receive && wake.pull && least.is_zero();
    let until = Instant::now() + GATHER.max(least.saturating_sub(begun.elapsed()));
    while !person && !wake.end && Instant::now() < until {
        let more = seat.wait(until);
        wake.receive |= more.receive;
        wake.pull |= more.pull;
        wake.end |= more.end;
    }
    wake
}

/// Notes trouble, and logs it where it is new.
fn note(name: &Name, seat: &Seat, trouble: Option<String>) {
    let before = seat.trouble();
    match (&before, &trouble) {
        (before, Some(now)) if before.as_ref() != Some(now) => tracing::warn!(sync = %name, "{now}"),
        (Some(_), None) => tracing::info!(sync = %name, "the trouble is over"),
        _ => {}
    }
    if before != trouble {
        seat.note_trouble(trouble);
    }
}
