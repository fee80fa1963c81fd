//! Every planted bug is found, by which checker is said; what is shipped has
//! none of them.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ferry_core::planted::Bug;
use ferry_tests::{office, sim};

/// Seeds within which each is found; `make sim` plays four times as many.
const SEEDS: u64 = 5_000;

#[test]
fn every_planted_bug_is_found() {
    let (next, missed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let bugs: Vec<Bug> = Bug::ALL.iter().copied().filter(|bug| !bug.is_of_the_handshake()).collect();
    let hunts = || {
        while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
            match sim::hunt(*bug, 0..SEEDS) {
                Some((seed, seen)) => say(&format!("{} ({}, seed {seed})", bug.words(), seen.check)),
                None => missed.lock().unwrap().push(*bug),
            }
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(hunts))));
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not found within {SEEDS} seeds: {missed:?}");
    assert!(bugs.len() >= 30, "only {} bugs", bugs.len());
}

/// Also where the test's output is captured.
fn say(line: &str) {
    writeln!(std::io::stderr(), "FOUND {line}").ok();
}

#[test]
fn what_is_shipped_has_no_planted_bug() {
    let holds = |bytes: &[u8], bug: &Bug| memchr::memmem::find(bytes, bug.words().as_bytes()).is_some();
    let ours = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let components = office::components();
    for component in ["ferry-engine.wasm", "local.adapter.wasm"] {
        let shipped = std::fs::read(components.join(component)).unwrap();
        for bug in Bug::ALL {
            assert!(holds(&ours, bug), "{bug:?} would not be seen in a binary either");
            assert!(!holds(&shipped, bug), "{component} has the bug {bug:?}");
        }
    }
}
