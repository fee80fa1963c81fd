//! One trace, run natively and run in wasm: the same parcels, byte by byte,
//! and the same records in the store. Time and random bytes are the same in
//! both; everything else is the real thing.

mod native;
mod wasm;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferry_core::digest;
use ferry_tests::local;

/// Everything that a store holds.
type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// Far ahead of any file's time, so that every file has stood still: in
/// milliseconds since 1970, the year 2040.
const BEGINNING_MS: u64 = 2_208_988_800_000;
/// What a person's file is dated.
const SAVED: Duration = Duration::from_secs(1_700_000_000);

/// Which end: 0 the primary, 1 the secondary.
type End = usize;
const NAMES: [(&str, &str); 2] = [("acme", "ACME"), ("globex", "GLX")];

/// What a trace does to an engine, natively or in wasm.
trait Engines {
    fn create(&mut self) -> Vec<u8>;
    fn join(&mut self, file: &[u8]);
    fn tick(&mut self, end: End);
    fn example(&mut self, end: End) -> String;
    fn publish(&mut self, text: &str);
    fn adopt(&mut self, text: &str);
    fn start(&mut self, end: End);
    /// The parcels that lie in an end's SEND.
    fn parcels(&self, end: End) -> BTreeMap<String, Vec<u8>>;
    /// The store of an end, when all is done.
    fn store(self: Box<Self>, end: End) -> Contents;
}

/// Bytes without a pattern; another number, others.
fn noise(length: usize, number: u64) -> Vec<u8> {
    let block = |n: u64| digest::of_parts(&[&number.to_be_bytes(), &n.to_be_bytes()]).0;
    (0u64..).flat_map(block).take(length).collect()
}

/// Saves a file at a time that is the same in every run.
fn save(file: &Path, content: &[u8]) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
    date(file);
}

fn date(file: &Path) {
    let time: SystemTime = UNIX_EPOCH + SAVED;
    std::fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
}

/// The issues' folder of an end.
fn folder(place: &Path, end: End) -> PathBuf {
    place.join(NAMES[end].0)
}

/// Two trackers before Ferry has seen them.
fn trackers(place: &Path) {
    for end in 0..2 {
        local::write_tracker(&folder(place, end));
    }
    let ours = folder(place, 0);
    save(&ours.join("one.md"), b"# The build is red on Mondays\n\nSince *Monday*:\r\n\r\n    make\n");
    save(&ours.join("two.md"), "+++\nlabels = [\"näh\", \"b\"]\nreporter = \"Ann\"\n+++\n# Zwei 🙂\n".as_bytes());
    save(
        &folder(place, 1).join("three.md"),
        b"# Theirs\n\n<!-- ferry comment by=\"Ben\" at=\"2026-01-02T03:04:05Z\" -->\nA word.\n",
    );
}

/// The trace: from nothing to edits on both sides. Answers every parcel that
/// ever left, in order.
fn run(place: &Path, engines: &mut dyn Engines) -> Vec<(End, String, Vec<u8>)> {
    let mut left = Vec::new();
    let file = engines.create();
    left.push((0, "handshake".to_owned(), file.clone()));
    engines.join(&file);
    rounds(engines, 3, &mut left);
    let text = engines.example(0);
    engines.publish(&text);
    rounds(engines, 2, &mut left);
    let text = engines.example(1);
    engines.adopt(&text);
    rounds(engines, 2, &mut left);
    engines.start(1);
    engines.start(0);
    rounds(engines, 4, &mut left);
    let copy = local::find_titled(&folder(place, 1), "Zwei 🙂").unwrap();
    local::retitle(&copy, "Zwei, abroad");
    date(&copy);
    save(&folder(place, 0).join("one/noise.bin"), &noise(1_500_000, 0));
    local::retitle(&folder(place, 0).join("one.md"), "Red on Fridays");
    date(&folder(place, 0).join("one.md"));
    rounds(engines, 6, &mut left);
    left
}

fn rounds(engines: &mut dyn Engines, count: u32, left: &mut Vec<(End, String, Vec<u8>)>) {
    for _ in 0..count {
        for end in [1, 0] {
            let before = engines.parcels(end);
            engines.tick(end);
            let new = engines.parcels(end).into_iter().filter(|(name, _)| !before.contains_key(name));
            left.extend(new.map(|(name, bytes)| (end, name, bytes)));
        }
    }
}

/// Tables that hold what belongs to a machine: where the scan of a folder
/// stands (times of files), and the random names of blobs.
const OF_THE_MACHINE: &[u8] = b"SPBba";

#[test]
fn native_and_wasm_give_the_same_bytes() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    trackers(one.path());
    trackers(other.path());
    let mut wasm = wasm::Wasm::new(other.path());
    let theirs = run(other.path(), &mut wasm);
    let mut native = native::Native::new(one.path(), [wasm.seeds(0), wasm.seeds(1)]);
    let ours = run(one.path(), &mut native);
    for (place, (left, right)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!((left.0, &left.1, left.2.len()), (right.0, &right.1, right.2.len()), "parcel {place} differs");
        assert!(left.2 == right.2, "parcel {place}, {} has other bytes", left.1);
    }
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.len() > 10, "only {} parcels: the trace shows little", ours.len());
    for end in 0..2 {
        local::assert_equal(&folder(one.path(), end), &folder(other.path(), end));
    }
    local::assert_equal(&folder(one.path(), 0), &folder(one.path(), 1));
    let (native, wasm): (Box<dyn Engines>, Box<dyn Engines>) = (Box::new(native), Box::new(wasm));
    assert_stores(native.store(0), wasm.store(0));
}

fn assert_stores(mut ours: Contents, mut theirs: Contents) {
    for contents in [&mut ours, &mut theirs] {
        contents.retain(|key, _| !OF_THE_MACHINE.contains(&key[0]));
    }
    for (key, value) in &ours {
        assert!(theirs.get(key) == Some(value), "table {:?}: a record differs", char::from(key[0]));
    }
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.len() > 10);
}
