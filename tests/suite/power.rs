//! The power goes while `ferry` works: of what it did to the disk only what it
//! synced is left, and what luck adds. Both sides go on from there as if it
//! hadn't, whether the partner saw what was lost or not.
//!
//! The real binary works over real folders, and is watched at each call to the
//! kernel: store, blobs, parcels and the issues' files alike. From what it did
//! the disks are made that it could have left.

mod connect;
mod journal;
mod watch;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use ferry_tests::local::{self, Shown};
use ferry_tests::office::Office;

use journal::{Event, Lie, Loss, Luck};
use watch::Watch;

/// Losses of power in `make test`; `FERRY_POWER_LOSSES` asks for others.
const LOSSES: usize = 150;
/// Rounds after which both sides must have come to rest.
const ROUNDS_MAX: usize = 20;

/// Two organisations, and all that both did to their disks.
struct World {
    place: tempfile::TempDir,
    offices: [Office; 2],
    watch: Watch,
    /// Which of them worked, from which event on.
    turns: Vec<(usize, usize)>,
    expected: Vec<Shown>,
}

/// A loss of power that is tried.
#[derive(Clone, Copy, Debug)]
struct Trial {
    loss: Loss,
    /// Whose machine it strikes.
    struck: usize,
    /// The partner takes everything that it sees, just before.
    witnessed: bool,
}

/// What lies on the disk of each.
const DISKS: [[&str; 3]; 2] = [["acme", "home-acme", "box-acme"], ["globex", "home-globex", "box-globex"]];

/// Both sides' people work; then both processes run in turn, and are watched.
fn world() -> Option<World> {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    for number in 0..3 {
        std::fs::write(acme.issues.join(format!("old {number}.md")), format!("# Old {number}\n\nText.\n")).unwrap();
    }
    acme.settle(&globex);
    let file = |office: &Office, title: &str| local::find_titled(&office.issues, title).unwrap();
    local::retitle(&file(&acme, "Old 0"), "Old 0, edited");
    local::edit(&file(&globex, "Old 1"), |text| text.replace("Text.", "Other text."));
    local::edit(&file(&globex, "Old 2"), |text| {
        format!("{text}\n<!-- ferry comment by=\"Ben\" at=\"2026-03-01T09:00:00.000Z\" -->\nIt drips.\n")
    });
    // More than are synced one by one.
    for number in 0..6 {
        std::fs::write(acme.issues.join(format!("new {number}.md")), format!("# New {number}\n")).unwrap();
    }
    std::fs::write(globex.issues.join("theirs.md"), "# Theirs\n").unwrap();
    let attachments = file(&acme, "Old 2").with_extension("");
    std::fs::create_dir_all(&attachments).unwrap();
    let large: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(attachments.join("photo"), large).unwrap();

    let mut watch = Watch::new(place.path());
    let offices = [acme, globex];
    let mut turns = Vec::new();
    for turn in 0..8 {
        let who = turn % 2;
        turns.push((watch.journal.events.len(), who));
        match watch.run(&offices[who].command(&["run", "--once"])) {
            Ok(code) => assert_eq!(code, 0, "turn {turn}"),
            Err(error) => {
                ferry_tests::skipped(&format!("processes can't be watched here: {error}"));
                return None;
            }
        }
    }
    // As after a loss: rest alone says nothing.
    for _ in 0..ROUNDS_MAX {
        offices[0].settle(&offices[1]);
        if local::shown(&offices[0].issues) == local::shown(&offices[1].issues) {
            break;
        }
    }
    local::assert_equal(&offices[0].issues, &offices[1].issues);
    let expected = local::shown(&offices[0].issues);
    assert_eq!(expected.len(), 10, "{expected:#?}");
    Some(World { place, offices, watch, turns, expected })
}

impl World {
    /// All losses beside syncs and names: between two such events nothing is
    /// saved, and nothing announced.
    fn trials(&self) -> Vec<Trial> {
        let events = &self.watch.journal.events;
        let tells = |event: Option<&Event>| !matches!(event, Some(Event::Written { .. } | Event::Cut { .. }) | None);
        let first = self.turns[0].0;
        let mut trials = Vec::new();
        for at in (first..=events.len()).filter(|at| tells(events.get(*at)) || tells(events.get(at - 1))) {
            let works = self.turns.iter().rev().find(|(from, _)| *from < at.max(first + 1)).unwrap().1;
            for luck in [Luck::Nothing, Luck::Names, Luck::Contents, Luck::Some(at as u64), Luck::Everything] {
                for (struck, witnessed) in [(works, false), (works, true), (1 - works, false)] {
                    trials.push(Trial { loss: Loss { at, luck, lie: Lie::None }, struck, witnessed });
                }
            }
        }
        trials
    }

    /// Lets the power go, and everybody go on; what is wrong then.
    fn try_loss(&self, trial: Trial) -> Result<(), String> {
        let (root, journal) = (self.place.path(), &self.watch.journal);
        let struck = &DISKS[trial.struck];
        let lost = journal.disk(trial.loss, struck);
        empty(root, |_| true);
        if trial.witnessed {
            let all = Loss { luck: Luck::Everything, lie: Lie::None, ..trial.loss };
            journal.write(&journal.disk(all, struck), root, |_| true);
            run(&self.offices[1 - trial.struck])?;
            empty(root, |name| struck.contains(&name));
            journal.write(&lost, root, |name| struck.contains(&name));
        } else {
            journal.write(&lost, root, |_| true);
        }
        sound(&self.offices[trial.struck])?;
        // What came a moment ago may be left alone for that long: rest alone says nothing.
        for _ in 0..ROUNDS_MAX {
            let sent = run(&self.offices[0])? + run(&self.offices[1])?;
            if sent == 0 && self.offices.iter().all(|office| local::shown(&office.issues) == self.expected) {
                return self.refused();
            }
        }
        let shown: Vec<_> = self.offices.iter().map(|office| self.difference(office)).collect();
        Err(format!("after {ROUNDS_MAX} rounds: {}", shown.join(", ")))
    }

    fn refused(&self) -> Result<(), String> {
        let refused: Vec<_> = self.offices.iter().flat_map(Office::quarantine).collect();
        if refused.is_empty() { Ok(()) } else { Err(format!("refused: {refused:?}")) }
    }

    fn difference(&self, office: &Office) -> String {
        let shown = local::shown(&office.issues);
        let lacks: Vec<_> = self.expected.iter().filter(|issue| !shown.contains(issue)).collect();
        let others: Vec<_> = shown.iter().filter(|issue| !self.expected.contains(issue)).collect();
        format!("{} lacks {lacks:#?} and shows {others:#?}", office.project)
    }

    fn describe(&self, trial: Trial) -> String {
        let event = |at: usize| self.watch.journal.events.get(at).map(Event::words);
        let at = trial.loss.at;
        format!("{trial:?}, after {:?}, before {:?}", event(at - 1), event(at))
    }
}

/// Removes what is in a folder.
fn empty(folder: &Path, which: impl Fn(&str) -> bool) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if !which(entry.file_name().to_str().unwrap()) {
        } else if entry.file_type().unwrap().is_dir() {
            std::fs::remove_dir_all(entry.path()).unwrap();
        } else {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
}

/// `run --once`; what it sent.
fn run(office: &Office) -> Result<u64, String> {
    let ended = office.try_ferry(&["--json", "run", "--once"]);
    let round: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap_or_default();
    match (ended.code(), round[0]["sent"].as_u64()) {
        (Some(0), Some(sent)) => Ok(sent),
        _ => Err(format!("{}: run --once: {:?} {}{}", office.project, ended.code(), ended.stdout, ended.stderr)),
    }
}

/// Whether SQLite finds nothing wrong with a side's stores, looked at in a copy.
fn sound(office: &Office) -> Result<(), String> {
    let copies = tempfile::tempdir().unwrap();
    for store in [office.home.join("sync").join(&office.sync), office.home.join("trackers/ours")] {
        let copy = copies.path().join("store.db");
        for file in ["store.db", "store.db-wal"] {
            std::fs::remove_file(copies.path().join(file)).ok();
            std::fs::copy(store.join(file), copies.path().join(file)).ok();
        }
        let check = |connection: rusqlite::Connection| {
            connection.pragma_query_value(None, "integrity_check", |row| row.get::<_, String>(0))
        };
        let found = rusqlite::Connection::open(copy).and_then(check);
        if found.as_deref() != Ok("ok") {
            return Err(format!("{}: {found:?}", store.display()));
        }
    }
    Ok(())
}

#[test]
fn nothing_is_lost_or_doubled_when_the_power_goes() {
    let Some(world) = world() else { return };
    let all = world.trials();
    let wanted = std::env::var("FERRY_POWER_LOSSES").map_or(LOSSES, |wanted| wanted.parse().unwrap());
    // Each place has 15: so each kind comes to its turn.
    let step = (all.len().div_ceil(wanted)..).find(|step| step % 3 != 0 && step % 5 != 0).unwrap();
    let (mut tried, mut lost) = (BTreeMap::new(), Vec::new());
    for trial in all.iter().step_by(step) {
        *tried.entry(trial.loss.at).or_insert(0_usize) += 1;
        if let Err(what) = world.try_loss(*trial) {
            lost.push(format!("{}: {what}", world.describe(*trial)));
        }
    }
    let (events, losses) = (world.watch.journal.events.len() - world.turns[0].0, tried.values().sum::<usize>());
    let syncs = world.watch.journal.events.iter().filter(|event| event.is_sync()).count() - 1;
    // Also where the test's output is captured.
    let text = format!(
        "POWER {losses} losses of {} at {} of {events} writes, names and syncs ({syncs}): {} lost or doubled \
         something\n",
        all.len(),
        tried.len(),
        lost.len(),
    );
    std::io::stderr().write_all(text.as_bytes()).ok();
    assert!(syncs > 30 && losses > 100, "{text}");
    assert!(lost.is_empty(), "{}", lost.join("\n\n"));
}

#[test]
fn a_disk_that_only_claims_to_sync_is_noticed() {
    let Some(world) = world() else { return };
    for lie in [Lie::OfFiles, Lie::OfFolders] {
        let lied = |mut trial: Trial| {
            trial.loss.lie = lie;
            world.try_loss(trial).is_err()
        };
        let nothing_left = |trial: &Trial| trial.loss.luck == Luck::Nothing && trial.witnessed;
        assert!(world.trials().into_iter().filter(nothing_left).any(lied), "{lie:?} makes no difference");
    }
}
