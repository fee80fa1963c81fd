#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::clock::SystemClock;
use crate::random::SystemRandom;

struct Ground {
    temporary: TempDir,
    granted: Granted,
    blobs: Blobs,
}

impl Ground {
    fn new() -> Self {
        let temporary = TempDir::new().unwrap();
        fs::create_dir(temporary.path().join("granted")).unwrap();
        fs::write(temporary.path().join("secret"), "outside").unwrap();
        let granted =
            Granted::open(&temporary.path().join("granted"), Arc::new(SystemClock::new()), Arc::new(SystemRandom))
                .unwrap();
        let blobs = Blobs::new(temporary.path().join("blobs"), Arc::new(SystemRandom));
        Self { temporary, granted, blobs }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temporary.path().join("granted").join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn apply(&mut self, changes: &[Change]) -> Vec<Result<Stamp, FileFault>> {
        self.granted.apply(changes, &self.blobs)
    }

    fn stamp(&self, name: &str) -> u64 {
        self.granted.read(&[name.to_owned()])[0].as_ref().unwrap().0.changed_ns
    }

    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn write(name: &str, text: &str, expected: Expectation) -> Change {
    Change::Write { name: name.to_owned(), content: Content::Bytes(text.into()), expected }
}

fn remove(name: &str, expected: Expectation) -> Change {
    Change::Remove { name: name.to_owned(), expected }
}

#[test]
fn what_is_written_is_there_with_its_stamp_and_nothing_else() {
    let mut ground = Ground::new();
    let answers = ground
        .apply(&[write("a.md", "one", Expectation::Absent), write("folder/inside/b.bin", "two", Expectation::Any)]);
    assert_eq!(answers[0].as_ref().unwrap().changed_ns, ground.stamp("a.md"));
    assert_eq!(ground.text("folder/inside/b.bin"), "two");
    assert_eq!(ground.left(), ["a.md", "folder"]);
}

#[test]
fn a_batch_beyond_the_single_syncs_works_alike() {
    let mut ground = Ground::new();
    let changes: Vec<_> = (0..300).map(|n| write(&format!("d{}/f{n}", n % 7), "x", Expectation::Absent)).collect();
    assert!(ground.apply(&changes).iter().all(Result::is_ok));
    assert_eq!(ground.granted.count("d0", "").unwrap(), 43);
}

#[test]
fn an_expectation_that_does_not_hold_changes_nothing() {
    let mut ground = Ground::new();
    fs::write(ground.path("a"), "person").unwrap();
    let stamp = ground.stamp("a");
    let answers = ground.apply(&[
        write("a", "ferry", Expectation::Absent),
        write("a", "ferry", Expectation::Unchanged(stamp + 1)),
        write("b", "ferry", Expectation::Unchanged(stamp)),
        remove("a", Expectation::Unchanged(stamp - 1)),
    ]);
    assert!(answers.iter().all(|answer| *answer == Err(FileFault::Changed)), "{answers:?}");
    assert_eq!(ground.text("a"), "person");
    assert_eq!(ground.left(), ["a"]);
}

#[test]
fn an_unchanged_file_is_replaced_and_keeps_its_mode() {
    let mut ground = Ground::new();
    fs::write(ground.path("a"), "before").unwrap();
    fs::set_permissions(ground.path("a"), fs::Permissions::from_mode(0o640)).unwrap();
    let stamp = ground.stamp("a");
    let answer = ground.apply(&[write("a", "after", Expectation::Unchanged(stamp))]);
    assert_eq!(answer[0].as_ref().unwrap().changed_ns, ground.stamp("a"));
    assert_eq!(ground.text("a"), "after");
    assert_eq!(fs::metadata(ground.path("a")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(ground.left(), ["a"]);
}

#[test]
fn removing_and_moving() {
    let mut ground = Ground::new();
    fs::write(ground.path("a"), "a").unwrap();
    fs::write(ground.path("b"), "b").unwrap();
    fs::create_dir(ground.path("full")).unwrap();
    fs::write(ground.path("full/c"), "c").unwrap();
    let stamp = ground.stamp("a");
    let moved = |name: &str, to: &str| Change::Rename { name: name.to_owned(), to: to.to_owned() };
    let answers = ground.apply(&[
        remove("a", Expectation::Unchanged(stamp)),
        moved("b", "new/d"),
        moved("full", "new/d"),
        remove("full", Expectation::Any),
        remove("nothing", Expectation::Any),
    ]);
    assert_eq!(answers[0], Ok(Stamp::default()));
    assert_eq!(answers[1].as_ref().unwrap().changed_ns, ground.stamp("new/d"));
    assert_eq!(answers[2], Err(FileFault::Changed));
    assert!(matches!(answers[3], Err(FileFault::Other(_))));
    assert_eq!(answers[4], Err(FileFault::NotFound));
    assert_eq!(ground.left(), ["full", "new"]);
}

#[test]
fn no_name_leads_outside() {
    let mut ground = Ground::new();
    symlink(ground.temporary.path(), ground.path("up")).unwrap();
    symlink(ground.temporary.path().join("secret"), ground.path("link")).unwrap();
    for name in ["../secret", "/etc/passwd", "", ".", "a/../../secret", "a//b", "a\0b"] {
        assert!(matches!(ground.granted.read(&[name.to_owned()])[0], Err(FileFault::InvalidName(_))), "{name:?}");
        let answers = ground.apply(&[write(name, "x", Expectation::Any), remove(name, Expectation::Any)]);
        assert!(answers.iter().all(|answer| matches!(answer, Err(FileFault::InvalidName(_)))), "{name:?}");
    }
    for name in ["up/secret", "link"] {
        assert_eq!(ground.granted.read(&[name.to_owned()])[0], Err(FileFault::NotFound), "{name}");
        let answers = ground.apply(&[write(name, "x", Expectation::Any), remove(name, Expectation::Any)]);
        assert!(answers.iter().all(Result::is_err), "{name}: {answers:?}");
    }
    assert!(ground.granted.entries("up", None, None, 10).is_err());
    assert!(ground.granted.entries("", None, None, 10).unwrap().is_empty(), "links are left out");
    assert_eq!(fs::read_to_string(ground.temporary.path().join("secret")).unwrap(), "outside");
}

#[test]
fn entries_come_in_pages_and_by_time_of_change() {
    let mut ground = Ground::new();
    for name in ["b", "a", "d", "c"] {
        fs::write(ground.path(name), name).unwrap();
    }
    fs::create_dir(ground.path("e")).unwrap();
    let names = |entries: Vec<Entry>| entries.into_iter().map(|entry| entry.name).collect::<Vec<_>>();
    assert_eq!(names(ground.granted.entries("", None, None, 3).unwrap()), ["a", "b", "c"]);
    // The second page is of the first one's look.
    fs::write(ground.path("cc"), "").unwrap();
    assert_eq!(names(ground.granted.entries("", None, Some("c"), 3).unwrap()), ["d", "e"]);
    assert_eq!(names(ground.granted.entries("", None, None, 9).unwrap()), ["a", "b", "c", "cc", "d", "e"]);
    let newest = fs::metadata(ground.path("cc")).map(|m| std::os::unix::fs::MetadataExt::ctime_nsec(&m)).is_ok();
    assert!(newest);
    let stamp = ground.stamp("cc");
    assert!(names(ground.granted.entries("", Some(stamp), None, 9).unwrap()).contains(&"cc".to_owned()));
    assert!(ground.granted.entries("", Some(stamp + 1_000_000_000), None, 9).unwrap().is_empty());
    assert!(matches!(ground.granted.entries("none", None, None, 1), Err(FileFault::NotFound)));
}

#[test]
fn files_are_counted_by_suffix() {
    let ground = Ground::new();
    for name in ["a.md", "b.md", "c.txt", ".ferry-1.tmp"] {
        fs::write(ground.path(name), "").unwrap();
    }
    fs::create_dir(ground.path("d.md")).unwrap();
    symlink(ground.path("a.md"), ground.path("e.md")).unwrap();
    assert_eq!(ground.granted.count("", ".md").unwrap(), 2);
    assert_eq!(ground.granted.count("", "").unwrap(), 3);
}

#[test]
fn content_travels_by_blobs_both_ways() {
    let mut ground = Ground::new();
    fs::write(ground.path("a"), vec![3; 100_000]).unwrap();
    let blob = ground.granted.into_blob("a", &ground.blobs).unwrap();
    let change = Change::Write { name: "b".to_owned(), content: Content::Blob(blob), expected: Expectation::Absent };
    assert!(ground.apply(&[change])[0].is_ok());
    assert_eq!(fs::read(ground.path("b")).unwrap(), vec![3; 100_000]);
    let gone =
        Change::Write { name: "c".to_owned(), content: Content::Blob("0".repeat(32)), expected: Expectation::Any };
    assert!(ground.apply(&[gone])[0].is_err());
    assert_eq!(ground.left(), ["a", "b"]);
}

#[test]
fn what_is_too_large_is_not_read_whole() {
    let ground = Ground::new();
    let file = File::create(ground.path("a")).unwrap();
    file.set_len(READ_BYTES_MAX + 1).unwrap();
    assert_eq!(ground.granted.read(&["a".to_owned()])[0], Err(FileFault::TooLarge(READ_BYTES_MAX + 1)));
}

#[test]
fn a_pipe_does_not_make_us_wait() {
    let ground = Ground::new();
    let mode = Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, ground.path("pipe"), FileType::Fifo, mode, 0).unwrap();
    assert_eq!(ground.granted.read(&["pipe".to_owned()])[0], Err(FileFault::NotFound));
}

#[test]
fn what_a_crash_left_is_swept_when_it_is_old() {
    #[derive(Debug)]
    struct Later(SystemClock);
    impl Clock for Later {
        fn now(&self) -> std::time::Duration {
            self.0.now() + std::time::Duration::from_secs(7200)
        }
        fn monotonic(&self) -> std::time::Duration {
            self.0.monotonic()
        }
    }
    let mut ground = Ground::new();
    fs::write(ground.path(".ferry-0.tmp"), "half").unwrap();
    assert!(ground.granted.entries("", None, None, 9).unwrap().is_empty());
    assert_eq!(ground.left(), [".ferry-0.tmp"], "it may be somebody's who is at work");
    let clock = Arc::new(Later(SystemClock::new()));
    ground.granted = Granted::open(&ground.path(""), clock, Arc::new(SystemRandom)).unwrap();
    ground.granted.entries("", None, None, 9).unwrap();
    assert!(ground.left().is_empty());
}
