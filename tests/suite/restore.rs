//! Synchronizations put back from yesterday, by the binary: it is noticed,
//! nothing flows until people on both sides agree, and then both go on without
//! a double.

use std::path::Path;

use ferry_tests::local;
use ferry_tests::office::Office;

/// Copies a directory with all that is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// Both run in turn, and agree to go on wherever they are asked.
fn go_on(sides: [&Office; 2]) -> usize {
    let mut asked = 0;
    for _ in 0..6 {
        for side in sides {
            side.run_once();
            if side.status()["state"] == "restart-required" {
                side.ferry(&["sync", "reconcile", &side.sync]);
                asked += 1;
            }
        }
    }
    sides[0].settle(sides[1]);
    asked
}

/// Puts a directory back as it was.
fn put_back(copied: &Path, to: &Path) {
    std::fs::remove_dir_all(to).unwrap();
    copy(copied, to);
}

#[test]
fn what_is_put_back_from_yesterday_goes_on_without_a_double() {
    goes_on_after("sync");
}

#[test]
fn a_home_put_back_whole_gives_no_issue_a_second_number() {
    goes_on_after("");
}

/// Part of one side's home is put back; empty is all of it.
fn goes_on_after(part: &str) {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    std::fs::write(acme.issues.join("old.md"), "# Old\n\nKnown to the backup.\n").unwrap();
    acme.settle(&globex);
    let yesterday = place.path().join("yesterday");
    copy(&globex.home.join(part), &yesterday);

    std::fs::write(acme.issues.join("new.md"), "# New\n\nUnknown to the backup.\n").unwrap();
    std::fs::write(globex.issues.join("theirs.md"), "# Theirs\n\nUnknown to the backup.\n").unwrap();
    let said = "<!-- ferry comment by=\"Ann\" at=\"2026-03-01T09:00:00.000Z\" -->";
    let commented = format!("# Discussed\n\n{said}\nOne\n\n{said}\nTwo\n");
    std::fs::write(globex.issues.join("discussed.md"), commented).unwrap();
    local::retitle(&local::find_titled(&acme.issues, "Old").unwrap(), "Older");
    acme.settle(&globex);
    put_back(&yesterday, &globex.home.join(part));

    // Its name comes before all others, and its number must not be theirs.
    std::fs::write(globex.issues.join("a first.md"), "# First\n").unwrap();
    // Nobody can tell what it replaced: the primary wins, and it is on record.
    local::retitle(&local::find_titled(&globex.issues, "New").unwrap(), "Newer");
    local::retitle(&local::find_titled(&acme.issues, "Theirs").unwrap(), "Theirs, changed");
    std::fs::write(globex.issues.join("last.md"), "# Last\n").unwrap();
    assert!(go_on([&globex, &acme]) >= 2, "nobody noticed that it was put back");
    local::assert_equal(&acme.issues, &globex.issues);
    for office in [&acme, &globex] {
        for title in ["Older", "New", "Theirs, changed", "Discussed", "First", "Last"] {
            assert!(local::find_titled(&office.issues, title).is_some(), "{title} is missing at {}", office.project);
        }
        assert_eq!(office.status()["state"], "running");
        let files = std::fs::read_dir(&office.issues).unwrap().filter(|entry| {
            entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|extension| extension == "md"))
        });
        assert_eq!(files.count(), 6, "something is doubled at {}", office.project);
    }
    assert!(globex.status()["conflicts"].as_u64() > Some(0), "the edit that lost is on no record");
    let nothing = acme.try_ferry(&["sync", "reconcile", &acme.sync]);
    assert_eq!(nothing.code(), Some(3), "{}", nothing.stderr);
}
