//! Connections, processes and servers that end in the middle.

use std::process::Command;

use ferry_core::digest;
use ferry_post::Mailbox;
use ferry_tests::mail_servers::{ACME, GLOBEX, PASSWORD, Trick, password};
use ferry_tests::office::{Office, path};
use ferry_tests::process;

use super::{Companies, mails, write};

/// Pieces of what a server says, after which a connection is cut: more than one
/// run has.
const CUTS: usize = 30;

#[test]
fn connections_cut_at_every_step_lose_and_double_nothing() {
    let Some(mut both) = Companies::new(16, &[]) else { return };
    let whole = Trick::CutAfter(usize::MAX);
    let (imap, smtp) = (both.servers.proxy("imaps", whole), both.servers.proxy("smtps", whole));
    let places = [both.servers.through("imaps", &imap), both.servers.through("smtps", &smtp)];
    both.acme = both.servers.office_at(both.acme, ACME, [&places[0], &places[1]]);
    both.acme.connect(&both.globex, "modern");
    let mut failed = 0;
    for cut in 0..CUTS {
        write(&both.acme.issues, &format!("Ours {cut}"));
        write(&both.globex.issues, &format!("Theirs {cut}"));
        both.globex.run_once();
        [&imap, &smtp].iter().for_each(|proxy| proxy.play(Trick::CutAfter(cut)));
        both.acme.carried();
        let ended = both.acme.try_ferry(&["run", "--once"]);
        assert!(matches!(ended.code(), Some(0 | 6)), "cut {cut}: {:?}\n{}{}", ended.status, ended.stdout, ended.stderr);
        failed += usize::from(ended.code() == Some(6));
        [&imap, &smtp].iter().for_each(|proxy| proxy.play(whole));
    }
    assert!(failed > 10, "only {failed} runs were cut");
    both.settle();
    both.assert_equal(2 * CUTS);
}

#[test]
fn processes_killed_and_servers_begun_anew_lose_and_double_nothing() {
    let Some(both) = Companies::connected(17, &[]) else { return };
    let seed: u64 = std::env::var("FERRY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut draws = (0u64..).map(|n| digest::of_parts(&[&seed.to_be_bytes(), &n.to_be_bytes()]).0);
    let mut draw = || u32::from(draws.next().unwrap()[0]);
    both.servers.hasten();
    // How long a run takes here that has something to do, and nobody kills.
    write(&both.acme.issues, "First");
    let whole = both.acme.run_once().cost.wall;
    let (mut killed, rounds) = (0, 30);
    for round in 0..rounds {
        for office in [&both.acme, &both.globex] {
            write(&office.issues, &format!("{} {round}", office.project));
            let patience = whole * draw() / 256;
            killed +=
                usize::from(process::run_and_kill(&mut office.command(&["run", "--once"]), patience).code().is_none());
        }
        if round % 10 == 5 {
            both.servers.restart();
        }
    }
    assert!(killed > 10, "seed {seed}: only {killed} were killed");
    both.settle();
    both.assert_equal(2 * rounds + 1);
}

#[test]
fn a_mailbox_that_is_numbered_anew_or_put_back_loses_and_doubles_nothing() {
    let Some(both) = Companies::connected(18, &[]) else { return };
    let maildir = both.servers.maildir(GLOBEX);
    let mut seen = std::collections::BTreeMap::new();
    for round in 0..4 {
        write(&both.acme.issues, &format!("Issue {round}"));
        both.acme.run_once();
        both.globex.carried();
        seen.extend(mails(&maildir));
        renumber(&both, round);
        both.globex.run_once();
    }
    // A backup of the mailbox: everything that was ever in it lies there again.
    for (name, mail) in &seen {
        let file = maildir.join("new").join(format!("back-{}", name.split(':').next().unwrap()));
        std::fs::write(&file, mail).unwrap();
        std::os::unix::fs::chown(&file, Some(5000), Some(5000)).unwrap();
    }
    assert!(seen.len() >= 4, "{seen:?}");
    both.settle();
    both.assert_equal(4);
    assert!(mails(&maildir).is_empty(), "what was taken before is cleared away");
}

/// The server forgets its numbers, while it is used or while it isn't.
fn renumber(both: &Companies, round: usize) {
    for file in std::fs::read_dir(both.servers.maildir(GLOBEX)).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_string_lossy().starts_with("dovecot") {
            std::fs::remove_file(file).unwrap();
        }
    }
    if round == 2 {
        both.servers.restart();
    }
}

/// What one side is told until a person, or time, mends it.
fn trouble(office: &Office, code: i32) -> String {
    let ended = office.try_ferry(&["--json", "run", "--once"]);
    assert_eq!(ended.code(), Some(code), "{}{}", ended.stdout, ended.stderr);
    let rounds: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    rounds[0]["trouble"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_password_that_changed_is_said_and_mended() {
    let Some(both) = Companies::connected(19, &[]) else { return };
    let password = both.acme.home.with_extension("password");
    let right = std::fs::read_to_string(&password).unwrap();
    std::fs::write(&password, "expired\n").unwrap();
    write(&both.acme.issues, "Waits");
    let told = trouble(&both.acme, 1);
    assert!(told.contains("doesn't let acme@a.test in with this password"), "{told}");
    assert!(!told.contains("expired"), "a secret in {told}");
    // The next process knows of it, too.
    let ways = || {
        let mail = both.acme.status()["mail"].clone();
        ["receive_trouble", "send_trouble"].map(|way| mail[way]["reason"].as_str().map(str::to_owned))
    };
    assert!(ways().into_iter().flatten().any(|reason| told.contains(&reason)), "{:?}: {told}", ways());
    let tested = both.acme.try_ferry(&["sync", "test", &both.acme.sync]);
    assert!(tested.stdout.contains("--receive-password prompt"), "{}", tested.stdout);
    std::fs::write(&password, right).unwrap();
    both.settle();
    assert_eq!(ways(), [None, None], "it is over");
    both.assert_equal(1);
}

#[test]
fn a_server_that_lets_nobody_in_or_delays_passes() {
    let Some(both) = Companies::connected(20, &[("FERRY_IMAP_CONNECTIONS", "1")]) else { return };
    write(&both.acme.issues, "Waits");
    let (place, trust) = (both.servers.place("imaps"), both.servers.trust());
    let other = Mailbox::open(&place, &trust, password(ACME, PASSWORD)).unwrap();
    let told = trouble(&both.acme, 6);
    assert!(told.contains("Maximum number of connections"), "{told}");
    drop(other);
    let (takes, delays) = (",permit_sasl_authenticated,", ",defer,permit_sasl_authenticated,");
    both.servers.configure(takes, delays);
    write(&both.acme.issues, "Waits, too");
    let told = trouble(&both.acme, 6);
    assert!(told.contains("refuses to take mail for the partner: 450"), "{told}");
    both.servers.configure(delays, takes);
    both.settle();
    both.assert_equal(2);
}

#[test]
fn a_mail_that_comes_back_is_told_and_sent_again() {
    let Some(both) = Companies::connected(24, &[("FERRY_QUOTA", "200k")]) else { return };
    // Somebody's mail takes all the room.
    let maildir = both.servers.maildir(GLOBEX);
    let file = maildir.join("new/1790000000.full.test");
    std::fs::write(&file, [b"From: ann@a.test\r\n\r\n".as_slice(), &[b'x'; 300_000]].concat()).unwrap();
    std::os::unix::fs::chown(&file, Some(5000), Some(5000)).unwrap();
    std::fs::remove_file(maildir.join("maildirsize")).ok();
    write(&both.acme.issues, "Waits");
    both.acme.run_once();
    let returned = process::wait_for("the report", super::PATIENCE, || {
        both.acme.run_once();
        both.acme.status()["mail"]["returned"].as_str().map(str::to_owned)
    });
    assert!(returned.contains(GLOBEX) && returned.to_lowercase().contains("quota"), "{returned}");
}

#[test]
fn mailboxes_are_cleared_away_as_configured() {
    let Some(both) = Companies::connected(27, &[]) else { return };
    let folder = |user: &str, name: &str| both.servers.maildir(user).join(name);
    // The server keeps copies of what is sent, as many do.
    let sent = folder(ACME, ".Sent");
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(sent.join(part)).unwrap();
    }
    both.globex.ferry(&["sync", "edit", &both.globex.sync, "--processed-folder", "Taken"]);
    both.acme.ferry(&["sync", "edit", &both.acme.sync, "--sent-folder", "Sent"]);
    write(&both.acme.issues, "Ours");
    both.settle();
    let taken = mails(&folder(GLOBEX, ".Taken"));
    assert!(!taken.is_empty(), "what was taken is kept");
    let letter = b"From: acme@a.test\r\nTo: bob@b.test\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n";
    std::fs::write(sent.join("new/1.letter"), letter).unwrap();
    for (number, mail) in taken.values().enumerate() {
        std::fs::write(sent.join(format!("new/2.{number}")), mail).unwrap();
    }
    assert!(Command::new("chown").args(["-R", "5000:5000"]).arg(&sent).status().unwrap().success());
    both.acme.run_once();
    let left: Vec<_> = mails(&sent).into_values().collect();
    assert_eq!(left, [letter.to_vec()], "a person's mail stays, copies of ours go");
    assert!(mails(&both.servers.maildir(GLOBEX)).is_empty());
    both.assert_equal(1);
}

#[test]
fn a_password_that_was_replaced_is_replaced_for_both_ways() {
    let Some(both) = Companies::connected(28, &[]) else { return };
    let (acme, name) = (&both.acme, &both.acme.sync);
    let settings = || std::fs::read_to_string(acme.home.join("ferry.toml")).unwrap();
    let (before, file) = (settings(), acme.home.with_extension("new-password"));
    std::fs::write(&file, "another").unwrap();
    both.servers.set_password("another");
    let reference = format!("file:{}", file.display());
    let ended = acme.try_ferry(&["sync", "edit", name, "--receive-password", &reference]);
    assert_eq!(ended.code(), Some(1), "{}{}", ended.stdout, ended.stderr);
    let told = ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("sending doesn't work") && told.contains("--copy-credentials"), "{told}");
    assert_eq!(settings(), before, "what doesn't work isn't kept");
    acme.ferry(&["sync", "edit", name, "--receive-password", &reference, "--copy-credentials"]);
    let secret = acme.home.join("secrets");
    assert_eq!(std::fs::read_dir(secret).map_or(0, Iterator::count), 0, "nothing is kept that is had elsewhere");
    std::fs::write(both.globex.home.with_extension("password"), "another").unwrap();
    write(&acme.issues, "Ours");
    both.settle();
    both.assert_equal(1);
}

#[test]
fn a_persons_word_for_an_address_is_good_until_the_next_handshake_file() {
    let Some(both) = Companies::connected(29, &[]) else { return };
    let (acme, name) = (&both.acme, &both.acme.sync);
    let partner = || std::fs::read_to_string(acme.home.join("ferry.toml")).unwrap().contains("partner = ");
    acme.ferry(&["sync", "edit", name, "--partner-address", GLOBEX]);
    assert!(partner() && acme.home.join("sync").join(name).join("recipient").exists());
    std::fs::remove_file(acme.handshake()).unwrap();
    acme.ferry(&["--yes", "sync", "invite", name, "--handshake", path(&acme.handshake())]);
    assert!(!partner() && !acme.home.join("sync").join(name).join("recipient").exists());
}

#[test]
fn somebody_who_comes_too_late_cannot_lead_mail_elsewhere_and_stops_nothing() {
    let Some(both) = Companies::connected(30, &[]) else { return };
    let place = tempfile::tempdir().unwrap();
    // Their address is another one than the partner's.
    let third = both.servers.office(Office::new(place.path(), "third", "acme", "TRD"), ACME, ["imaps", "smtps"]);
    third.join(&both.acme, &both.acme.handshake());
    third.run_once();
    both.acme.run_once();
    assert_eq!(both.acme.status()["state"], "suspended");
    both.acme.ferry(&["sync", "compared", &both.acme.sync]);
    both.acme.ferry(&["sync", "start", &both.acme.sync]);
    write(&both.acme.issues, "Ours");
    both.settle();
    both.assert_equal(1);
    third.run_once();
    assert_eq!(third.status()["connection"], "hello-sent", "a refusal would have come into this mailbox");
}
