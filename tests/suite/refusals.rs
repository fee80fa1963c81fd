//! What the binary refuses, with its reason: altered parcels, handshake files
//! that are no good any more.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ferry_core::handshake::{INVITATION_FORMAT, Invitation, Secret};
use ferry_core::ids::{Epoch, SyncId};
use ferry_core::message::PROTOCOL;
use ferry_core::ports::Wire;
use ferry_core::state::{ChannelKind, Profile};
use ferry_core::time::Time;
use ferry_tests::local;
use ferry_tests::office::{self, Office, path};
use ferry_wire::OpenPgp;

fn companies(place: &Path) -> (Office, Office) {
    (Office::new(place, "acme", "globex", "ACME"), Office::new(place, "globex", "acme", "GLX"))
}

/// The only parcel that lies in a SEND folder.
fn parcel(office: &Office) -> PathBuf {
    let files = std::fs::read_dir(office.exchange.join("SEND")).unwrap().map(|entry| entry.unwrap());
    let parcels = files.filter(|it| it.file_type().unwrap().is_file() && it.file_name() != "FERRY.txt");
    let parcels: Vec<PathBuf> = parcels.map(|entry| entry.path()).filter(|path| !is_hidden(path)).collect();
    assert_eq!(parcels.len(), 1, "{parcels:?}");
    parcels[0].clone()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with('.')
}

#[test]
fn one_flipped_byte_anywhere_and_nothing_is_applied_and_all_arrives_by_the_resend() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = companies(place.path());
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    // A file that isn't whole is judged at once.
    globex.ferry(&["sync", "edit", &globex.sync, "--settle", "0"]);
    for round in 0..12u32 {
        let file = acme.issues.join("first.md");
        std::fs::write(&file, format!("# Round {round}\n\nA text that is long enough.\n")).unwrap();
        assert!(acme.sent_by_run() > 0);
        let parcel = parcel(&acme);
        let mut bytes = std::fs::read(&parcel).unwrap();
        let at = match round {
            0 => 0,
            1 => bytes.len() - 1,
            _ => (bytes.len() - 1) * usize::try_from(round).unwrap() / 12,
        };
        bytes[at] ^= 1 << (round % 8);
        let whole_before = local::shown(&globex.issues);
        // As a bad copy would leave it: the name is that of the whole bytes.
        std::fs::write(&parcel, &bytes).unwrap();
        globex.run_once();
        assert_eq!(local::shown(&globex.issues), whole_before, "something of it was used, altered at {at}");
        let kept = globex.quarantine();
        assert_eq!(kept.len(), usize::try_from(round).unwrap() + 1, "altered at {at}: {kept:?}");
        assert!(kept.iter().all(|parcel| parcel["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
        acme.settle(&globex);
        local::assert_equal(&acme.issues, &globex.issues);
        assert!(local::find_titled(&globex.issues, &format!("Round {round}")).is_some(), "altered at {at}");
    }
}

/// Joins and answers the exit code and what was said.
fn join(office: &Office, file: &Path) -> (Option<i32>, String) {
    let issues = office::path(&office.issues);
    office.try_ferry(&["tracker", "add", "ours", "--adapter", "local", "--folder", issues]);
    let ended = office.try_ferry(&[
        "sync",
        "join",
        &office.sync,
        office::path(file),
        "--tracker",
        "ours",
        "--project",
        &office.project,
        "--user",
        "ferry",
        "--exchange",
        office::path(&office.exchange),
    ]);
    (ended.code(), ended.stderr)
}

fn refused(office: &Office, file: &Path, why: &str) {
    let (code, said) = join(office, file);
    assert_ne!(code, Some(0), "it was taken");
    assert!(said.to_lowercase().contains(why), "it doesn't say {why:?}: {said}");
}

#[test]
fn an_altered_handshake_file_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = companies(place.path());
    let file = acme.create(&globex, "modern");
    let text = std::fs::read_to_string(&file).unwrap();
    let begin = text.find("-----BEGIN").unwrap();
    let body = begin + text[begin..].find("\n\n").unwrap() + 2;
    for at in [body + 40, (body + text.len()) / 2] {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        std::fs::write(&file, &bytes).unwrap();
        refused(&globex, &file, "altered");
    }
    std::fs::write(&file, "hello").unwrap();
    refused(&globex, &file, "handshake file");
}

#[test]
fn the_home_that_made_a_handshake_file_does_not_join_it() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = companies(place.path());
    let file = acme.create(&globex, "modern");
    refused(&acme.second("again"), &file, "this very home");
}

#[test]
fn a_handshake_file_serves_one_partner() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = companies(place.path());
    let file = acme.create(&globex, "modern");
    globex.join(&acme, &file);
    (0..3).for_each(|_| drop((globex.run_once(), acme.run_once())));
    assert_eq!(acme.status()["connection"], "passed");
    let third = Office::new(place.path(), "third", "acme", "TRD");
    third.join(&acme, &file);
    third.run_once();
    // What the third sends lies in its own box; the courier mixes them up.
    let hello = parcel(&third);
    std::fs::copy(&hello, globex.exchange.join("SEND").join(hello.file_name().unwrap())).unwrap();
    acme.run_once();
    let status = acme.status();
    assert_eq!(status["state"], "suspended", "{status}");
    third.run_once();
    let status = third.status();
    assert_eq!(status["connection"], "refused", "{status}");
    assert!(status["reason"].as_str().unwrap().contains("used"), "{status}");
}

/// A handshake file as somebody else's Ferry could have written it.
fn handshake(place: &Path, change: impl FnOnce(&mut Invitation)) -> PathBuf {
    let wire = OpenPgp;
    let now = Time(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap());
    let keys = wire.generate(Profile::Modern, now, [1; 32]).unwrap();
    let mut invitation = Invitation {
        format: INVITATION_FORMAT,
        sync: SyncId([2; 16]),
        name: "globex".to_owned(),
        description: String::new(),
        channel: ChannelKind::Folder,
        channel_hint: String::new(),
        address: None,
        profile: Profile::Modern,
        strict: false,
        certificate: keys.certificate.clone(),
        secret: Secret([3; 32]),
        epoch: Epoch { counter: 1, nonce: [4; 16] },
        created: now,
        expires: now.after_ms(3_600_000),
        again: false,
        protocol: PROTOCOL,
    };
    change(&mut invitation);
    let bytes = wire.write_invitation(&invitation, &keys, None, now, [5; 32]).unwrap();
    let file = place.join("strange.handshake");
    std::fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn a_handshake_file_that_came_too_late_or_from_a_newer_version_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let (_, globex) = companies(place.path());
    let late = handshake(place.path(), |invitation| {
        invitation.created = Time(1_767_225_600_000);
        invitation.expires = Time(1_767_312_000_000);
    });
    refused(&globex, &late, "2026-01-02");
    refused(&globex, &handshake(place.path(), |invitation| invitation.format += 1), "newer");
    refused(&globex, &handshake(place.path(), |invitation| invitation.protocol.0 += 1), "newer");
    let file = handshake(place.path(), |_| {});
    assert_eq!(join(&globex, &file).0, Some(0), "a proper one is taken");
}

#[test]
fn an_adapter_is_granted_nothing_that_it_does_not_ask_for() {
    let place = tempfile::tempdir().unwrap();
    let (acme, _) = companies(place.path());
    let cases: [(&[&str], i32, &str); 7] = [
        (&["--allow", "https://tracker.example"], 2, "asks no origin"),
        (&["--allow", "tracker.example"], 2, "is no origin"),
        (&["--allow", "https://tracker.example/redmine"], 2, "is more than an origin"),
        (&["--secret", "key=env:KEY"], 2, "has no secret key"),
        (&["--secret", "key=swordfish"], 2, "no reference to a secret"),
        (&["--secret", "../../x=env:KEY"], 2, "is no name"),
        (&["--ca", "/nowhere.pem"], 1, "/nowhere.pem"),
    ];
    for (options, code, why) in cases {
        let folder = path(&acme.issues);
        let arguments = [&["tracker", "add", "more", "--adapter", "local", "--folder", folder], options].concat();
        let ended = acme.try_ferry(&arguments);
        let told = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ended.code(), Some(code), "{told}");
        assert!(told.contains(why) && !told.contains("swordfish"), "{told}");
    }
    assert_eq!(acme.json(&["tracker", "list"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_passphrase_protects_the_handshake_file() {
    let place = tempfile::tempdir().unwrap();
    let (acme, globex) = companies(place.path());
    let (file, secret) = (place.path().join("locked.handshake"), place.path().join("secret"));
    std::fs::write(&secret, "correct horse\n").unwrap();
    let passphrase = format!("file:{}", secret.display());
    acme.ferry(&["tracker", "add", "ours", "--adapter", "local", "--folder", office::path(&acme.issues)]);
    acme.ferry(&[
        "sync",
        "create",
        "globex",
        "--tracker",
        "ours",
        "--project",
        "ACME",
        "--user",
        "ferry",
        "--channel",
        "folder",
        "--exchange",
        office::path(&acme.exchange),
        "--passphrase",
        &passphrase,
        "--handshake",
        office::path(&file),
    ]);
    refused(&globex, &file, "passphrase");
    let shown = globex.ferry(&["handshake", "show", office::path(&file), "--passphrase", &passphrase]);
    assert!(shown.contains("globex"));
    std::fs::write(&secret, "wrong").unwrap();
    let wrong = globex.try_ferry(&["handshake", "show", office::path(&file), "--passphrase", &passphrase]);
    assert!(!wrong.status.success() && wrong.stderr.contains("passphrase"), "{}", wrong.stderr);
}
