#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use tempfile::TempDir;

use super::marker::MARKER;
use super::*;
use crate::clock::SystemClock;
use crate::random::SystemRandom;

const NAME: &str = "token-0001.ferry";

/// Two exchange directories in one folder, each receiving what the other
/// sends.
struct Pair {
    folder: TempDir,
}

impl Pair {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        prepare(&a, Some(&b)).unwrap();
        prepare(&b, Some(&a)).unwrap();
        Self { folder }
    }

    fn path(&self, rest: &str) -> PathBuf {
        self.folder.path().join(rest)
    }

    fn side(&self, name: &str) -> Exchange {
        let state = self.path(&format!("state-{name}"));
        fs::create_dir_all(&state).unwrap();
        let place = FolderPlace::new(self.path(name));
        Exchange::new(&place, &state, Arc::new(SystemClock::new()), Arc::new(SystemRandom))
    }
}

fn names(listed: &[Listed]) -> Vec<&str> {
    listed.iter().map(|listed| listed.name.as_str()).collect()
}

#[test]
fn what_one_side_puts_the_other_reads_and_moves_aside() {
    let pair = Pair::new();
    let (a, b) = (pair.side("a"), pair.side("b"));
    a.put(NAME, b"sealed").unwrap();
    a.put("other-0001.ferry", b"not ours").unwrap();
    assert_eq!(names(&a.sent("token", None, 10).unwrap()), [NAME]);

    let received = b.received("token", None, 10).unwrap();
    assert_eq!((names(&received), received[0].size), (vec![NAME], 6));
    assert_eq!(b.read(NAME, 6).unwrap(), b"sealed");
    assert_eq!(b.read(NAME, 5), Err(ChannelFault::TooLarge(5)));
    b.dispose(&[NAME.to_owned()], Disposition::Processed).unwrap();
    b.dispose(&[NAME.to_owned()], Disposition::Processed).unwrap();
    assert!(b.received("token", None, 10).unwrap().is_empty());
    assert_eq!(fs::read(pair.path("a/SEND/done").join(NAME)).unwrap(), b"sealed");
    a.withdraw(&[NAME.to_owned()]).unwrap();
}

#[test]
fn a_refused_parcel_can_be_brought_back() {
    let pair = Pair::new();
    let (a, b) = (pair.side("a"), pair.side("b"));
    a.put(NAME, b"sealed").unwrap();
    b.dispose(&[NAME.to_owned()], Disposition::Rejected).unwrap();
    assert!(b.received("token", None, 10).unwrap().is_empty());
    b.restore(NAME).unwrap();
    b.restore(NAME).unwrap();
    assert_eq!(names(&b.received("token", None, 10).unwrap()), [NAME]);
    assert_eq!(b.restore("token-0002.ferry"), Err(ChannelFault::NotFound));
}

#[test]
fn the_harm_of_a_parcel_is_forgotten_only_once_it_is_gone() {
    let pair = Pair::new();
    let (a, b) = (pair.side("a"), pair.side("b"));
    let names = ["token-0001.ferry", "token-0002.ferry", "token-0003.ferry", "token-0004.ferry"];
    for name in names {
        a.put(name, b"sealed").unwrap();
        b.did_harm(name);
    }
    // The third can't be moved, and the fourth isn't reached.
    fs::create_dir_all(pair.path("a/SEND/rejected").join(names[2])).unwrap();
    fs::remove_file(pair.path("a/SEND").join(names[1])).unwrap();
    let all: Vec<String> = names.map(str::to_owned).into();
    assert!(b.dispose(&all, Disposition::Rejected).is_err());
    let harmful = || b.harmful().unwrap().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(harmful(), names[2..]);
    fs::remove_dir(pair.path("a/SEND/rejected").join(names[2])).unwrap();
    b.dispose(&all, Disposition::Rejected).unwrap();
    assert!(harmful().is_empty());
    // Looked at again, it has all its lives.
    b.did_harm(names[2]);
    b.restore(names[2]).unwrap();
    assert!(harmful().is_empty());
}

#[test]
fn putting_the_same_again_is_no_error_and_mends_what_was_damaged() {
    let pair = Pair::new();
    let a = pair.side("a");
    a.put(NAME, b"sealed").unwrap();
    let inode = || fs::metadata(pair.path("a/SEND").join(NAME)).unwrap().ino();
    let before = inode();
    a.put(NAME, b"sealed").unwrap();
    assert_eq!(inode(), before, "nothing was written again");
    fs::write(pair.path("a/SEND").join(NAME), "half").unwrap();
    a.put(NAME, b"sealed").unwrap();
    assert_eq!(fs::read(pair.path("a/SEND").join(NAME)).unwrap(), b"sealed");
}

#[test]
fn nothing_but_the_parcel_and_the_marker_is_left_in_send() {
    let pair = Pair::new();
    pair.side("a").put(NAME, b"sealed").unwrap();
    let mut left: Vec<_> = fs::read_dir(pair.path("a/SEND")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [MARKER, NAME]);
}

#[test]
fn what_is_no_finished_parcel_is_not_listed() {
    let pair = Pair::new();
    let (a, b) = (pair.side("a"), pair.side("b"));
    a.put(NAME, b"sealed").unwrap();
    let send = pair.path("a/SEND");
    for name in ["token-1.tmp", "token-1.part", "token-1.filepart", ".token-1.ferry", "token-1.ferry~", "token (2)"] {
        fs::write(send.join(name), "x").unwrap();
    }
    fs::create_dir(send.join("token-folder")).unwrap();
    symlink(send.join(NAME), send.join("token-link.ferry")).unwrap();
    assert_eq!(names(&b.received("token", None, 10).unwrap()), [NAME]);
    assert_eq!(b.read("token-link.ferry", 100), Err(ChannelFault::NotFound));
    assert!(b.read("../SEND/x", 100).is_err());
}

#[test]
fn pages_follow_in_name_order() {
    let pair = Pair::new();
    let (a, b) = (pair.side("a"), pair.side("b"));
    for name in ["t-3", "t-1", "t-2"] {
        a.put(name, b"x").unwrap();
    }
    assert_eq!(names(&b.received("t", None, 2).unwrap()), ["t-1", "t-2"]);
    assert_eq!(names(&b.received("t", Some("t-2"), 2).unwrap()), ["t-3"]);
}

#[test]
fn a_share_that_vanished_is_a_fault_and_no_empty_directory() {
    let pair = Pair::new();
    let (a, b) = (pair.side("a"), pair.side("b"));
    a.put(NAME, b"sealed").unwrap();
    b.received("token", None, 10).unwrap();

    fs::rename(pair.path("a/SEND"), pair.path("a/elsewhere")).unwrap();
    let Err(ChannelFault::Denied(reason)) = b.received("token", None, 10) else { panic!("the link leads nowhere") };
    assert!(reason.contains("unmounted"), "{reason}");

    fs::create_dir(pair.path("a/SEND")).unwrap();
    let Err(ChannelFault::Denied(reason)) = b.received("token", None, 10) else { panic!("the folder is empty") };
    assert!(reason.contains(MARKER), "{reason}");

    fs::remove_dir(pair.path("a/SEND")).unwrap();
    fs::rename(pair.path("a/elsewhere"), pair.path("a/SEND")).unwrap();
    assert_eq!(names(&b.received("token", None, 10).unwrap()), [NAME]);
}

#[test]
fn before_anything_came_the_partner_need_not_be_there() {
    let folder = TempDir::new().unwrap();
    let exchange = folder.path().join("a");
    prepare(&exchange, Some(&folder.path().join("b"))).unwrap();
    let place = FolderPlace::new(&exchange);
    let a = Exchange::new(&place, folder.path(), Arc::new(SystemClock::new()), Arc::new(SystemRandom));
    assert!(a.received("token", None, 10).unwrap().is_empty());
    a.put(NAME, b"x").unwrap();
}

#[test]
fn our_own_send_is_not_taken_for_the_partners() {
    let folder = TempDir::new().unwrap();
    let exchange = folder.path().join("a");
    prepare(&exchange, Some(&exchange)).unwrap();
    let place = FolderPlace::new(&exchange);
    let a = Exchange::new(&place, folder.path(), Arc::new(SystemClock::new()), Arc::new(SystemRandom));
    let Err(ChannelFault::Denied(reason)) = a.received("token", None, 10) else { panic!("they are the same") };
    assert!(reason.contains("our own SEND"), "{reason}");
}

#[test]
fn old_parcels_are_pruned_from_done() {
    #[derive(Debug)]
    struct Later(SystemClock);
    impl Clock for Later {
        fn now(&self) -> Duration {
            self.0.now() + Duration::from_secs(31 * 86_400)
        }
        fn monotonic(&self) -> Duration {
            self.0.monotonic()
        }
    }
    let pair = Pair::new();
    let (a, b) = (pair.side("a"), pair.side("b"));
    a.put(NAME, b"sealed").unwrap();
    b.dispose(&[NAME.to_owned()], Disposition::Processed).unwrap();
    let done = pair.path("a/SEND/done");
    assert!(done.join(NAME).exists());
    fs::write(done.join("NOTES.TXT"), "a person's").unwrap();

    let place = FolderPlace::new(pair.path("b"));
    let clock = Arc::new(Later(SystemClock::new()));
    let b = Exchange::new(&place, &pair.path("state-b"), clock, Arc::new(SystemRandom));
    b.dispose(&[], Disposition::Processed).unwrap();
    assert!(!done.join(NAME).exists());
    assert!(done.join("NOTES.TXT").exists());
}

#[test]
fn preparing_again_changes_nothing_and_another_receive_is_not_replaced() {
    let pair = Pair::new();
    prepare(&pair.path("a"), Some(&pair.path("b"))).unwrap();
    prepare(&pair.path("a"), None).unwrap();
    let other = prepare(&pair.path("a"), Some(&pair.path("c")));
    assert!(matches!(other, Err(PrepareError::Other { .. })));

    prepare(&pair.path("d"), None).unwrap();
    fs::write(pair.path("d/RECEIVE/a-parcel"), "x").unwrap();
    assert!(prepare(&pair.path("d"), Some(&pair.path("c"))).is_err());
}
