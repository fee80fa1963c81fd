//! What it costs to refuse, or to take, the worst that a valid partner can
//! seal: bounded, whatever it is.

use ferry_tests::hostile;
use ferry_tests::insider::Insider;
use ferry_tests::office::Office;

/// What a run may need beyond one that has nothing to do.
const EXTRA_BYTES_MAX: u64 = 64 << 20;

/// Processor time, in hundredths of a second: a second. It is what the process
/// used, and not what went by on the clock.
const TICKS_MAX: u64 = 100;

/// The same work takes more of it where others keep the processor's caches and
/// its other half busy: what it takes is the least of some attempts.
const ATTEMPTS: usize = 3;

/// How many times the processor time of a full honest parcel.
const TIMES_MAX: u64 = 10;

/// Two sides at rest, the second ready to be harmed.
fn offices(place: &std::path::Path) -> (Office, Office) {
    let acme = Office::new(place, "acme", "globex", "ACME");
    let globex = Office::new(place, "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    globex.ferry(&["sync", "edit", &globex.sync, "--settle", "0"]);
    (acme, globex)
}

/// Somebody at the first side, which has no process, seals the worst for the
/// second.
fn assert_bounded(acme: &Office, globex: &Office) {
    let mut insider = Insider::at(acme);
    let daemon = globex.daemon();
    let (_, honest) = insider.cost(&daemon, &hostile::honest());
    let (mut beyond, mut refused) = (Vec::new(), 0);
    for hostile in hostile::all() {
        let (mut bytes, mut ticks) = (0, u64::MAX);
        for _ in 0..ATTEMPTS {
            let cost = insider.cost(&daemon, &hostile);
            (bytes, ticks) = (bytes.max(cost.0), ticks.min(cost.1));
            refused += usize::from(!hostile.is_taken());
            if ticks < TICKS_MAX {
                break;
            }
        }
        let told = format!("{}: {} MiB, {ticks}0 ms; honest {honest}0 ms", hostile.what, bytes >> 20);
        println!("{told}");
        if bytes >= EXTRA_BYTES_MAX || ticks >= TICKS_MAX || ticks >= honest.max(1) * TIMES_MAX {
            beyond.push(told);
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
    drop(daemon);
    let kept = globex.quarantine();
    assert_eq!(kept.len(), refused, "{kept:#?}");
    assert_eq!(globex.status()["state"], "running");
}

#[test]
fn the_worst_that_a_partner_can_seal_costs_little_and_blocks_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = offices(place.path());
    assert_bounded(&acme, &globex);
}

#[test]
fn while_both_sides_replace_their_keys_it_costs_no_more() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = offices(place.path());
    // The second side takes the first one's new keys, and the answer waits: what
    // comes is signed by the former ones, which are tried last.
    acme.ferry(&["key", "rotate", &acme.sync]);
    acme.run_once();
    globex.run_once();
    // Its own new ones nobody knows of yet.
    globex.ferry(&["key", "rotate", &globex.sync]);
    let keys = || globex.json(&["key", "show", &globex.sync]);
    let before = keys();
    assert_eq!((&before["progress"], &before["partner"]["replaced"]), (&"told".into(), &1.into()), "{before}");
    assert_bounded(&acme, &globex);
    assert_eq!(keys(), before, "they were replaced meanwhile");
}
