//! Processes die in the middle of work, again and again: `make kills` does it
//! until 10,000 changes are through.

use std::time::Duration;

use ferry_tests::office::Office;
use ferry_tests::{kills, process};

#[test]
fn what_people_wrote_arrives_once_however_often_processes_are_killed() {
    let place = tempfile::tempdir().unwrap();
    let report = kills::run(place.path(), 7, 400);
    println!("{report}");
    assert!(report.kills > 5, "hardly any died at work:\n{report}");
    assert!(report.lost.is_empty() && report.doubled.is_empty(), "{report}");
}

#[test]
fn a_process_that_ends_by_itself_is_told_from_one_that_was_killed() {
    let place = tempfile::tempdir().unwrap();
    let office = Office::new(place.path(), "acme", "globex", "ACME");
    office.ferry(&["tracker", "list"]);
    let mut daemon = office.daemon();
    assert_eq!(daemon.ended(), None);
    assert_eq!(daemon.kill(), Ok(()));
    std::fs::write(office.home.join("ferry.toml"), "[trackers\n").unwrap();
    let mut broken = office.daemon();
    let how = process::wait_for("its end", Duration::from_secs(60), || broken.ended());
    assert!(how.contains("exit status: 1") && how.contains("ferry.toml"), "{how}");
    assert_eq!(broken.kill(), Err(how));
}
