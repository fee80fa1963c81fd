//! One organisation as its administrator sees it: a folder of issues, a home,
//! an exchange directory, and the `ferry` binary.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use crate::process::{self, Ended};

/// An organisation, below a directory that it may share with its partner.
#[derive(Clone, Debug)]
pub struct Office {
    /// What it calls its partner's synchronization.
    pub sync: String,
    /// The key of its project.
    pub project: String,
    /// Its tracker: issues as Markdown files.
    pub issues: PathBuf,
    /// Ferry's home.
    pub home: PathBuf,
    /// Its exchange directory.
    pub exchange: PathBuf,
    /// Its mail, where its parcels travel so.
    mail: Option<Mail>,
    binary: PathBuf,
}

/// How an organisation's parcels travel by mail.
#[derive(Clone, Debug)]
struct Mail {
    /// What `sync create` and `sync join` are told.
    options: Vec<String>,
    /// Where mails lie that are on their way.
    on_their_way: Vec<PathBuf>,
}

/// The binary that `make build` left: beside the folder that this program's
/// own folder lies in, or where `FERRY_BINARY` says.
pub fn binary() -> PathBuf {
    let beside = || {
        let this = std::env::current_exe().expect("this program has a path");
        this.ancestors().nth(2).expect("it lies in target/PROFILE/deps").join("ferry")
    };
    let binary = std::env::var_os("FERRY_BINARY").map_or_else(beside, PathBuf::from);
    assert!(binary.is_file(), "{} is missing: run `make build` first", binary.display());
    binary
}

/// Where `make build` left the components: `share/ferry` beside the binary's
/// folder, or where `FERRY_COMPONENTS` says.
pub fn components() -> PathBuf {
    let beside = || binary().ancestors().nth(2).expect("it lies in a folder").join("share/ferry");
    std::env::var_os("FERRY_COMPONENTS").map_or_else(beside, PathBuf::from)
}

impl Office {
    /// An organisation of that name below `parent`.
    pub fn new(parent: &Path, name: &str, partner: &str, project: &str) -> Self {
        let office = Self {
            sync: partner.to_owned(),
            project: project.to_owned(),
            issues: parent.join(name),
            home: parent.join(format!("home-{name}")),
            exchange: parent.join(format!("box-{name}")),
            mail: None,
            binary: binary(),
        };
        std::fs::create_dir_all(&office.issues).expect("a directory of our own can be written");
        office
    }

    /// The same by mail: what `sync create` and `sync join` are told, and the
    /// folders in which mails lie that are on their way.
    #[must_use]
    pub fn by_mail(self, options: Vec<String>, on_their_way: Vec<PathBuf>) -> Self {
        Self { mail: Some(Mail { options, on_their_way }), ..self }
    }

    /// Waits until what left has come.
    pub fn carried(&self) {
        let Some(mail) = &self.mail else { return };
        process::wait_for("mail to arrive", Duration::from_secs(60), || {
            mail.on_their_way.iter().all(|queue| is_empty(queue)).then_some(())
        });
    }

    /// The same home with another synchronization.
    #[must_use]
    pub fn second(&self, sync: &str) -> Self {
        let exchange = self.exchange.with_extension(sync);
        Self { sync: sync.to_owned(), exchange, ..self.clone() }
    }

    /// The command, ready to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--home").arg(&self.home).args(arguments).env_remove("FERRY_HOME");
        command
    }

    /// Runs a command to its end, however it ends.
    pub fn try_ferry(&self, arguments: &[&str]) -> Ended {
        process::run(&mut self.command(arguments))
    }

    /// Runs a command that must succeed, and answers what it printed.
    pub fn ferry(&self, arguments: &[&str]) -> String {
        let ended = self.try_ferry(arguments);
        assert!(ended.status.success(), "ferry {arguments:?}: {:?}\n{}{}", ended.status, ended.stdout, ended.stderr);
        ended.stdout
    }

    /// Runs a command that must answer, be it that something wants a person,
    /// and reads its answer as JSON.
    pub fn json(&self, arguments: &[&str]) -> Json {
        let ended = self.try_ferry(&[&["--json"], arguments].concat());
        assert!(matches!(ended.code(), Some(0 | 5)), "ferry {arguments:?}: {:?}\n{}", ended.status, ended.stderr);
        let read = serde_json::from_str(&ended.stdout);
        read.unwrap_or_else(|error| panic!("ferry {arguments:?}: {error}:\n{}", ended.stdout))
    }

    /// `run --once`, and the numbered messages that it sent for the first time.
    pub fn sent_by_run(&self) -> u64 {
        self.carried();
        self.json(&["run", "--once"])[0]["sent"].as_u64().expect("run --once says what it sent")
    }

    /// `run --once` on both sides in turn, until a round sends no numbered
    /// message. Answers how many rounds did.
    pub fn settle(&self, partner: &Self) -> usize {
        (0..20).find(|_| self.sent_by_run() + partner.sent_by_run() == 0).expect("there is no end to it")
    }

    /// As `settle`, and a person lets go on what is held back because unusually
    /// much changed.
    pub fn settle_and_release(&self, partner: &Self) {
        self.settle(partner);
        while self.release() + partner.release() > 0 {
            self.settle(partner);
        }
    }

    /// 0 where nothing is held back.
    fn release(&self) -> u64 {
        let ended = self.try_ferry(&["--json", "sync", "release", &self.sync]);
        let answer: Json = serde_json::from_str(&ended.stdout).expect("an answer for programs");
        match ended.code() {
            Some(4) => 0,
            Some(0) => answer["released"].as_u64().expect("a number"),
            code => panic!("sync release: {code:?}: {answer}"),
        }
    }

    /// The parcels in quarantine.
    pub fn quarantine(&self) -> Vec<Json> {
        self.json(&["parcel", "list", &self.sync]).as_array().cloned().unwrap_or_default()
    }

    /// `run --once`, which may leave something parked.
    pub fn run_once(&self) -> Ended {
        self.carried();
        let ended = self.try_ferry(&["run", "--once"]);
        assert!(matches!(ended.code(), Some(0 | 5)), "run --once: {:?}\n{}", ended.status, ended.stderr);
        ended
    }

    /// The daemon, until it is killed; its log lies beside its home.
    pub fn daemon(&self) -> Daemon {
        let log = self.home.with_extension("log");
        let stderr = std::fs::File::create(&log).expect("a directory of our own can be written");
        let mut command = self.command(&["run"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn().expect("ferry starts");
        Daemon { child, log }
    }

    /// Everything at a glance.
    pub fn status(&self) -> Json {
        self.json(&["sync", "status", &self.sync])
    }

    /// Waits until the status holds something.
    pub fn await_status(&self, what: &str, holds: impl Fn(&Json) -> bool) -> Json {
        process::wait_for(what, Duration::from_secs(30), || Some(self.status()).filter(|status| holds(status)))
    }

    /// Adds its tracker, and creates the synchronization with the partner;
    /// answers the handshake file.
    pub fn create(&self, partner: &Self, encryption: &str) -> PathBuf {
        must(&mut self.adding());
        must(&mut self.creating(partner, encryption));
        self.handshake()
    }

    /// Adds its tracker, and joins from a handshake file.
    pub fn join(&self, partner: &Self, handshake: &Path) {
        must(&mut self.adding());
        must(&mut self.joining(partner, handshake));
    }

    /// Where `creating` writes the handshake file.
    pub fn handshake(&self) -> PathBuf {
        self.home.with_extension("handshake")
    }

    /// `tracker add`.
    pub fn adding(&self) -> Command {
        self.command(&["tracker", "add", "ours", "--adapter", "local", "--folder", path(&self.issues)])
    }

    /// `sync create`.
    pub fn creating(&self, partner: &Self, encryption: &str) -> Command {
        let channel = if self.mail.is_some() { "mail" } else { "folder" };
        let mut command = self.command(&["sync", "create", &self.sync, "--channel", channel]);
        command.args(["--encryption", encryption]).arg("--handshake").arg(self.handshake());
        self.with_ends(command, partner)
    }

    /// `sync join`.
    pub fn joining(&self, partner: &Self, handshake: &Path) -> Command {
        self.with_ends(self.command(&["sync", "join", &self.sync, path(handshake)]), partner)
    }

    /// A command with what both ways to begin need.
    #[must_use]
    pub fn with_ends(&self, mut command: Command, partner: &Self) -> Command {
        command.args(["--tracker", "ours", "--project", &self.project, "--user", "ferry"]);
        match &self.mail {
            Some(mail) => command.args(&mail.options),
            None => command.arg("--exchange").arg(&self.exchange).arg("--peer").arg(&partner.exchange),
        };
        command
    }

    /// Makes a configuration from the real schema and hands it in with this
    /// verb, `publish` or `adopt`.
    pub fn configure(&self, verb: &str) {
        let text = self.ferry(&["config", "example", &self.sync]);
        let file = self.home.with_extension("toml");
        std::fs::write(&file, text).expect("a directory of our own can be written");
        self.ferry(&["config", verb, &self.sync, path(&file)]);
    }

    /// From nothing to two running sides, by `run --once` alone.
    pub fn connect(&self, partner: &Self, encryption: &str) {
        let handshake = self.create(partner, encryption);
        partner.join(self, &handshake);
        let rounds = |count: u32| (0..count).for_each(|_| drop((partner.run_once(), self.run_once())));
        rounds(3);
        self.configure("publish");
        self.run_once();
        partner.run_once();
        partner.configure("adopt");
        rounds(2);
        partner.ferry(&["sync", "start", &partner.sync]);
        self.ferry(&["sync", "start", &self.sync]);
    }
}

/// Runs a command that must succeed.
fn must(command: &mut Command) {
    let ended = process::run(command);
    assert!(ended.status.success(), "{command:?}: {:?}\n{}{}", ended.status, ended.stdout, ended.stderr);
}

/// A path as an argument.
pub fn path(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

/// A daemon. It is killed when it is dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

/// Lines of a log that say why a process ended.
const LAST_LINES: usize = 20;

impl Daemon {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, where it ended by itself: nobody told it to.
    pub fn ended(&mut self) -> Option<String> {
        self.child.try_wait().expect("it is our child").map(|status| self.obituary(status))
    }

    /// Kills it.
    ///
    /// # Errors
    /// How it ended, where it had ended by itself before.
    pub fn kill(mut self) -> Result<(), String> {
        // One that has ended can't be killed; its status says so.
        self.child.kill().ok();
        let status = self.child.wait().expect("it is our child");
        if status.signal() == Some(SIGKILL) { Ok(()) } else { Err(self.obituary(status)) }
    }

    fn obituary(&self, status: ExitStatus) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
        format!("it ended by itself, with {status}; its log ends:\n{last}")
    }
}

/// The signal that nobody can turn away.
const SIGKILL: i32 = 9;

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Whether no mail waits in a queue of Postfix: it makes folders in one for what it
/// has put off once. A file that nobody may execute was cut off while it was
/// written, and never leaves (cleanup(8)).
fn is_empty(queue: &Path) -> bool {
    std::fs::read_dir(queue).is_ok_and(|files| {
        files.into_iter().all(|file| {
            let Ok((path, metadata)) = file.and_then(|file| Ok((file.path(), file.metadata()?))) else { return true };
            if metadata.is_dir() { is_empty(&path) } else { metadata.permissions().mode() & 0o100 == 0 }
        })
    })
}
