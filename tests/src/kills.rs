//! Two organisations by the binary, whose processes are killed again and again
//! while people work: at the end both trackers show the same, nothing is lost,
//! nothing doubled.
//!
//! A process is killed once it has made so many calls to write, a number drawn
//! from the seed: on its way up, while it recovers, in the middle of a commit.
//! People make new issues at any time; what is there they edit between two
//! lives of their own side's process, since an editor that saves over a write
//! of the same moment undoes it, by whoever it was.

mod expected;
mod people;

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

use crate::local;
use crate::office::{Daemon, Office};
use crate::process;
use expected::Expected;

/// A process that writes nothing for so long waits for somebody else.
const IDLE: Duration = Duration::from_millis(400);
/// Edits between two lives.
const EDITS_MAX: u64 = 60;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Where everything was drawn from.
    pub seed: u64,
    /// Changes that people made.
    pub changes: u64,
    /// Processes killed in the middle of work.
    pub kills: u64,
    /// Processes killed while they waited.
    pub idle_kills: u64,
    /// What people wrote and one side doesn't show.
    pub lost: Vec<String>,
    /// What a side shows twice, or that nobody wrote.
    pub doubled: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, changes, kills, idle_kills, lost, doubled, took } = self;
        writeln!(f, "seed {seed}: {} s", took.as_secs())?;
        writeln!(f, "{:>8} changes by people on both sides", changes)?;
        writeln!(f, "{:>8} kills at work", kills)?;
        writeln!(f, "{:>8} kills at rest", idle_kills)?;
        writeln!(f, "{:>8} lost", lost.len())?;
        writeln!(f, "{:>8} doubled", doubled.len())?;
        lost.iter().chain(doubled).take(20).try_for_each(|what| writeln!(f, "         {what}"))
    }
}

/// One side, its process and what its people do.
struct Seat {
    office: Office,
    daemon: Option<Daemon>,
}

/// Kills and edits until so many changes are through, below an empty directory.
///
/// # Panics
/// Where a command fails, a process ends by itself, or both folders differ at the end though nothing was
/// lost or doubled.
pub fn run(place: &Path, seed: u64, changes: u64) -> Report {
    let began = Instant::now();
    let acme = Office::new(place, "acme", "globex", "ACME");
    let globex = Office::new(place, "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    let mut dice = ChaCha20Rng::seed_from_u64(seed);
    let mut expected = Expected::default();
    let mut report = Report { seed, ..Report::default() };
    let mut seats = [acme, globex].map(|office| Seat { daemon: Some(office.daemon()), office });
    while expected.changes < changes {
        let at = (dice.next_u32() % 2) as usize;
        let seat = &mut seats[at];
        people::creates(&seat.office, at, dice.next_u64() % 4, &mut expected);
        if let Some(daemon) = seat.daemon.take() {
            // Few writes as often as many.
            let writes = (dice.next_u64() % 2_000) >> (dice.next_u32() % 9);
            if wrote(daemon.id(), writes) {
                report.kills += 1
            } else {
                report.idle_kills += 1
            }
            kill(&seat.office, daemon, seed);
        }
        people::edits(&seat.office, at, 1 + dice.next_u64() % EDITS_MAX, &mut dice, &mut expected);
        seat.daemon = Some(seat.office.daemon());
    }
    let offices = seats.map(|seat| {
        seat.daemon.into_iter().for_each(|daemon| kill(&seat.office, daemon, seed));
        seat.office
    });
    offices[0].settle_and_release(&offices[1]);
    report.changes = expected.changes;
    for office in &offices {
        expected.compare(office, &mut report);
    }
    if report.lost.is_empty() && report.doubled.is_empty() {
        local::assert_equal(&offices[0].issues, &offices[1].issues);
    }
    report.took = began.elapsed();
    report
}

/// Kills a process, which must have been alive until now.
fn kill(office: &Office, daemon: Daemon, seed: u64) {
    if let Err(how) = daemon.kill() {
        panic!("seed {seed}: the process of {}: {how}", office.project);
    }
}

/// Waits until a process has made so many calls to write; false where it rests
/// before.
fn wrote(process: u32, writes: u64) -> bool {
    let (mut seen, mut since) = (0, Instant::now());
    process::wait_for("a process that works or rests", Duration::from_secs(600), || {
        let now = process::writes(process);
        if now > seen {
            (seen, since) = (now, Instant::now());
        }
        (seen >= writes).then_some(true).or_else(|| (since.elapsed() > IDLE).then_some(false))
    })
}
