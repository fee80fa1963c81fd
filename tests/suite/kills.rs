//! Processes die in the middle of work, again and again: `make kills` does it
//! until 10,000 changes are through.

use ferry_tests::kills;

#[test]
fn what_people_wrote_arrives_once_however_often_processes_are_killed() {
    let place = tempfile::tempdir().unwrap();
    let report = kills::run(place.path(), 7, 400);
    println!("{report}");
    assert!(report.kills > 5, "hardly any died at work:\n{report}");
    assert!(report.lost.is_empty() && report.doubled.is_empty(), "{report}");
}
