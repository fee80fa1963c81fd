//! Keys by the binary: replaced, handed out, revoked; and with real seals over
//! two years of virtual time.

use ferry_core::config::Standing;
use ferry_core::engine::invite::Again;
use ferry_core::engine::keys::KeyState;
use ferry_core::limits::KEY_WARNING_MS;
use ferry_core::state::{Profile, Revoked, Status};
use ferry_tests::office::{Office, path};
use ferry_tests::{Side, World, local, road};
use serde_json::Value as Json;

fn keys(office: &Office) -> Json {
    office.json(&["key", "show", &office.sync])
}

#[test]
fn both_sides_replace_their_keys_while_issues_flow() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    std::fs::write(acme.issues.join("before.md"), "# Before\n").unwrap();
    acme.settle(&globex);
    let before = [keys(&acme), keys(&globex)];
    assert_eq!(before[0]["ours"]["fingerprint"], before[1]["partner"]["fingerprint"]);

    std::fs::write(acme.issues.join("meanwhile.md"), "# Meanwhile\n").unwrap();
    for office in [&acme, &globex] {
        let told = office.json(&["key", "rotate", &office.sync]);
        assert_eq!(told["progress"], "told");
        assert!(told["coming"].is_string());
        let again = office.try_ferry(&["key", "rotate", &office.sync]);
        assert_eq!(again.code(), Some(3), "{}", again.stderr);
        assert!(again.stderr.contains("hasn't answered yet"), "{}", again.stderr);
    }
    local::retitle(&local::find_titled(&globex.issues, "Before").unwrap(), "Before and after");
    acme.settle(&globex);
    let after = [keys(&acme), keys(&globex)];
    for (ours, theirs) in [(&after[0], &after[1]), (&after[1], &after[0])] {
        assert_eq!(ours["ours"]["fingerprint"], theirs["partner"]["fingerprint"]);
        assert_eq!((&ours["ours"]["replaced"], &ours["progress"]), (&Json::from(1), &Json::from("none")));
    }
    assert_ne!(before[0]["ours"]["fingerprint"], after[0]["ours"]["fingerprint"]);
    assert_eq!(acme.status()["phrase"], globex.status()["phrase"]);
    local::assert_equal(&acme.issues, &globex.issues);
    for title in ["Before and after", "Meanwhile"] {
        assert!(local::find_titled(&globex.issues, title).is_some(), "{title} is missing");
    }
    assert!(acme.quarantine().is_empty() && globex.quarantine().is_empty());
}

#[test]
fn a_revoked_key_stops_both_sides_and_says_so() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    let unasked = globex.try_ferry(&["key", "revoke", &globex.sync]);
    assert_eq!(unasked.code(), Some(2), "{}", unasked.stderr);
    let standing = globex.json(&["--yes", "key", "revoke", &globex.sync]);
    assert_eq!((&standing["state"], &standing["keys"]), (&Json::from("suspended"), &Json::from("revoked")));
    std::fs::write(globex.issues.join("late.md"), "# Too late\n").unwrap();
    std::fs::write(acme.issues.join("late.md"), "# Too late here\n").unwrap();
    for office in [&globex, &acme, &globex, &acme] {
        office.run_once();
    }
    let told = acme.status();
    assert_eq!(told["state"], "suspended");
    assert!(told["reason"].as_str().unwrap().contains("The partner revoked its keys"), "{told}");
    assert!(told["next"].as_str().unwrap().contains("ferry sync invite"), "{told}");
    assert_eq!(keys(&acme)["partner"]["revoked"], true);
    assert_eq!(keys(&globex)["ours"]["revoked"], true);
    assert!(local::find_titled(&globex.issues, "Too late here").is_none());
    assert!(local::find_titled(&acme.issues, "Too late").is_none());
    assert_eq!(acme.try_ferry(&["sync", "start", &acme.sync]).code(), Some(3));
}

#[test]
fn an_auditor_opens_parcels_with_gnupg() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "gnupg");
    acme.settle(&globex);
    let file = place.path().join("secret.asc");
    let refused = globex.try_ferry(&["key", "export", &globex.sync, "--secret", path(&file)]);
    assert_eq!(refused.code(), Some(2), "nobody was asked: {}", refused.stderr);
    assert!(!file.exists());
    globex.ferry(&["--yes", "key", "export", &globex.sync, "--secret", path(&file)]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let public = place.path().join("public.asc");
    std::fs::write(&public, acme.ferry(&["key", "export", &acme.sync])).unwrap();
    assert!(globex.try_ferry(&["key", "export", &globex.sync, path(&public)]).code() == Some(1), "overwritten");

    std::fs::write(acme.issues.join("one.md"), "# One\n").unwrap();
    acme.run_once();
    let sent = std::fs::read_dir(acme.exchange.join("SEND")).unwrap().map(|entry| entry.unwrap().path());
    let parcel = sent.filter(|file| file.extension().is_some_and(|it| it == "ferry")).last().unwrap();
    let home = tempfile::tempdir().unwrap();
    let gpg = |arguments: &[&str]| {
        let mut command = std::process::Command::new("gpg");
        command.arg("--homedir").arg(home.path()).args(["--batch", "--no-tty", "--trust-model", "always"]);
        command.args(arguments).output()
    };
    if gpg(&["--version"]).is_err() {
        ferry_tests::skipped("gpg is not installed; `.ci/setup` installs it");
        return;
    }
    for key in [&file, &public] {
        assert!(gpg(&["--import", path(key)]).unwrap().status.success());
    }
    let opened = gpg(&["--status-fd", "2", "--decrypt", path(&parcel)]).unwrap();
    let log = String::from_utf8_lossy(&opened.stderr);
    let _ = std::process::Command::new("gpgconf").arg("--homedir").arg(home.path()).args(["--kill", "all"]).status();
    assert!(opened.status.success() && log.contains("GOODSIG") && opened.stdout.starts_with(b"FRY"), "{log}");
}

#[test]
fn secret_keys_that_gnupg_can_not_use_are_not_handed_out() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.create(&globex, "modern");
    let file = place.path().join("secret.asc");
    let refused = acme.try_ferry(&["--yes", "key", "export", &acme.sync, "--secret", path(&file)]);
    assert_eq!(refused.code(), Some(3), "{}", refused.stderr);
    assert!(refused.stderr.contains("--encryption gnupg") && !file.exists(), "{}", refused.stderr);
    assert!(acme.ferry(&["key", "export", &acme.sync]).starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
}

/// Two running sides with real seals.
fn sealed(profile: Profile) -> World {
    let world = World::sealed(11);
    world.connect_with(&road::wanted_with(profile));
    world
}

fn state_of(side: &Side) -> KeyState {
    side.engine(|engine| engine.overview()).unwrap().keys
}

#[test]
fn after_two_years_nothing_is_lost_and_new_keys_go_on() {
    for profile in [Profile::Modern, Profile::Gnupg, Profile::Off] {
        let world = sealed(profile);
        let (alice, bob) = (world.alice(), world.bob());
        world.clock.advance_ms(2 * 365 * 86_400_000 - KEY_WARNING_MS);
        world.rest();
        assert_eq!((state_of(alice), state_of(bob)), (KeyState::Expiring, KeyState::Expiring));
        world.clock.advance_ms(KEY_WARNING_MS);
        alice.tracker.person_creates("Made too late");
        bob.tracker.person_creates("Made too late there");
        world.rest();
        assert_eq!(state_of(alice), KeyState::Expired);
        assert!(bob.tracker.issues().len() == 1 && alice.tracker.issues().len() == 1, "{profile:?}: sent all the same");
        alice.engine(|engine| engine.rotate()).unwrap();
        world.rest();
        assert_eq!(bob.tracker.issues().len(), 1, "{profile:?}: bob's keys have expired, too");
        bob.engine(|engine| engine.rotate()).unwrap();
        for _ in 0..4 {
            world.clock.advance_ms(6 * 3_600_000);
            world.rest();
        }
        assert_eq!((state_of(alice), state_of(bob)), (KeyState::Valid, KeyState::Valid), "{profile:?}");
        world.assert_in_step();
        assert_eq!(alice.tracker.issues().len(), 2, "{profile:?}");
        for side in [alice, bob] {
            assert_eq!(side.engine(|engine| engine.overview()).unwrap().state.status, Status::Running);
        }
    }
}

/// The primary invites anew, the secondary joins, and people start again.
fn reunite(world: &World) {
    let (alice, bob) = (world.alice(), world.bob());
    world.clock.advance_ms(1);
    let again = Again { channel_hint: String::new(), passphrase: None, valid_hours: 24 };
    let file = alice.engine(|engine| engine.invite(&again)).unwrap();
    bob.engine(|engine| engine.join(&file, None)).unwrap();
    world.rest();
    if alice.engine(|engine| engine.agreement()).unwrap().standing == Standing::None {
        let example = alice.engine(|engine| engine.example()).unwrap();
        alice.engine(|engine| engine.publish(Some(&example))).unwrap();
        world.rest();
    }
    if bob.engine(|engine| engine.agreement()).unwrap().standing == Standing::UpdateRequired {
        let answer = bob.engine(|engine| engine.example()).unwrap();
        bob.engine(|engine| engine.adopt(Some(&answer))).unwrap();
        world.rest();
    }
    for side in [alice, bob] {
        side.engine(|engine| engine.start()).unwrap();
    }
    world.rest();
}

#[test]
fn sides_that_lost_their_keys_or_all_they_knew_go_on_without_a_double() {
    // Nothing is lost but keys; a side is as it was before the handshake; or as
    // if it had never been, by mistake or by a word that it regrets.
    for lost in ["keys", "alice's", "bob's", "all of bob's", "what bob deleted"] {
        let world = World::sealed(12);
        let (alice, bob) = (world.alice(), world.bob());
        let file = alice.engine(|engine| engine.create(&road::wanted())).unwrap();
        let invited = alice.store.contents();
        bob.engine(|engine| engine.join(&file, None)).unwrap();
        let joined = bob.store.contents();
        world.rest();
        world.agree();
        let one = alice.tracker.person_creates("Made here");
        bob.tracker.person_creates("Made there");
        alice.tracker.person_comments(&one, "Ann", "With a comment");
        world.rest();
        world.assert_in_step();
        match lost {
            "keys" => bob.engine(|engine| engine.revoke()).unwrap(),
            "alice's" => alice.store.restore(invited),
            "bob's" => bob.store.restore(joined),
            "what bob deleted" => {
                bob.engine(|engine| engine.delete()).unwrap();
                world.rest();
                let stands = alice.engine(|engine| engine.overview()).unwrap().state.status;
                assert_eq!(stands, Status::DeletedByPartner);
                bob.store.restore(Default::default());
            }
            _ => bob.store.restore(Default::default()),
        }
        alice.tracker.person_creates("Made meanwhile");
        reunite(&world);
        world.assert_in_step();
        for side in [alice, bob] {
            assert_eq!(side.tracker.issues().len(), 3, "{lost}: something is doubled or lost");
            let comments: usize = side.tracker.issues().iter().map(|issue| issue.comments.len()).sum();
            assert_eq!(comments, 1, "{lost}: a comment is doubled or lost");
            assert_eq!(side.engine(|engine| engine.overview()).unwrap().state.status, Status::Running);
        }
    }
}

#[test]
fn after_a_revocation_both_sides_reunite_with_a_new_handshake_file() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    std::fs::write(acme.issues.join("old.md"), "# Old\n").unwrap();
    acme.settle(&globex);
    acme.json(&["--yes", "key", "revoke", &acme.sync]);
    acme.run_once();
    globex.run_once();
    assert_eq!(globex.status()["state"], "suspended");
    local::retitle(&local::find_titled(&globex.issues, "Old").unwrap(), "Older");
    std::fs::write(acme.issues.join("new.md"), "# New\n").unwrap();

    let file = place.path().join("again.handshake");
    let wrong = globex.try_ferry(&["--yes", "sync", "invite", &globex.sync, "--handshake", path(&file)]);
    assert_eq!(wrong.code(), Some(3), "{}", wrong.stderr);
    let unasked = acme.try_ferry(&["sync", "invite", &acme.sync, "--handshake", path(&file)]);
    assert_eq!(unasked.code(), Some(2), "{}", unasked.stderr);
    acme.ferry(&["--yes", "sync", "invite", &acme.sync, "--handshake", path(&file)]);
    let shown = globex.json(&["handshake", "show", path(&file)]);
    assert_eq!(shown["again"], true);
    let joined = globex.json(&["sync", "join", &globex.sync, path(&file)]);
    assert_eq!(joined["state"], "handshake");
    for _ in 0..4 {
        globex.run_once();
        acme.run_once();
    }
    assert_eq!(acme.status()["phrase"], globex.status()["phrase"]);
    for office in [&globex, &acme] {
        office.ferry(&["sync", "start", &office.sync]);
    }
    acme.settle(&globex);
    local::assert_equal(&acme.issues, &globex.issues);
    for title in ["Older", "New"] {
        assert!(local::find_titled(&acme.issues, title).is_some(), "{title} is missing");
    }
    assert_eq!(
        (keys(&acme)["ours"]["revoked"].clone(), acme.status()["state"].clone()),
        (false.into(), "running".into())
    );
    let again = globex.try_ferry(&["sync", "join", &globex.sync, path(&file)]);
    assert_eq!(again.code(), Some(1), "{}", again.stderr);
}

#[test]
fn a_side_put_back_to_before_its_new_keys_can_still_revoke() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    let before = bob.store.contents();
    bob.engine(|engine| engine.rotate()).unwrap();
    world.rest();
    assert_eq!(bob.engine(|engine| engine.overview()).unwrap().state.key, 1, "the new keys are in use");
    bob.store.restore(before);
    bob.engine(|engine| engine.revoke()).unwrap();
    bob.run_once().unwrap();
    alice.run_once().unwrap();
    let state = alice.engine(|engine| engine.overview()).unwrap().state;
    assert_eq!((state.status, state.revoked), (Status::Suspended, Some(Revoked::Theirs)), "{}", state.reason);
}

#[test]
fn a_clock_that_was_put_right_spoils_no_new_invitation() {
    let world = World::two(1);
    world.alice().skew_ms.set(365 * 86_400_000);
    world.connect();
    world.alice().skew_ms.set(0);
    reunite(&world);
    world.assert_in_step();
}
