//! Every planted bug is found, by which checker is said; what is shipped has
//! none of them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ferry_core::planted::Bug;
use ferry_tests::{office, say, search, sim};

/// Seeds within which each is found; `make sim` plays four times as many.
const SEEDS: u64 = 5_000;

#[test]
fn every_planted_bug_is_found() {
    let (next, missed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let hunts = || {
        while let Some(bug) = Bug::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
            match hunt(*bug) {
                Some(seen) => say(&format!("FOUND {} ({seen})", bug.words())),
                None => missed.lock().unwrap().push(*bug),
            }
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(hunts))));
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not found within {SEEDS} seeds: {missed:?}");
    assert!(Bug::ALL.len() >= 30, "only {} bugs", Bug::ALL.len());
}

/// What sees a bug: a checker of simulated worlds; or of the exhaustive search,
/// where those begin too late for it.
fn hunt(bug: Bug) -> Option<String> {
    if bug.is_of_the_handshake() {
        return search::hunt(bug).map(|(world, found)| format!("{}, {}", found.property, world.name));
    }
    sim::hunt(bug, 0..SEEDS).map(|(plan, failure)| format!("{}, {plan}", failure.check))
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
