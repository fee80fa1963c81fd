//! The first synchronization, typed from the README.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ferry_tests::mail_servers::{ACME, GLOBEX, MailServers, PASSWORD};
use ferry_tests::{office, process, tree};

/// How long a person waits before typing a line again.
const PATIENCE: Duration = Duration::from_secs(30);

/// A block of the README that a test types.
fn block(number: usize) -> Vec<String> {
    let readme = std::fs::read_to_string(tree::root().join("README.md")).unwrap();
    let rest = readme.split("```sh\n").nth(1 + number).expect("the README has a block to type");
    let (block, _) = rest.split_once("\n```").unwrap();
    block.lines().map(str::to_owned).collect()
}

/// A shell that a person types into.
struct Shell {
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<String>,
}

impl Shell {
    fn new(place: &Path) -> Self {
        let binary = office::binary();
        let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.current_dir(place).env("PATH", path).env_remove("FERRY_HOME");
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (sender, screen) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { keyboard: child.stdin.take().unwrap(), child, screen }
    }

    /// Types a line; answers what it printed, and how it ended.
    fn types(&mut self, line: &str) -> (Vec<String>, i32) {
        writeln!(self.keyboard, "{line}\necho \"=== $?\"").unwrap();
        let mut printed = Vec::new();
        loop {
            let line = self.screen.recv_timeout(PATIENCE).expect("the line never ends");
            match line.strip_prefix("=== ") {
                Some(code) => return (printed, code.parse().unwrap()),
                None => printed.push(line),
            }
        }
    }

    /// Types a line that has to work. Where the partner's answer is still on
    /// its way, the command says so (3): a person waits a moment and types it
    /// again.
    fn must(&mut self, line: &str) -> Vec<String> {
        process::wait_for(line, PATIENCE, || match self.types(line) {
            (printed, 0) => Some(printed),
            (_, 3) => None,
            (printed, code) => panic!("{line}: {code}\n{}", printed.join("\n")),
        })
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // The daemons are children of this shell, named by their ids.
        writeln!(self.keyboard, "kill $DAEMONS").ok();
        writeln!(self.keyboard, "wait; exit").ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_first_synchronization_works_as_the_readme_types_it() {
    type_it(&block(0));
}

#[test]
fn the_first_synchronization_by_mail_works_as_the_readme_types_it() {
    let Some(servers) = MailServers::up(22, &[]) else { return };
    let place = |scheme: &str| servers.place(scheme).to_string();
    let password = format!("--receive-password env:PASSWORD --ca {}", office::path(&servers.authority()));
    let mut lines = vec![format!("export PASSWORD={PASSWORD}")];
    lines.extend(block(1).into_iter().map(|line| {
        line.replace("ferry@acme.example", ACME)
            .replace("ferry@globex.example", GLOBEX)
            .replace("imaps://mail.acme.example", &place("imaps"))
            .replace("imaps://mail.globex.example", &place("imaps"))
            .replace("smtps://mail.acme.example", &place("smtps"))
            .replace("smtp+starttls://mail.globex.example", &place("smtp+starttls"))
            .replace("--receive-password prompt", &password)
    }));
    assert!(!lines.iter().any(|line| line.contains(".example")), "{lines:?}");
    type_it(&lines);
}

/// Types the lines, and looks whether the issue is at the partner's and an edit
/// comes back.
fn type_it(lines: &[String]) {
    let place = tempfile::tempdir().unwrap();
    let mut shell = Shell::new(place.path());
    shell.must("DAEMONS=");
    assert!(lines.len() > 10, "the block is short: {lines:?}");
    let mut listed = Vec::new();
    for line in lines {
        // Two daemons begin in one line; to end them, each is noted.
        let noted = line.replace("run &", "run >/dev/null 2>&1 & DAEMONS=\"$DAEMONS $!\";");
        listed = shell.must(&noted);
        if line.contains("sync status") {
            // A person looks again until the phrase is there.
            process::wait_for("the same phrase on both", PATIENCE, || {
                let shown = shell.must(&noted);
                let phrases: Vec<&String> = shown.iter().filter(|line| line.starts_with("phrase")).collect();
                (phrases.len() == 2 && phrases[0] == phrases[1]).then_some(())
            });
        }
    }
    let last = lines.last().unwrap();
    if listed.is_empty() {
        listed = process::wait_for(last, PATIENCE, || Some(shell.must(last)).filter(|listed| !listed.is_empty()));
    }
    assert_eq!(listed, ["GLX-1.md"]);
    let text = std::fs::read_to_string(place.path().join("globex/GLX-1.md")).unwrap();
    assert!(text.contains("# The build is red on Mondays"), "{text}");

    // What the README says next: an edit with any editor goes back.
    ferry_tests::local::edit(&place.path().join("globex/GLX-1.md"), |text| text.replace("Mondays", "Fridays"));
    let home = || std::fs::read_to_string(place.path().join("acme/first.md")).ok();
    process::wait_for("the edit to come back", PATIENCE, || home().filter(|text| text.contains("Fridays")));
}
