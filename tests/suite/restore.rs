//! Synchronizations put back from yesterday, by the binary: it is noticed,
//! nothing flows until people on both sides agree, and then both go on without
//! a double.

use std::path::Path;
use std::time::Duration;

use ferry_core::state::Status;
use ferry_tests::local;
use ferry_tests::office::Office;
use ferry_tests::process;
use ferry_tests::{Side, World};

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

/// Every file's time of change goes back by a day, as if it were old.
fn age(folder: &Path) {
    for file in local::issue_files(folder) {
        let opened = std::fs::File::options().write(true).open(file).unwrap();
        let before = opened.metadata().unwrap().modified().unwrap() - std::time::Duration::from_secs(86_400);
        opened.set_modified(before).unwrap();
    }
}

/// Puts an archive of a folder back, with the times that its files had.
fn unpack(archive: &[(std::path::PathBuf, Vec<u8>, std::time::SystemTime)], folder: &Path) {
    local::issue_files(folder).iter().for_each(|file| std::fs::remove_file(file).unwrap());
    for (file, content, modified) in archive {
        std::fs::write(file, content).unwrap();
        std::fs::File::options().write(true).open(file).unwrap().set_modified(*modified).unwrap();
    }
}

#[test]
fn a_folder_of_issues_put_back_from_yesterday_takes_nothing_back_at_the_partner() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    for title in ["One", "Two", "Three", "Four"] {
        std::fs::write(acme.issues.join(title).with_extension("md"), format!("# {title}\n\nOf yesterday.\n")).unwrap();
    }
    age(&acme.issues);
    acme.settle(&globex);
    let read = |file: &std::path::PathBuf| {
        let modified = std::fs::metadata(file).unwrap().modified().unwrap();
        (file.clone(), std::fs::read(file).unwrap(), modified)
    };
    let yesterday: Vec<_> = local::issue_files(&acme.issues).iter().map(read).collect();

    for title in ["One", "Two", "Three"] {
        local::retitle(&local::find_titled(&acme.issues, title).unwrap(), &format!("{title}, edited"));
    }
    local::retitle(&local::find_titled(&globex.issues, "Four").unwrap(), "Four, edited");
    std::fs::write(globex.issues.join("five.md"), "# Five\n").unwrap();
    acme.settle(&globex);
    unpack(&yesterday, &acme.issues);
    acme.run_once();
    let status = acme.status();
    assert_eq!(status["state"], "restart-required", "{status}");
    acme.ferry(&["sync", "reconcile", &acme.sync]);
    // A file that isn't there may be back in a moment: Ferry looks twice.
    process::wait_for("the partner to be asked", Duration::from_secs(30), || {
        for side in [&acme, &globex] {
            side.try_ferry(&["run", "--once"]);
        }
        (globex.status()["state"] == "restart-required").then_some(())
    });
    assert!(go_on([&globex, &acme]) >= 1, "the partner was not asked");
    local::assert_equal(&acme.issues, &globex.issues);
    let titles: Vec<String> = local::shown(&acme.issues).into_iter().map(|issue| issue.title).collect();
    assert_eq!(titles, ["Five", "Four, edited", "One, edited", "Three, edited", "Two, edited"]);
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

#[test]
fn what_people_had_stopped_stays_stopped_when_both_have_agreed() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    alice.tracker.person_creates("One");
    world.rest();
    let yesterday = bob.store.contents();
    alice.tracker.person_creates("Two");
    world.rest();
    alice.engine(|engine| engine.stop()).unwrap();
    world.rest();
    bob.store.restore(yesterday);
    bob.tracker.person_creates("Three");
    let state = |side: &Side| side.engine(|engine| engine.overview()).unwrap().state;
    for _ in 0..4 {
        world.rest();
        for side in [bob, alice].into_iter().filter(|side| state(side).status == Status::RestartRequired) {
            side.engine(|engine| engine.reconcile()).unwrap();
        }
    }
    assert_eq!((state(alice).status, state(bob).status), (Status::Stopped, Status::Running));
    assert_eq!(state(bob).reason, "Running.");
    assert!(state(alice).reason.starts_with("Stopped by a person."), "{}", state(alice).reason);
    alice.engine(|engine| engine.start()).unwrap();
    world.rest();
    world.assert_in_step();
    assert_eq!(alice.tracker.issues().len(), 3);
}
