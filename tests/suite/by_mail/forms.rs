//! The forms for receiving and sending: what is wrong is said before anything is
//! kept, and no secret is in what is said.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use ferry_tests::mail_servers::{ACME, GLOBEX, MailServers, PASSWORD};
use ferry_tests::office::{Office, path};
use ferry_tests::process::{self, Ended, wait_for};

const PATIENCE: Duration = Duration::from_secs(30);
/// What nobody may read.
const SECRET: &str = "not the password";

struct Form {
    _place: tempfile::TempDir,
    acme: Office,
    servers: MailServers,
}

impl Form {
    fn new(number: u8) -> Option<Self> {
        let servers = MailServers::up(number, &[])?;
        let place = tempfile::tempdir().unwrap();
        let acme = Office::new(place.path(), "acme", "globex", "ACME");
        assert!(acme.adding().output().unwrap().status.success());
        Some(Self { _place: place, acme, servers })
    }

    fn create(&self) -> Command {
        let mut command = self.acme.command(&["sync", "create", "globex", "--channel", "mail"]);
        command.args(["--tracker", "ours", "--project", "ACME", "--user", "ferry"]);
        command.arg("--handshake").arg(self.acme.handshake());
        command.env("RIGHT", PASSWORD).env("WRONG", SECRET);
        command
    }

    /// With options that are right, but for those that are given last.
    fn with(&self, options: &[&str]) -> Ended {
        let (receive, send) = (self.servers.place("imaps").to_string(), self.servers.place("smtps").to_string());
        let ca = self.servers.authority();
        let mut all = vec![
            ("--address", ACME),
            ("--receive", &receive),
            ("--receive-password", "env:RIGHT"),
            ("--send", &send),
            ("--send-password", "env:RIGHT"),
            ("--ca", path(&ca)),
        ];
        for pair in options.chunks(2) {
            all.retain(|(option, _)| *option != pair[0]);
            if let [option, value] = pair {
                all.push((option, value));
            }
        }
        let mut command = self.create();
        command.args(all.iter().flat_map(|(option, value)| [*option, *value]));
        process::run(&mut command)
    }
}

#[test]
fn what_is_wrong_with_a_form_is_said_and_nothing_is_kept() {
    let Some(form) = Form::new(21) else { return };
    let server = |scheme: &str| form.servers.place(scheme).to_string();
    let (folder, closed) = (format!("{}/Nowhere", server("imaps")), "imaps://127.0.0.1:9".to_owned());
    let (otherwise, kind) = (server("imaps").replace("imaps", "imap+starttls"), server("smtps"));
    let cases: [(&[&str], i32, &[&str]); 12] = [
        (&["--receive-password", "env:WRONG"], 1, &["receiving", "doesn't let acme@a.test in with this password"]),
        (&["--send-password", "env:WRONG"], 1, &["sending", "doesn't let acme@a.test in with this password"]),
        (&["--receive-password", "env:NOWHERE"], 1, &["NOWHERE isn't set"]),
        (&["--receive-password", SECRET], 2, &["no reference to a secret"]),
        (&["--receive", &folder], 1, &["the folder Nowhere"]),
        (&["--receive", &closed], 6, &["127.0.0.1:9 can't be reached"]),
        (&["--receive", &otherwise], 6, &["is TLS to begin otherwise on this port (imaps://)"]),
        (&["--receive", &kind], 2, &["the other kind of server"]),
        (&["--receive", "imap://mail.test"], 2, &["there is no way without TLS"]),
        (
            &[
                "--address",
                GLOBEX,
                "--receive",
                &server("imaps").replace("://", "://acme@a.test@"),
                "--send",
                &server("smtps").replace("://", "://acme@a.test@"),
            ],
            1,
            &["doesn't let acme@a.test send as globex@b.test"],
        ),
        (&["--ca"], 1, &["is not secure"]),
        (&["--send-password"], 2, &["--copy-credentials"]),
    ];
    for (options, code, words) in cases {
        let ended = form.with(options);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code(), Some(code), "{options:?}: {told}");
        let unfolded = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.iter().all(|word| unfolded.contains(word)), "{options:?}: {told}");
        assert!(!told.contains(SECRET), "{options:?}: {told}");
        assert!(!form.acme.handshake().exists() && form.acme.json(&["sync", "list"]).as_array().unwrap().is_empty());
        let kept = std::fs::read_dir(form.acme.home.join("secrets"));
        assert_eq!(kept.map_or(0, Iterator::count), 0, "{options:?}: a secret is left");
    }
    let ended = form.with(&[]);
    assert_eq!(ended.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    let tested = form.acme.command(&["sync", "test", "globex"]).env("RIGHT", PASSWORD).output().unwrap();
    let told = String::from_utf8(tested.stdout).unwrap();
    assert!(tested.status.success() && told.contains("read INBOX") && told.contains("as acme@a.test"), "{told}");
    let one =
        form.acme.command(&["--json", "sync", "test", "globex", "--send"]).env("RIGHT", PASSWORD).output().unwrap();
    let checks: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!((checks.as_array().unwrap().len(), &checks[0]["good"]), (1, &true.into()));
}

#[test]
fn a_password_is_asked_for_once_on_a_terminal_and_kept_where_nobody_else_reads_it() {
    let Some(form) = Form::new(41) else { return };
    form.servers.set_password(SECRET);
    let (receive, send) = (form.servers.place("imaps").to_string(), form.servers.place("smtps").to_string());
    let mut inner = form.create();
    inner.args(["--address", ACME, "--receive", &receive, "--receive-password", "prompt", "--send", &send]);
    inner.arg("--copy-credentials").arg("--ca").arg(form.servers.authority());
    let words: Vec<String> = std::iter::once(inner.get_program())
        .chain(inner.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    // A terminal, for whoever has none.
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--log-out", "/dev/null", "--command"]).arg(words.join(" "));
    let mut terminal = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut types, mut shows) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let mut shown = Vec::new();
    while !shown.ends_with(b": ") {
        let mut byte = [0];
        shows.read_exact(&mut byte).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&shown)));
        shown.extend(byte);
    }
    let asker = process::children(terminal.id())[0];
    wait_for("the terminal to show nothing", PATIENCE, || {
        let stty = Command::new("stty").args(["-a", "-F"]).arg(format!("/proc/{asker}/fd/0")).output().unwrap();
        String::from_utf8(stty.stdout).unwrap().contains(" -echo ").then_some(())
    });
    writeln!(types, "{SECRET}").unwrap();
    shows.read_to_end(&mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(terminal.wait().unwrap().success() && !shown.contains(SECRET), "{shown}");
    for way in ["receive", "send"] {
        let kept = form.acme.home.join("secrets").join(format!("globex.{way}"));
        assert_eq!(std::fs::read_to_string(&kept).unwrap().trim(), SECRET);
        assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let settings = std::fs::read_to_string(form.acme.home.join("ferry.toml")).unwrap();
    assert!(!settings.contains(SECRET), "{settings}");
    form.acme.ferry(&["sync", "test", "globex"]);
}

#[test]
fn servers_that_nobody_named_are_asked_of_dns_and_agreed_to_by_a_person() {
    let Some(form) = Form::new(31) else { return };
    let resolver = form.acme.home.with_extension("resolv");
    std::fs::write(&resolver, form.servers.name_server()).unwrap();
    let create = |yes: &[&str]| {
        let mut inner = form.create();
        inner.args(["--address", ACME, "--receive-password", "env:RIGHT", "--copy-credentials"]);
        inner.arg("--ca").arg(form.servers.authority()).args(yes);
        // On a machine that uses another name server.
        let mut outer = Command::new("unshare");
        outer.args(["-m", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\""]).arg(&resolver);
        outer.arg(inner.get_program()).args(inner.get_args()).env("RIGHT", PASSWORD).env_remove("FERRY_HOME");
        process::run(&mut outer)
    };
    let asked = create(&[]);
    let told = asked.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(asked.code(), Some(2), "{told}");
    // An address of loopback isn't below the domain.
    assert!(told.contains("a.test says in DNS: --receive imaps://") && told.contains("kept by"), "{told}");
    let agreed = create(&["--yes"]);
    assert_eq!(agreed.code(), Some(0), "{}{}", agreed.stdout, agreed.stderr);
    let settings = std::fs::read_to_string(form.acme.home.join("ferry.toml")).unwrap();
    for scheme in ["imaps", "smtps"] {
        assert!(settings.contains(&form.servers.place(scheme).to_string()), "{settings}");
    }
}
