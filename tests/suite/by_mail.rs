//! Two organisations by mail: the `ferry` binary, real mail servers, and both
//! trackers compared in the end.

mod badly;
mod forms;
mod lossy;
mod tokens;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ferry_mail::forge::Gateway;
use ferry_tests::mail_servers::{ACME, GLOBEX, MailServers};
use ferry_tests::office::Office;
use ferry_tests::process::wait_for;
use ferry_tests::{issues, local};

/// How long people wait.
const PATIENCE: Duration = Duration::from_secs(30);
/// Mails a direction that the first synchronization of all real issues may take.
const MAILS_MAX: usize = 10;

/// Two organisations, and the servers between them.
struct Companies {
    _place: tempfile::TempDir,
    acme: Office,
    globex: Office,
    servers: MailServers,
}

impl Companies {
    /// Not connected yet.
    fn new(number: u8, variables: &[(&str, &str)]) -> Option<Self> {
        let servers = MailServers::up(number, variables)?;
        let place = tempfile::tempdir().unwrap();
        let acme = Office::new(place.path(), "acme", "globex", "ACME");
        let globex = Office::new(place.path(), "globex", "acme", "GLX");
        let acme = servers.office(acme, ACME, ["imaps", "smtps"]);
        let globex = servers.office(globex, GLOBEX, ["imap+starttls", "smtp+starttls"]);
        local::write_tracker(&acme.issues);
        local::write_tracker(&globex.issues);
        Some(Self { _place: place, acme, globex, servers })
    }

    fn connected(number: u8, variables: &[(&str, &str)]) -> Option<Self> {
        let this = Self::new(number, variables)?;
        this.acme.connect(&this.globex, "modern");
        Some(this)
    }

    fn settle(&self) {
        self.acme.settle(&self.globex);
    }

    /// Both trackers equal, nothing parked, nothing doubled.
    fn assert_equal(&self, issues: usize) {
        local::assert_equal(&self.acme.issues, &self.globex.issues);
        assert_eq!(local::issue_files(&self.acme.issues).len(), issues);
        for office in [&self.acme, &self.globex] {
            let faults = office.json(&["fault", "list", &office.sync]);
            assert_eq!(faults, serde_json::json!([]), "something is parked at {}", office.project);
            assert!(office.quarantine().is_empty(), "something is in quarantine at {}", office.project);
        }
    }
}

/// A new issue, as people make one.
fn write(folder: &Path, title: &str) {
    let name = title.to_lowercase().replace(' ', "-");
    std::fs::write(folder.join(format!("{name}.md")), format!("# {title}\n")).unwrap();
}

#[test]
fn a_synchronization_lives_and_ends_by_mail_beside_another_and_a_persons_mail() {
    let Some(both) = Companies::new(11, &[]) else { return };
    let Companies { acme, globex, servers, .. } = &both;
    let letter = b"From: ann@a.test\r\nTo: globex@b.test\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n";
    let mailbox = servers.maildir(GLOBEX).join("new");
    acme.connect(globex, "modern");
    std::fs::write(mailbox.join("1.letter"), letter).unwrap();

    // Another one between the same two, in the same mailboxes and on the same accounts.
    let (second, counterpart) = (acme.second("other"), globex.second("other"));
    std::fs::remove_file(second.handshake()).unwrap();
    assert!(second.creating(&counterpart, "gnupg").output().unwrap().status.success());
    let handshake = second.handshake();
    assert!(counterpart.joining(&second, &handshake).output().unwrap().status.success());

    write(&acme.issues, "Ours");
    write(&globex.issues, "Theirs");
    both.settle();
    both.assert_equal(2);
    let phrase = |office: &Office| office.status()["phrase"].clone();
    assert_eq!(phrase(&second), phrase(&counterpart));
    let status = acme.status();
    assert_eq!((&status["mail"]["address"], &status["mail"]["partner"]), (&ACME.into(), &GLOBEX.into()));
    assert_eq!((acme.sent_by_run(), globex.sent_by_run()), (0, 0), "an echo");

    globex.ferry(&["sync", "stop", &globex.sync]);
    acme.ferry(&["--yes", "sync", "delete", &acme.sync]);
    globex.run_once();
    assert_eq!(globex.status()["state"], "deleted-by-partner");
    // What was theirs is gone, what is a person's is as it was.
    let left = mails(&servers.maildir(GLOBEX));
    let (name, _) = left.iter().find(|(_, mail)| *mail == letter).expect("a person's mail is there");
    let marks = name.rsplit_once(":2,").map_or("", |(_, marks)| marks);
    assert_eq!(marks, "", "{name} was marked");
}

#[test]
fn all_real_issues_take_few_mails_and_what_is_large_is_split() {
    let Some(archive) = issues::archive() else { return };
    let limits = [("FERRY_MESSAGE_LIMIT", "10240000"), ("FERRY_QUOTA", "500M")];
    let Some(both) = Companies::connected(12, &limits) else { return };
    let mails = || [ACME, GLOBEX].map(|user| both.servers.delivered(user));
    let before = mails();
    local::write_archive(&both.acme.issues, "ACME", &archive);
    both.settle();
    both.assert_equal(archive.len());
    let took = [0, 1].map(|end| mails()[end] - before[end]);
    assert!(took.iter().all(|mails| *mails <= MAILS_MAX), "{took:?} mails to either side");

    // More than a mail may weigh, in one piece.
    let file = local::issue_files(&both.acme.issues).remove(0);
    let folder = file.with_extension("");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("large.bin"), noise(30_000_000)).unwrap();
    // A file that was just dropped may not be whole yet, and is left for a moment.
    wait_for("the file to be taken", PATIENCE, || (both.acme.sent_by_run() > 0).then_some(()));
    both.settle();
    both.assert_equal(archive.len());
}

/// Bytes that can't be compressed.
fn noise(bytes: usize) -> Vec<u8> {
    (0u64..).flat_map(|n| ferry_core::digest::of(&n.to_be_bytes()).0).take(bytes).collect()
}

#[test]
fn nothing_that_leaves_and_nothing_that_is_logged_tells_a_secret_or_a_word_of_an_issue() {
    const PASSWORD: &str = "sesame-for-nobody-else";
    const WORDS: [&str; 4] = ["zyzzyva", "quagmire", "flibbertigibbet", PASSWORD];
    let Some(both) = Companies::new(42, &[]) else { return };
    let Companies { acme, globex, servers, .. } = &both;
    servers.set_password(PASSWORD);
    for office in [acme, globex] {
        std::fs::write(office.home.with_extension("password"), PASSWORD).unwrap();
    }
    acme.connect(globex, "gnupg");
    std::fs::write(acme.issues.join("1.md"), "# The zyzzyva\n\nIt sits in a quagmire.\n").unwrap();
    let folder = acme.issues.join("1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("flibbertigibbet.txt"), "quagmire").unwrap();
    let told = RefCell::new(String::new());
    let says = |office: &Office, arguments: &[&str]| {
        let ended = office.try_ferry(&[&["-vvv"], arguments].concat());
        told.borrow_mut().push_str(&(ended.stdout + &ended.stderr));
    };
    let sent = wait_for("mail to leave", PATIENCE, || {
        says(acme, &["run", "--once"]);
        acme.carried();
        let sent = mails(&servers.maildir(GLOBEX));
        sent.values().any(|mail| mail.windows(9).any(|bytes| bytes == b"BEGIN PGP")).then_some(sent)
    });
    for mail in sent.into_values() {
        told.borrow_mut().push_str(&String::from_utf8_lossy(&mail));
    }
    let password = globex.home.with_extension("password");
    for (secret, again) in [("flibbertigibbet", "test"), (PASSWORD, "status")] {
        std::fs::write(&password, secret).unwrap();
        says(globex, &["run", "--once"]);
        says(globex, &["sync", again, &globex.sync]);
    }
    let told = told.into_inner().to_lowercase();
    assert!(told.contains("begin pgp") && told.contains("with this password"), "{told}");
    for word in WORDS {
        let place = told.find(word).map(|place| &told[place.saturating_sub(200)..place + 50]);
        assert_eq!(place, None, "{word} is told");
    }
    both.settle();
    both.assert_equal(1);
}

#[test]
fn new_mail_is_heard_of_at_once() {
    let Some(both) = Companies::connected(13, &[]) else { return };
    for office in [&both.acme, &both.globex] {
        // The clock alone would come too late.
        office.ferry(&["sync", "edit", &office.sync, "--polling", "3600"]);
    }
    // Another one on the same account, which shares its connections.
    let second = both.acme.second("other");
    std::fs::remove_file(second.handshake()).unwrap();
    assert!(second.creating(&both.globex, "modern").output().unwrap().status.success());
    both.servers.hasten();
    let daemons = [both.acme.daemon(), both.globex.daemon()];
    for round in 0..4 {
        if round == 2 {
            both.servers.restart();
        }
        let title = format!("Issue {round}");
        write(&both.acme.issues, &title);
        wait_for(&title, PATIENCE, || local::find_titled(&both.globex.issues, &title));
    }
    let open = both.servers.connections(&daemons[0]);
    assert!((1..=2).contains(&open["imaps"]) && open["smtps"] == 1, "{open:?}");
    drop(daemons);
    both.settle();
    both.assert_equal(4);
}

#[test]
fn gateways_that_rewrite_mail_lose_and_double_nothing() {
    /// Line feeds alone can't be handed on.
    const GATEWAYS: [Gateway; 7] = [
        Gateway::Mixed,
        Gateway::Footer,
        Gateway::Base64,
        Gateway::Quoted,
        Gateway::Split,
        Gateway::Marked,
        Gateway::Cut,
    ];
    let Some(both) = Companies::new(14, &[]) else { return };
    let gateway = both.servers.gateway(&GATEWAYS);
    both.acme.connect(&both.globex, "modern");
    let mut issues = 0;
    while gateway.passed() < 4 * GATEWAYS.len() {
        write(&both.acme.issues, &format!("Ours {issues}"));
        write(&both.globex.issues, &format!("Theirs {issues}"));
        issues += 1;
        both.settle();
    }
    both.assert_equal(2 * issues);
}

/// The mails of a mailbox, as files, by their names.
fn mails(maildir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut mails = BTreeMap::new();
    for folder in ["new", "cur"] {
        for file in std::fs::read_dir(maildir.join(folder)).into_iter().flatten().map(Result::unwrap) {
            mails.insert(file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
        }
    }
    mails
}
