//! What a component can ask of the host: names and numbers without sense, for
//! the granted folder, the exchange directory, blobs and the store. Nothing
//! outside what was granted is read or changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ferry::blobs::Blobs;
use ferry::clock::SystemClock;
use ferry::files::{Change, Content, Expectation, Granted};
use ferry::folder::{Disposition, Exchange};
use ferry::random::SystemRandom;
use ferry::runtime::FolderPlace;
use ferry::store::{Mutation, Store};

use crate::dice::Dice;

/// Names that lead elsewhere, or nowhere.
const NAMES: &[&str] = &[
    "a.md",
    "",
    ".",
    "..",
    "../outside",
    "../outside/secret",
    "/etc/passwd",
    "a/../../outside/secret",
    "link/secret",
    "folder/a.md",
    "folder/./a.md",
    "folder//a.md",
    "a\0b",
    "a.md/",
    ".hidden",
    "con",
    "a\nb",
    "link",
    "loop/x",
    "..\\outside",
    "\u{202e}a",
    "SEND/../../outside/secret",
    "done/../../outside/secret",
    "FERRY.txt",
];

/// Requests of one input.
const REQUESTS: usize = 40;

fn name(dice: &Dice) -> String {
    match dice.below(NAMES.len() + 2) {
        n if n < NAMES.len() => NAMES[n].to_owned(),
        n if n == NAMES.len() => "x".repeat(dice.of(&[254, 255, 256, 5_000])),
        _ => String::from_utf8_lossy(&(0..dice.below(12)).map(|_| dice.byte()).collect::<Vec<_>>()).into_owned(),
    }
}

/// A folder that is granted, beside one that isn't.
struct Stage {
    folder: tempfile::TempDir,
    granted: Granted,
    exchange: Exchange,
    blobs: Blobs,
    store: Arc<Store>,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for made in ["granted/folder", "outside", "state"] {
            std::fs::create_dir_all(path(made)).unwrap();
        }
        std::fs::write(path("outside/secret"), "secret").unwrap();
        std::fs::write(path("granted/a.md"), "# A").unwrap();
        std::fs::write(path("granted/folder/a.md"), "# A").unwrap();
        std::os::unix::fs::symlink(path("outside"), path("granted/link")).unwrap();
        std::os::unix::fs::symlink("loop", path("granted/loop")).unwrap();
        let (clock, random) = (Arc::new(SystemClock::new()), Arc::new(SystemRandom));
        let place = FolderPlace { settle: Duration::ZERO, ..FolderPlace::new(path("exchange")) };
        ferry::folder::prepare(&place.path, None).unwrap();
        Self {
            granted: Granted::open(&path("granted"), clock.clone(), random.clone()).unwrap(),
            exchange: Exchange::new(&place, &path("state"), clock, random.clone()),
            blobs: Blobs::new(path("blobs"), random),
            store: Store::temporary().unwrap(),
            folder,
        }
    }

    fn files(&mut self, dice: &Dice) {
        let expected = |dice: &Dice| match dice.below(3) {
            0 => Expectation::Any,
            1 => Expectation::Absent,
            _ => Expectation::Unchanged(u64::from(dice.byte())),
        };
        match dice.below(5) {
            0 => {
                let after = dice.strikes().then(|| name(dice));
                let since = dice.strikes().then_some(u64::MAX);
                drop(self.granted.entries(&name(dice), since, after.as_deref(), u32::from(dice.byte())));
            }
            1 => drop(self.granted.count(&name(dice), &name(dice))),
            2 => {
                for (_, content) in self.granted.read(&[name(dice), name(dice)]).into_iter().flatten() {
                    assert_ne!(content, b"secret", "it read what it wasn't granted");
                }
            }
            3 => {
                let content = |blob: &str| self.blobs.read(blob, 0, 100).unwrap();
                let blob = self.granted.into_blob(&name(dice), &self.blobs);
                assert!(blob.map_or(true, |blob| content(&blob) != b"secret"), "it copied what it wasn't granted");
            }
            _ => {
                let written = Content::Bytes(b"written".to_vec());
                let changes = [
                    Change::Write { name: name(dice), content: written, expected: expected(dice) },
                    Change::Rename { name: name(dice), to: name(dice) },
                    Change::Remove { name: name(dice), expected: expected(dice) },
                ];
                drop(self.granted.apply(&changes[..1 + dice.below(3)], &self.blobs));
            }
        }
    }

    fn channel(&self, dice: &Dice) {
        let exchange = &self.exchange;
        match dice.below(7) {
            0 => drop(exchange.put(&name(dice), b"written")),
            1 => drop(exchange.withdraw(&[name(dice), name(dice)])),
            2 => drop(exchange.sent(&name(dice), Some(&name(dice)), u32::MAX)),
            3 => drop(exchange.received(&name(dice), None, u32::from(dice.byte()))),
            4 => {
                let read = exchange.read(&name(dice), dice.of(&[0, 100, u64::MAX]));
                assert!(read.map_or(true, |content| content != b"secret"), "it read what isn't on the channel");
            }
            5 => {
                let disposition = dice.of(&[Disposition::Processed, Disposition::Rejected]);
                drop(exchange.dispose(&[name(dice)], disposition));
            }
            _ => drop(exchange.restore(&name(dice))),
        }
    }

    fn state(&self, dice: &Dice) {
        let (blobs, store) = (&self.blobs, &self.store);
        let blob = if dice.strikes() { blobs.create().unwrap() } else { name(dice) };
        let key = |dice: &Dice| vec![dice.byte(); dice.of(&[0, 1, 512, 513])];
        match dice.below(9) {
            0 => drop(blobs.write(&blob, dice.of(&[0, 1, u64::MAX, 1 << 62]), b"written")),
            1 => drop(blobs.sync(std::slice::from_ref(&blob))),
            2 => drop(blobs.seal(&blob)),
            3 => {
                let read = blobs.read(&blob, dice.of(&[0, 1, u64::MAX]), dice.of(&[0, 10, u32::MAX]));
                assert!(read.map_or(true, |content| content != b"secret"), "it read what is no blob");
            }
            4 => drop(blobs.remove(&blob)),
            5 => drop(blobs.names(Some(&blob), u32::MAX)),
            6 => drop(store.get(&[key(dice), key(dice)])),
            7 => drop(store.scan(&key(dice), &key(dice), u32::MAX)),
            _ => drop(store.commit(&[Mutation::Put(key(dice), key(dice)), Mutation::Delete(key(dice))])),
        }
    }
}

/// Everything below a folder, by its path; links are not followed.
fn tree(folder: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        found.push((entry.path(), kind.is_file().then(|| std::fs::read(entry.path()).unwrap())));
        if kind.is_dir() {
            found.extend(tree(&entry.path()));
        }
    }
    found.sort();
    found
}

/// The bytes are the dice of some requests.
pub fn run(input: &[u8]) {
    let dice = Dice::new(input);
    let mut stage = Stage::new();
    for _ in 0..REQUESTS {
        if dice.is_empty() {
            break;
        }
        match dice.below(3) {
            0 => stage.files(&dice),
            1 => stage.channel(&dice),
            _ => stage.state(&dice),
        }
    }
    let outside = stage.folder.path().join("outside");
    assert_eq!(tree(&outside), [(outside.join("secret"), Some(b"secret".to_vec()))], "it left what it was granted");
    let beside: Vec<_> = std::fs::read_dir(stage.folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| EXPECTED.iter().any(|known| name == known)), "{beside:?}");
}

/// What may stand beside the granted folder in the end.
const EXPECTED: &[&str] = &["granted", "outside", "state", "exchange", "blobs"];

/// Each kind of request with each name.
pub fn seeds() -> Vec<Vec<u8>> {
    let names = u8::try_from(NAMES.len()).unwrap();
    let seed = |first: u8| (0..names).flat_map(|name| [first, name / 3, name, name, 0]).collect();
    (0..3).map(seed).collect()
}
