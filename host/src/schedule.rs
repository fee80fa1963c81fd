//! Keeping synchronizations going: a thread for each, woken by folders that
//! change, by people, and by the clock. The clock is the truth; being woken
//! only makes it quick.

mod watching;
mod worker;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::host::{Host, Seat, Wake, hold};
use crate::request::{Failure, Server};
use crate::settings::{Name, Synchronization};

/// How often `ferry.toml` is looked at for what an editor changed.
const LOOK: Duration = Duration::from_secs(2);

/// Ends a schedule, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    inner: Arc<Signal>,
}

#[derive(Debug, Default)]
struct Signal {
    /// Shall it end; may the list have changed.
    told: Mutex<(bool, bool)>,
    bell: Condvar,
}

impl Stop {
    /// It shall end, once the ticks under way have.
    pub fn stop(&self) {
        hold(&self.inner.told).0 = true;
        self.inner.bell.notify_all();
    }

    /// The list of synchronizations may have changed.
    pub(crate) fn look(&self) {
        hold(&self.inner.told).1 = true;
        self.inner.bell.notify_all();
    }

    /// Waits until it shall end; answers `false` once the list may have
    /// changed instead.
    fn wait(&self) -> bool {
        let told = hold(&self.inner.told);
        let quiet = |told: &mut (bool, bool)| !told.0 && !told.1;
        let (mut told, _) =
            self.inner.bell.wait_timeout_while(told, LOOK, quiet).unwrap_or_else(PoisonError::into_inner);
        told.1 = false;
        told.0
    }
}

/// One synchronization's thread.
#[derive(Debug)]
struct Worker {
    name: Name,
    seat: Arc<Seat>,
    thread: JoinHandle<()>,
}

impl Worker {
    fn end(self) {
        self.seat.wake(Wake { end: true, ..Wake::default() });
        if self.thread.join().is_err() {
            tracing::error!(sync = %self.name, "a worker panicked; this is a mistake in Ferry");
        }
    }
}

/// Keeps synchronizations going until it is stopped: those of the names, or
/// all where none is given, those included that are created meanwhile. Answers
/// others at the socket.
///
/// # Errors
/// Where the socket can't be listened on, or a name is unknown.
pub fn run(host: &Arc<Host>, names: &[Name], stop: &Stop) -> Result<(), Failure> {
    for name in names {
        host.synchronization(name)?;
    }
    let server: Server = host.listen()?;
    host.scheduled_by(Some(stop.clone()));
    let mut workers: BTreeMap<String, Worker> = BTreeMap::new();
    tracing::info!(home = %host.home().root().display(), "at work");
    loop {
        match host.settings() {
            Ok(settings) => {
                let all = settings.synchronizations.into_iter();
                let chosen = all.filter(|(name, _)| names.is_empty() || names.contains(name));
                adjust(host, &mut workers, &chosen.collect());
            }
            Err(failure) => tracing::error!(error = %failure, "waiting until the settings are mended"),
        }
        if stop.wait() {
            break;
        }
    }
    tracing::info!("ending, once the ticks under way have");
    host.scheduled_by(None);
    host.end();
    for worker in workers.values() {
        worker.seat.wake(Wake { end: true, ..Wake::default() });
    }
    for worker in std::mem::take(&mut workers).into_values() {
        worker.end();
    }
    drop(server);
    Ok(())
}

/// Ends workers whose synchronization is gone or has another name or place,
/// and begins those that are missing.
fn adjust(host: &Arc<Host>, workers: &mut BTreeMap<String, Worker>, wanted: &BTreeMap<Name, Synchronization>) {
    let serves = |worker: &Worker, directory: &str| {
        let sync = wanted.get(&worker.name);
        sync.is_some_and(|sync| sync.directory == directory) && !worker.thread.is_finished()
    };
    let stale: Vec<String> =
        workers.iter().filter(|(directory, worker)| !serves(worker, directory)).map(|(d, _)| d.clone()).collect();
    for worker in stale.iter().filter_map(|directory| workers.remove(directory)) {
        worker.end();
    }
    for (name, sync) in wanted {
        if workers.contains_key(&sync.directory) {
            continue;
        }
        match worker::begin(host, name, &sync.directory) {
            Ok(worker) => drop(workers.insert(sync.directory.clone(), worker)),
            Err(e) => tracing::error!(sync = %name, error = %e, "its thread can't be started"),
        }
    }
}
