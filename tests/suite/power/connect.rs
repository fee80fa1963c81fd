//! The power goes while two sides are being connected. Whoever typed the command
//! that was cut off types it again, and nothing that was done before; then both
//! get in step, nothing half-made is left, and no secret lay open.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ferry_tests::local::{self, Shown};
use ferry_tests::office::{Office, path};
use ferry_tests::process::{self, Ended};

use super::journal::{Event, Lie, Loss, Luck};
use super::watch::Watch;
use super::{DISKS, ROUNDS_MAX, empty};

/// Losses of power in `make test`; `FERRY_POWER_LOSSES` asks for others.
const LOSSES: usize = 60;

/// What people type, with the side that does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Track(usize),
    Create,
    Join,
    Run(usize),
    Publish,
    Adopt,
    Start(usize),
}

use Step::{Adopt, Create, Join, Publish, Run, Start, Track};

const STEPS: [Step; 18] = [
    Track(0),
    Create,
    Track(1),
    Join,
    Run(1),
    Run(0),
    Run(1),
    Run(0),
    Publish,
    Run(0),
    Run(1),
    Adopt,
    Run(1),
    Run(0),
    Start(1),
    Start(0),
    Run(0),
    Run(1),
];

impl Step {
    /// Whose people type it.
    fn side(self) -> usize {
        match self {
            Create | Publish => 0,
            Join | Adopt => 1,
            Track(side) | Run(side) | Start(side) => side,
        }
    }
}

/// What lies beside the homes: handshake files, configurations.
const BESIDE: [[&str; 2]; 2] =
    [["home-acme.handshake", "home-acme.toml"], ["home-globex.handshake", "home-globex.toml"]];

struct World {
    place: tempfile::TempDir,
    offices: [Office; 2],
    watch: Watch,
    /// Where in the journal each step begins.
    begins: Vec<usize>,
    expected: Vec<Shown>,
}

fn offices(place: &Path) -> [Office; 2] {
    let acme = Office::new(place, "acme", "globex", "ACME");
    let globex = Office::new(place, "globex", "acme", "GLX");
    for (office, title) in [(&acme, "Ours"), (&globex, "Theirs")] {
        std::fs::write(office.issues.join("one.md"), format!("# {title}\n\nText.\n")).unwrap();
    }
    [acme, globex]
}

/// All of it once, watched.
fn world() -> Option<World> {
    let place = tempfile::tempdir().unwrap();
    let offices = offices(place.path());
    // What a configuration holds is known from another pair alike.
    let elsewhere = tempfile::tempdir().unwrap();
    let like = self::offices(elsewhere.path());
    like[0].connect(&like[1], "modern");
    like[0].settle(&like[1]);
    let expected = local::shown(&like[0].issues);
    assert_eq!(expected.len(), 2, "{expected:#?}");
    for (office, like) in offices.iter().zip(&like) {
        std::fs::copy(like.home.with_extension("toml"), office.home.with_extension("toml")).unwrap();
    }
    let mut world = World { watch: Watch::new(place.path()), place, offices, begins: Vec::new(), expected };
    for step in STEPS {
        world.begins.push(world.watch.journal.events.len());
        match world.watch.run(&world.command(step)) {
            Ok(code) => assert_eq!(code, 0, "{step:?}"),
            Err(error) => {
                ferry_tests::skipped(&format!("processes can't be watched here: {error}"));
                return None;
            }
        }
    }
    world.rest().unwrap();
    Some(world)
}

/// A loss of power that is tried.
#[derive(Clone, Copy, Debug)]
struct Trial {
    loss: Loss,
    /// Which step it cuts off.
    step: usize,
    /// Whose machine it strikes; the other one's process is killed.
    struck: usize,
}

impl World {
    fn command(&self, step: Step) -> std::process::Command {
        let [acme, globex] = &self.offices;
        let office = &self.offices[step.side()];
        let configure =
            |verb| office.command(&["config", verb, &office.sync, path(&office.home.with_extension("toml"))]);
        match step {
            Track(_) => office.adding(),
            Create => acme.creating(globex, "modern"),
            Join => globex.joining(acme, &acme.handshake()),
            Run(_) => office.command(&["run", "--once"]),
            Publish => configure("publish"),
            Adopt => configure("adopt"),
            Start(_) => office.command(&["sync", "start", &office.sync]),
        }
    }

    /// Beside all syncs and names, as in the other world.
    fn trials(&self) -> Vec<Trial> {
        let events = &self.watch.journal.events;
        let tells = |event: Option<&Event>| !matches!(event, Some(Event::Written { .. } | Event::Cut { .. }) | None);
        let mut trials = Vec::new();
        for at in (self.begins[0] + 1..=events.len()).filter(|at| tells(events.get(*at)) || tells(events.get(at - 1))) {
            let step = self.begins.iter().rposition(|begins| *begins < at).unwrap();
            let works = STEPS[step].side();
            for luck in [Luck::Nothing, Luck::Names, Luck::Contents, Luck::Some(at as u64), Luck::Everything] {
                for struck in [works, 1 - works] {
                    trials.push(Trial { loss: Loss { at, luck, lie: Lie::None }, step, struck });
                }
            }
        }
        trials
    }

    fn try_loss(&self, trial: Trial) -> Result<(), String> {
        let root = self.place.path();
        let struck = [DISKS[trial.struck].as_slice(), &BESIDE[trial.struck]].concat();
        empty(root, |_| true);
        self.watch.journal.write(&self.watch.journal.disk(trial.loss, &struck), root, |_| true);
        private(root, false)?;
        self.again(STEPS[trial.step])?;
        for step in &STEPS[trial.step + 1..] {
            self.ready(*step)?;
            let ended = process::run(&mut self.command(*step));
            done(*step, &ended)?;
        }
        self.rest()?;
        self.offices.iter().try_for_each(left)
    }

    /// Types the command again that was cut off; it may have been done.
    fn again(&self, step: Step) -> Result<(), String> {
        let office = &self.offices[step.side()];
        let ended = process::run(self.command(step).arg("--yes"));
        let (failed, advice) = match done(step, &ended) {
            Ok(()) => return Ok(()),
            Err(failed) => (failed, &ended.stderr),
        };
        let known = office.try_ferry(&["sync", "status", &office.sync]);
        let there = match step {
            Track(_) => advice.contains("there is a tracker ours already"),
            Create if advice.contains("sync invite globex --handshake FILE`") => {
                let file = office.handshake();
                let invited = office.try_ferry(&["--yes", "sync", "invite", "globex", "--handshake", path(&file)]);
                return done(step, &invited);
            }
            Join => advice.contains("joined with the file already") && known.code() == Some(0),
            Publish | Adopt | Start(_) => known.code() == Some(0),
            Create | Run(_) => false,
        };
        if there { Ok(()) } else { Err(failed) }
    }

    /// Both run until a command's turn has come, as `sync status` says.
    fn ready(&self, step: Step) -> Result<(), String> {
        let (field, value) = match step {
            Publish => ("connection", "passed"),
            Adopt => ("agreement", "update-required"),
            Start(_) => ("agreement", "adopted"),
            Track(_) | Create | Join | Run(_) => return Ok(()),
        };
        let office = &self.offices[step.side()];
        for _ in 0..ROUNDS_MAX {
            if office.status()[field] == value {
                return Ok(());
            }
            self.round()?;
        }
        Err(format!("{step:?} is never ready: {}", office.status()))
    }

    fn round(&self) -> Result<(), String> {
        [1, 0].into_iter().try_for_each(|side| done(Run(side), &process::run(&mut self.command(Run(side)))))
    }

    fn rest(&self) -> Result<(), String> {
        for _ in 0..ROUNDS_MAX {
            self.round()?;
            if self.offices.iter().all(|office| local::shown(&office.issues) == self.expected) {
                return Ok(());
            }
        }
        let stands = self.offices.iter().map(|office| office.status().to_string());
        Err(format!("after {ROUNDS_MAX} rounds: {}", stands.collect::<Vec<_>>().join("\n")))
    }

    fn describe(&self, trial: Trial) -> String {
        let event = |at: usize| self.watch.journal.events.get(at).map(Event::words);
        let at = trial.loss.at;
        let step = STEPS[trial.step];
        format!("{step:?}: {trial:?}, after {:?}, before {:?}", event(at - 1), event(at))
    }
}

fn done(step: Step, ended: &Ended) -> Result<(), String> {
    match ended.code() {
        Some(0) => Ok(()),
        code => Err(format!("{step:?}: {code:?} {}{}", ended.stdout, ended.stderr)),
    }
}

/// Whether nobody else can read what a home holds, or a handshake file.
fn private(folder: &Path, within: bool) -> Result<(), String> {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (name, metadata) = (entry.file_name().into_string().unwrap(), entry.metadata().unwrap());
        let within = within || name.starts_with("home-") && metadata.is_dir() || name.contains(".handshake");
        let closed = metadata.permissions().mode() & 0o077 == 0;
        if metadata.is_dir() && !closed {
            private(&entry.path(), within)?;
        } else if metadata.is_file() && within && !closed {
            return Err(format!("{} can be read by others", entry.path().display()));
        }
    }
    Ok(())
}

/// Whether a home holds its one synchronization and nothing that was begun
/// beside it.
fn left(office: &Office) -> Result<(), String> {
    let entries = std::fs::read_dir(office.home.join("sync")).unwrap();
    let folders: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let mark = office.home.join("sync").join(&office.sync).join("unfinished");
    if folders == [office.sync.as_str()] { Ok(()) } else { Err(format!("{folders:?} in {}", office.home.display())) }?;
    if mark.exists() { Err(format!("{} is left", mark.display())) } else { Ok(()) }
}

#[test]
fn a_command_that_was_cut_off_while_connecting_is_given_again_and_leads_on() {
    let Some(world) = world() else { return };
    let all = world.trials();
    let wanted = std::env::var("FERRY_POWER_LOSSES").map_or(LOSSES, |wanted| wanted.parse().unwrap());
    // Each place has 10: so each kind comes to its turn.
    let step = (all.len().div_ceil(wanted)..).find(|step| step % 2 != 0 && step % 5 != 0).unwrap();
    let mut lost = Vec::new();
    let mut tried = 0;
    for trial in all.iter().step_by(step) {
        tried += 1;
        if let Err(what) = world.try_loss(*trial) {
            lost.push(format!("{}: {what}", world.describe(*trial)));
        }
    }
    let text = format!("POWER {tried} losses of {} while connecting: {} led nowhere\n", all.len(), lost.len());
    std::io::stderr().write_all(text.as_bytes()).ok();
    assert!(lost.is_empty(), "{}", lost.join("\n\n"));
}
