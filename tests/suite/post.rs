//! Mailboxes and submission on real servers: what goes in comes out, what is
//! somebody else's stays as it is, and every refusal says what to do.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ferry_post::{
    Buckets, Credentials, Fault, Found, Listed, Mailbox, Place, Rates, Receiver, Sender, Submission, Trust,
};
use ferry_tests::mail_servers::{ACME, GLOBEX, MailServers, PASSWORD, Trick, name_server, password, token};
use ferry_tests::process::wait_for;

const TOKEN: &str = "0123456789abcdef0123";
const PATIENCE: Duration = Duration::from_secs(60);
const MAIL_BYTES_MAX: u64 = 16 << 20;

/// A mail of Ferry's, as far as servers see it.
fn mail(name: &str, lines: usize) -> Vec<u8> {
    let text = "a line of sixty-four bytes that no server has reason to rewrite\r\n".repeat(lines);
    let head = format!("From: <{ACME}>\r\nTo: <{GLOBEX}>\r\nSubject: {name}\r\nMessage-ID: <{name}@a.test>");
    let date = "Date: Fri, 27 Nov 2026 12:00:00 +0000";
    format!("{head}\r\n{date}\r\n\r\n.begins with a point\r\n{text}").into_bytes()
}

fn submission(servers: &MailServers, scheme: &str) -> Submission {
    Submission::open(&servers.place(scheme), &servers.trust(), password(ACME, PASSWORD)).unwrap()
}

fn mailbox(servers: &MailServers, scheme: &str) -> Mailbox {
    Mailbox::open(&servers.place(scheme), &servers.trust(), password(GLOBEX, PASSWORD)).unwrap()
}

/// Who asks, with the right password.
fn acme() -> Result<Credentials, Fault> {
    Ok(password(ACME, PASSWORD))
}

fn globex() -> Result<Credentials, Fault> {
    Ok(password(GLOBEX, PASSWORD))
}

/// The folder of new mail.
const INBOX: &str = "INBOX";
/// Where refused mails are moved to.
const REJECTED: &str = "Rejected";

fn arrived(mailbox: &mut Mailbox, count: usize) -> Vec<Listed> {
    wait_for("mails", PATIENCE, || {
        let listed = mailbox.list(TOKEN, None, 1000).unwrap();
        (listed.len() >= count).then_some(listed)
    })
}

/// The mails of a mailbox by their files' names, which tell what is marked.
fn files(maildir: &Path) -> BTreeMap<String, u64> {
    let mut files = BTreeMap::new();
    for folder in ["new", "cur"] {
        for entry in std::fs::read_dir(maildir.join(folder)).unwrap().map(Result::unwrap) {
            // Whether somebody looked into the folder is no mark of the mail's.
            let name = entry.file_name().into_string().unwrap();
            let name = name.trim_end_matches(":2,").to_owned();
            files.insert(name, entry.metadata().unwrap().len());
        }
    }
    files
}

#[test]
fn what_is_submitted_is_found_read_and_moved_and_nothing_else_is_touched() {
    let Some(servers) = MailServers::up(1, &[]) else { return };
    let mut submission_tls = submission(&servers, "smtps");
    let mut submission_starttls = submission(&servers, "smtp+starttls");
    submission_starttls.submit(ACME, GLOBEX, b"Subject: lunch?\r\n\r\nAt twelve.\r\n").unwrap();
    let mut reads = mailbox(&servers, "imaps");
    assert_eq!(reads.restore(TOKEN, REJECTED), Err(Fault::NotFound), "nothing was ever refused");
    let human = wait_for("a person's mail", PATIENCE, || {
        let files = files(&servers.maildir(GLOBEX));
        (files.len() == 1).then_some(files)
    });

    let names: Vec<String> = (0..4).map(|number| format!("{TOKEN}-{number}.ferry")).collect();
    for name in &names {
        submission_tls.submit(ACME, GLOBEX, &mail(name, 20_000)).unwrap();
    }
    let listed = arrived(&mut reads, 4);
    let mut found: Vec<&String> = listed.iter().map(|listed| &listed.name).collect();
    found.sort();
    assert_eq!(found, names.iter().collect::<Vec<_>>());
    for listed in &listed {
        let bytes = reads.read(&listed.handle, MAIL_BYTES_MAX).unwrap();
        assert_eq!(bytes.len() as u64, listed.size);
        assert!(bytes.ends_with(&mail(&listed.name, 20_000)), "what arrives is what left, under the servers' headers");
        assert_eq!(reads.read(&listed.handle, listed.size - 1), Err(Fault::TooLarge(listed.size - 1)));
    }
    assert_eq!(reads.list(TOKEN, Some(&listed[1].handle), 1).unwrap(), listed[2..3]);
    assert!(files(&servers.maildir(GLOBEX)).keys().all(|name| !name.contains(":2,S")), "nothing is marked as read");

    let handles: Vec<String> = listed.iter().map(|listed| listed.handle.clone()).collect();
    reads.dispose(&handles[..1], Some(REJECTED)).unwrap();
    reads.dispose(&handles[1..], None).unwrap();
    reads.dispose(&handles, None).unwrap();
    assert_eq!(reads.list(TOKEN, None, 10).unwrap(), []);
    assert_eq!(reads.read(&handles[2], MAIL_BYTES_MAX), Err(Fault::NotFound));
    assert_eq!(reads.restore("0000", REJECTED), Err(Fault::NotFound));
    reads.restore(&listed[0].name, REJECTED).unwrap();
    assert_eq!(arrived(&mut reads, 1)[0].name, listed[0].name);
    let left = reads.list(TOKEN, None, 10).unwrap();
    reads.dispose(&[left[0].handle.clone()], None).unwrap();
    assert_eq!(files(&servers.maildir(GLOBEX)), human, "somebody's mail is as it was");
}

#[test]
fn a_new_mail_wakes_who_waits_and_a_new_numbering_loses_none() {
    let Some(servers) = MailServers::up(2, &[]) else { return };
    let (mut reads, mut waits) = (mailbox(&servers, "imaps"), mailbox(&servers, "imap+starttls"));
    assert!(waits.tells());
    assert_eq!(waits.wait(Duration::ZERO), Ok(false));
    submission(&servers, "smtps").submit(ACME, GLOBEX, &mail(&format!("{TOKEN}-1.ferry"), 1)).unwrap();
    // It may have come before it waited.
    wait_for("a notice", PATIENCE, || {
        let told = waits.wait(Duration::from_secs(1)).unwrap();
        (told || !reads.list(TOKEN, None, 1).unwrap().is_empty()).then_some(())
    });
    let before = arrived(&mut reads, 1);
    drop((reads, waits));

    // The number of a numbering is the second in which it began.
    let (mut reads, after) = wait_for("another numbering", PATIENCE, || {
        for entry in std::fs::read_dir(servers.maildir(GLOBEX)).unwrap().map(Result::unwrap) {
            if entry.file_name().to_string_lossy().starts_with("dovecot") && entry.path().is_file() {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
        let mut reads = mailbox(&servers, "imaps");
        let after = arrived(&mut reads, 1);
        (before[0].handle != after[0].handle).then_some((reads, after))
    });
    assert_eq!(reads.list(TOKEN, Some(&before[0].handle), 10).unwrap(), after, "an old handle hides nothing");
    assert_eq!(reads.read(&before[0].handle, MAIL_BYTES_MAX), Err(Fault::NotFound));
    reads.dispose(&[before[0].handle.clone()], None).unwrap();
    assert_eq!(reads.list(TOKEN, None, 10).unwrap(), after, "an old handle moves nothing");
}

#[test]
fn a_refusal_says_which_step_it_was_and_what_to_do() {
    let variables = [("FERRY_MESSAGE_LIMIT", "100000"), ("FERRY_IMAP_CONNECTIONS", "2")];
    let Some(servers) = MailServers::up(3, &variables) else { return };
    let (imaps, smtps) = (servers.place("imaps"), servers.place("smtps"));
    let reads = |place: &Place, trust: &Trust, who: Credentials| Mailbox::open(place, trust, who).map(drop);
    let sends = |place: &Place, trust: &Trust, who: Credentials| Submission::open(place, trust, who).map(drop);
    let (trust, who) = (servers.trust(), || password(GLOBEX, PASSWORD));
    let said = |done: Result<(), Fault>| done.unwrap_err().to_string();

    for wrong in [password(GLOBEX, "wrong"), token(GLOBEX, -60)] {
        for done in [reads(&imaps, &trust, wrong.clone()), sends(&smtps, &trust, wrong.clone())] {
            let fault = done.unwrap_err();
            assert!(matches!(&fault, Fault::Unauthenticated(why) if why.contains(GLOBEX)), "{fault:?}");
        }
    }
    for good in [who(), token(GLOBEX, 600)] {
        assert_eq!(reads(&imaps, &trust, good.clone()), Ok(()));
        assert_eq!(sends(&smtps, &trust, good), Ok(()));
    }

    let nowhere = Place { folder: "Nowhere".to_owned(), ..imaps.clone() };
    assert!(said(reads(&nowhere, &trust, who())).contains("is there a folder of this name?"));
    let nobody = Place { host: "mail.invalid".to_owned(), ..imaps.clone() };
    assert!(said(reads(&nobody, &trust, who())).contains("no such name"));
    let closed = Place { port: 1, ..imaps.clone() };
    assert!(matches!(reads(&closed, &trust, who()), Err(Fault::Unreachable(_))));
    let otherwise = Place { port: 2587, ..smtps.clone() };
    assert!(said(sends(&otherwise, &trust, who())).contains("smtp+starttls://"));

    let unknown = said(reads(&imaps, &Trust::Platform, who()));
    assert!(unknown.contains("nobody known here vouches") && unknown.contains("--ca"), "{unknown}");
    let elsewhere = servers.proxy_on("127.0.0.1", "imaps", Trick::CutAfter(usize::MAX));
    let other = Place { host: "127.0.0.1".to_owned(), port: elsewhere.port(), ..imaps.clone() };
    let other = reads(&other, &trust, who()).unwrap_err();
    assert!(matches!(&other, Fault::Insecure(why) if why.contains("for another name")), "{other:?}");

    let first = (mailbox(&servers, "imaps"), mailbox(&servers, "imaps"));
    assert!(matches!(reads(&imaps, &trust, who()), Err(Fault::Busy(..) | Fault::Unreachable(_))), "too many at a time");
    drop(first);

    let mut submission = submission(&servers, "smtps");
    assert_eq!(submission.max_bytes(), Some(100_000));
    assert_eq!(submission.submit(ACME, GLOBEX, &mail("large", 2000)), Err(Fault::TooLarge(100_000)));
    let not_ours = said(submission.submit("ceo@a.test", GLOBEX, &mail("forged", 1)));
    assert!(not_ours.contains("send as ceo@a.test"), "{not_ours}");
    let hidden = submission.submit(ACME, GLOBEX, b"Subject: a\r\n\r\n\n.\nMAIL FROM:<ceo@a.test>\r\n");
    assert!(matches!(hidden, Err(Fault::Broken(_))), "no command hides in a mail: {hidden:?}");
    let nobody = said(submission.submit(ACME, "nobody@b.test", &mail("lost", 1)));
    assert!(nobody.contains("doesn't take mail for nobody@b.test"), "{nobody}");
    assert_eq!(submission.submit(ACME, GLOBEX, &mail("good", 1)), Ok(()), "the connection can still be used");
}

#[test]
fn tls_is_never_done_without_and_nothing_is_believed_that_came_before_it() {
    let Some(servers) = MailServers::up(4, &[]) else { return };
    let tricks = [
        ("imap+starttls", Trick::Inject("S1 OK", "* BYE said by somebody else\r\n")),
        ("imap+starttls", Trick::Replace("S1 OK", "S1 NO")),
        ("imap+starttls", Trick::Replace("* OK", "* PREAUTH")),
        ("smtp+starttls", Trick::Inject("220 2.0.0 Ready", "250 said by somebody else\r\n")),
        ("smtp+starttls", Trick::Replace("STARTTLS", "XTARTTLS")),
    ];
    for (scheme, trick) in tricks {
        let proxy = servers.proxy(scheme, trick);
        let (place, trust, who) = (servers.through(scheme, &proxy), servers.trust(), password(GLOBEX, PASSWORD));
        let done = match scheme {
            "imap+starttls" => Mailbox::open(&place, &trust, who).map(drop),
            _ => Submission::open(&place, &trust, who).map(drop),
        };
        assert!(matches!(done, Err(Fault::Insecure(_))), "{scheme} {trick:?}: {done:?}");
    }
}

/// The connection is cut before each thing that the server says, so that what it
/// answers to was done, and nobody knows.
#[test]
fn a_connection_cut_at_every_step_loses_nothing() {
    let Some(servers) = MailServers::up(5, &[]) else { return };
    let counts = tempfile::tempdir().unwrap();
    let sender = |place: Place| {
        let rates = Rates { minute: 100_000, day: 100_000 };
        Sender::new(place, servers.trust(), Buckets::new(counts.path().join("count"), rates))
    };
    let mut steps = 0;
    let through = (0..).find(|cut| {
        let proxy = servers.proxy("smtps", Trick::CutAfter(*cut));
        let name = format!("{TOKEN}-s{cut}.ferry");
        let sent = sender(servers.through("smtps", &proxy)).submit(&acme, ACME, GLOBEX, &mail(&name, 10));
        if sent.is_err() {
            steps += 1;
            sender(servers.place("smtps")).submit(&acme, ACME, GLOBEX, &mail(&name, 10)).unwrap();
        }
        sent.is_ok()
    });
    let mails = through.unwrap() + 1;
    assert!(steps > 6, "only {steps} steps of submission were cut");

    let mut reads = mailbox(&servers, "imaps");
    let all = |listed: &[Listed]| {
        let names = (0..mails).map(|cut| format!("{TOKEN}-s{cut}.ferry"));
        names.into_iter().all(|name| listed.iter().any(|listed| listed.name == name))
    };
    wait_for("all mails", PATIENCE, || all(&reads.list(TOKEN, None, 1000).unwrap()).then_some(()));
    let there = reads.list(TOKEN, None, 1000).unwrap();
    assert!(there.len() > mails, "where the answer to the final point is lost, the mail comes twice");

    // What one call does for one mail: listed, read, moved aside, until all are.
    let mut left = there.len();
    let whole = (0..).find(|cut| {
        let proxy = servers.proxy("imaps", Trick::CutAfter(*cut));
        let receiver = Receiver::new(servers.through("imaps", &proxy), servers.trust());
        let once = receiver.with(&globex, INBOX, |mailbox| {
            let Some(first) = mailbox.list(TOKEN, None, 1)?.pop() else { return Ok(()) };
            match mailbox.read(&first.handle, MAIL_BYTES_MAX) {
                Ok(bytes) => assert!(bytes.ends_with(&mail(&first.name, 10))),
                Err(fault) => return Err(fault),
            }
            mailbox.dispose(&[first.handle], Some(REJECTED))
        });
        let still = reads.list(TOKEN, None, 1000).unwrap().len();
        assert!(left - still <= 1, "one at most");
        left = still;
        once.is_ok()
    });
    assert!(whole.unwrap() > 6, "only {whole:?} steps of receiving were cut");
    for name in there.iter().map(|listed| &listed.name) {
        drop(reads.restore(name, REJECTED));
    }
    assert_eq!(reads.list(TOKEN, None, 1000).unwrap().len(), there.len(), "all are there still");
}

#[test]
fn a_connection_that_died_in_silence_is_opened_anew() {
    let Some(servers) = MailServers::up(8, &[]) else { return };
    let counts = tempfile::tempdir().unwrap();
    let whole = |scheme: &str| servers.proxy(scheme, Trick::CutAfter(usize::MAX));
    let (imap, smtp) = (whole("imaps"), whole("smtps"));
    let receiver = Receiver::new(servers.through("imaps", &imap), servers.trust());
    let rates = Rates::default();
    let buckets = Buckets::new(counts.path().join("count"), rates);
    let sender = Sender::new(servers.through("smtps", &smtp), servers.trust(), buckets);
    let list = || receiver.with(&globex, INBOX, |mailbox| mailbox.list(TOKEN, None, 1)).map(drop);
    let send = || sender.submit(&acme, ACME, GLOBEX, &mail(&format!("{TOKEN}-1.ferry"), 1));
    for (calls, connections) in [(2, 1), (1, 2)] {
        for _ in 0..calls {
            assert_eq!((list(), send()), (Ok(()), Ok(())));
        }
        assert_eq!([imap.connections(), smtp.connections()], [connections; 2]);
        imap.cut();
        smtp.cut();
    }
}

#[test]
fn connections_end_as_they_should_and_refused_credentials_rest() {
    let Some(servers) = MailServers::up(40, &[]) else { return };
    let counts = tempfile::tempdir().unwrap();
    let receiver = || Receiver::new(servers.place("imaps"), servers.trust());
    let buckets = |name: &str| Buckets::new(counts.path().join(name), Rates::default());
    let sender = |name: &str| Sender::new(servers.place("smtps"), servers.trust(), buckets(name));
    receiver().with(&globex, INBOX, |mailbox| mailbox.list(TOKEN, None, 1)).unwrap();
    sender("good").submit(&acme, ACME, GLOBEX, &mail(&format!("{TOKEN}-1.ferry"), 1)).unwrap();
    let says = |server: &str, what: &str| servers.log(server).matches(what).count();
    wait_for("goodbyes", PATIENCE, || {
        (says("dc", "Disconnected: Logged out") == 1 && says("pf", "quit=1") == 1).then_some(())
    });

    let wrong = || Ok(password(GLOBEX, "wrong"));
    let (receiver, sender) = (receiver(), sender("bad"));
    for _ in 0..3 {
        assert!(matches!(receiver.connect(&wrong, INBOX), Err(Fault::Unauthenticated(_))));
        assert!(matches!(receiver.with(&wrong, INBOX, |_| Ok(())), Err(Fault::Unauthenticated(_))));
        assert!(matches!(sender.max_bytes(&wrong), Err(Fault::Unauthenticated(_))));
    }
    let refusals = || (says("dc", "(auth failed, 1 attempts"), says("pf", "authentication failed"));
    wait_for("refusals", PATIENCE, || (refusals() == (1, 1)).then_some(()));
    // Who tries asks the server, and other credentials needn't wait.
    assert!(receiver.probe(&wrong, INBOX).is_err() && sender.probe(&wrong).is_err());
    wait_for("refusals", PATIENCE, || (refusals() == (2, 2)).then_some(()));
    receiver.connect(&globex, INBOX).unwrap();
    assert!(sender.max_bytes(&globex).unwrap().is_some());
}

#[test]
fn an_account_sends_no_more_than_it_may() {
    let Some(servers) = MailServers::up(6, &[]) else { return };
    let counts = tempfile::tempdir().unwrap();
    let rates = Rates { minute: 1000, day: 2 };
    let sender =
        || Sender::new(servers.place("smtps"), servers.trust(), Buckets::new(counts.path().join("count"), rates));
    let send = |sender: &Sender| sender.submit(&acme, ACME, GLOBEX, &mail(&format!("{TOKEN}-1.ferry"), 1));
    let before = sender();
    assert_eq!((send(&before), send(&before)), (Ok(()), Ok(())));
    // A restart forgets nothing.
    for sender in [before, sender()] {
        let refused = send(&sender).unwrap_err();
        assert!(matches!(&refused, Fault::Busy(why) if why.contains("the next may leave")), "{refused:?}");
    }
    let mut reads = mailbox(&servers, "imaps");
    assert_eq!(arrived(&mut reads, 2).len(), 2);
}

#[test]
fn a_server_without_an_authority_is_known_by_its_key() {
    let Some(servers) = MailServers::up(23, &[]) else { return };
    let place = servers.place("imaps");
    let open = |pin: &str| Mailbox::open(&place, &Trust::Key(pin.parse().unwrap()), password(GLOBEX, PASSWORD));
    let other = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let told = match open(other) {
        Err(Fault::Insecure(told)) => told,
        other => panic!("{other:?}"),
    };
    let shown = told.split_whitespace().find(|word| word.starts_with("sha256/")).unwrap().trim_end_matches(',');
    assert!(shown != other && told.contains(&format!("{other} is pinned")), "{told}");
    open(shown).unwrap();
}

#[test]
fn an_address_names_its_servers_by_its_domain() {
    let at = |host: &str, port| (host.to_owned(), port);
    let services = [
        ("_imaps._tcp.a.test", vec![at("mail.a.test", 993), at("spare.a.test", 1993)]),
        ("_imap._tcp.a.test", vec![at("old.a.test", 143)]),
        // Decidedly none; the other way is asked for next.
        ("_submissions._tcp.a.test", vec![at("", 0)]),
        ("_submission._tcp.a.test", vec![at("out.provider.test", 2587)]),
    ];
    let server = name_server("127.0.0.1:0", services.into_iter().collect());
    let found = Found::at(ACME, server).unwrap();
    let text = |place: Option<Place>| place.map(|place| place.to_string());
    assert_eq!(text(found.receive).as_deref(), Some("imaps://mail.a.test:993"));
    assert_eq!(text(found.send).as_deref(), Some("smtp+starttls://out.provider.test:2587"));
    assert_eq!(Found::at(GLOBEX, server), Ok(Found::default()));
    assert!(matches!(Found::at("nobody", server), Err(Fault::Broken(_))));
}
