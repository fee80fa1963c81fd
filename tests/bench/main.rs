//! How fast Ferry is, beside the raw tools that do the same durable work.
//!
//! Everything is measured within one run, in interleaved rounds, as medians.
//! Promises are about processor time, which a busy machine disturbs least; the
//! time that passed stands beside it.
//!
//! `--rounds N` and `--issues N` make it shorter; the promises are about nine
//! rounds and 10,000 issues.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod mail;
mod raw;
mod refusal;
mod report;
mod road;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use ferry_tests::issues::{self, ArchivedIssue};
use ferry_tests::local;
use ferry_tests::process;
use raw::Pipeline;
use report::{Report, Series};
use road::Road;

const ROUNDS: usize = 9;
const ISSUES: usize = 10_000;
const FEW_ISSUES: usize = 100;
const EDITS: usize = 10;

/// What is promised.
const INITIAL_TIMES_MAX: f64 = 5.0;
const MEMORY_BYTES_MAX: u64 = 128 << 20;
const TICK_TIMES_MAX: f64 = 3.0;
const STATUS_TIMES_MAX: f64 = 20.0;
const LATENCY_AIM: Duration = Duration::from_millis(250);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, folder] = arguments.as_slice()
        && flag == "--unpack"
    {
        raw::unpack(std::io::stdin().lock(), Path::new(folder)).unwrap();
        return ExitCode::SUCCESS;
    }
    let option = |name: &str, otherwise| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(otherwise)
    };
    let Some(archive) = issues::archive() else { return ExitCode::SUCCESS };
    let figures = measure(&archive, option("--rounds", ROUNDS), option("--issues", ISSUES));
    if print(&figures) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All that is measured.
#[derive(Default)]
struct Figures {
    raw: Series,
    initial: Series,
    tick_many: Series,
    tick_few: Series,
    status: Series,
    nothing: Series,
    latency: Series,
}

fn measure(archive: &[ArchivedIssue], rounds: usize, count: usize) -> Figures {
    let scratch = tempfile::tempdir().unwrap();
    let (source, few) = (scratch.path().join("source"), scratch.path().join("few"));
    local::write_archive(&source, "ACME", &issues::repeated(archive, count));
    local::write_archive(&few, "ACME", &issues::repeated(archive, FEW_ISSUES));
    let pipeline = Pipeline::new(scratch.path().join("gnupg"));
    let small = Road::connect(&scratch.path().join("small"), &few);
    small.synchronize();
    let mut figures = Figures::default();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        let place = tempfile::tempdir_in(scratch.path()).unwrap();
        rested();
        figures.raw.push(pipeline.carry(&source, &place.path().join("out"), &place.path().join("parcel")));
        let road = Road::connect(&place.path().join("road"), &source);
        rested();
        figures.initial.push(road.synchronize());
        rested();
        figures.tick_many.push(road.tick(EDITS));
        figures.tick_few.push(small.tick(EDITS));
        for _ in 0..10 {
            figures.nothing.push(process::run(&mut Command::new("/bin/true")).cost);
            figures.status.push(road.status());
        }
        figures.latency.push(small.latency());
    }
    figures
}

/// What was written before is on the disk: nobody pays for somebody else's
/// synchronization to it.
fn rested() {
    rustix::fs::sync();
}

/// Prints the figures; answers whether all promises were kept.
fn print(figures: &Figures) -> bool {
    let mut report = Report::default();
    report.ratio(
        "the initial synchronization, both sides, against tar, gpg and as many files written durably",
        &figures.initial,
        &figures.raw,
        INITIAL_TIMES_MAX,
    );
    report.memory("the most memory of either side meanwhile", figures.initial.memory(), MEMORY_BYTES_MAX);
    report.ratio(
        "ten changes carried over among many issues, against the same among a hundred",
        &figures.tick_many,
        &figures.tick_few,
        TICK_TIMES_MAX,
    );
    report.ratio("ferry sync status, against /bin/true", &figures.status, &figures.nothing, STATUS_TIMES_MAX);
    report.aim("from saved file to saved file, both daemons idle", &figures.latency, LATENCY_AIM);
    let place = tempfile::tempdir().unwrap();
    refusal::measure(place.path(), &mut report);
    let place = tempfile::tempdir().unwrap();
    mail::measure(place.path(), &mut report);
    report.is_kept()
}
