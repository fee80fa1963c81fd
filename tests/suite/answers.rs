//! What people and programs are answered: alike but for the words.

use ferry_tests::office::{Office, path};
use ferry_tests::process;

#[test]
fn the_exit_code_is_the_same_for_people_and_for_programs() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    let wrong = place.path().join("wrong.toml");
    std::fs::write(&wrong, "nonsense = true\n").unwrap();
    let commands: [(&[&str], i32); 14] = [
        (&["sync", "release", "globex"], 4),
        (&["fault", "retry", "globex", "00"], 4),
        (&["--yes", "fault", "skip", "globex", "--kind", "workflow"], 4),
        (&["fault", "show", "globex", "00"], 4),
        (&["parcel", "retry", "globex"], 0),
        (&["parcel", "show", "globex", "00"], 4),
        (&["config", "check", "globex", path(&wrong)], 1),
        (&["config", "publish", "globex", path(&wrong)], 1),
        (&["sync", "issue", "globex", "ACME-1"], 4),
        (&["sync", "reconcile", "globex"], 3),
        (&["sync", "invite", "globex", "--handshake", "again.handshake"], 2),
        (&["sync", "pairs", "globex"], 0),
        (&["sync", "status"], 0),
        (&["doctor"], 0),
    ];
    for (command, code) in commands {
        let people = acme.try_ferry(command);
        let programs = acme.try_ferry(&[&["--json"], command].concat());
        assert_eq!((people.code(), programs.code()), (Some(code), Some(code)), "{command:?}: {}", people.stderr);
        let answer: serde_json::Value = serde_json::from_str(&programs.stdout).unwrap();
        // What is wrong with a configuration is an answer.
        let fails = code != 0 && command[0] != "config";
        assert_eq!(answer.get("error").is_some(), fails, "{command:?}: {answer}");
    }
}

#[test]
fn a_list_of_pairs_in_a_file_is_told_to_programs() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.create(&globex, "modern");
    let file = place.path().join("pairs.csv");
    let told = acme.json(&["sync", "pairs", "globex", "--csv", path(&file)]);
    assert_eq!((&told["pairs"], told["file"].as_str()), (&0.into(), file.to_str()));
    assert!(std::fs::read_to_string(file).unwrap().starts_with("key,"));
    assert_eq!(acme.try_ferry(&["--json", "sync", "pairs", "globex", "--csv", "-"]).code(), Some(2));
}

#[test]
fn a_handshake_file_that_was_never_written_is_followed_by_another() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    assert!(process::run(&mut acme.adding()).status.success());
    // Too long for a name beside it.
    let unwritable = place.path().join("h".repeat(250));
    let create = acme.command(&["sync", "create", "globex", "--channel", "folder", "--handshake", path(&unwritable)]);
    let lost = process::run(&mut acme.with_ends(create, &globex));
    assert_eq!(lost.code(), Some(1), "{}", lost.stderr);
    assert!(lost.stderr.contains("sync invite globex --handshake FILE"), "{}", lost.stderr);
    let again = process::run(&mut acme.creating(&globex, "modern"));
    assert!(again.stderr.contains("sync invite globex --handshake FILE"), "{}", again.stderr);
    acme.ferry(&["--yes", "sync", "invite", "globex", "--handshake", path(&acme.handshake())]);
    globex.join(&acme, &acme.handshake());
    (0..3).for_each(|_| drop((globex.run_once(), acme.run_once())));
    assert_eq!((&acme.status()["connection"], &globex.status()["connection"]), (&"passed".into(), &"passed".into()));
    acme.configure("publish");
}
