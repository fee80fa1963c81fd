//! What it costs to refuse, or to take, the worst that a valid partner can
//! seal: bounded, whatever it is.

use ferry_tests::hostile;
use ferry_tests::insider::Insider;
use ferry_tests::office::Office;

/// What a run may need beyond one that has nothing to do.
const EXTRA_BYTES_MAX: u64 = 64 << 20;

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

#[test]
fn the_worst_that_a_partner_can_seal_costs_little_and_blocks_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = offices(place.path());
    let mut insider = Insider::at(&acme);
    let daemon = globex.daemon();
    let (_, honest) = insider.cost(&daemon, &hostile::honest());
    for hostile in hostile::all() {
        let (bytes, ticks) = insider.cost(&daemon, &hostile);
        println!("{}: {} MiB, {ticks}0 ms; honest {honest}0 ms", hostile.what, bytes >> 20);
        assert!(bytes < EXTRA_BYTES_MAX, "{}: {} MiB", hostile.what, bytes >> 20);
        assert!(ticks < honest.max(1) * TIMES_MAX, "{}: {ticks}0 ms, an honest one {honest}0 ms", hostile.what);
    }
    drop(daemon);
    let refused = hostile::all().iter().filter(|hostile| !hostile.is_taken()).count();
    let kept = globex.quarantine();
    assert_eq!(kept.len(), refused, "{kept:#?}");
    assert_eq!(globex.status()["state"], "running");
}
