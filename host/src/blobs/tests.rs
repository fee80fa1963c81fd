#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use tempfile::TempDir;

use super::*;
use crate::random::SystemRandom;

fn blobs(folder: &TempDir) -> Blobs {
    Blobs::new(folder.path().join("blobs"), Arc::new(SystemRandom))
}

#[test]
fn chunks_written_early_or_twice_make_the_same_blob() {
    let folder = TempDir::new().unwrap();
    let blobs = blobs(&folder);
    let name = blobs.create().unwrap();
    blobs.write(&name, 5, b" world").unwrap();
    blobs.write(&name, 0, b"hello").unwrap();
    blobs.write(&name, 5, b" world").unwrap();
    blobs.sync(std::slice::from_ref(&name)).unwrap();
    let summary = blobs.seal(&name).unwrap();
    assert_eq!(summary, Summary { size: 11, digest: Digest::of(b"hello world") });
    assert_eq!(blobs.seal(&name).unwrap(), summary, "sealing again answers the same");
    assert_eq!(blobs.read(&name, 6, 100).unwrap(), b"world");
    assert_eq!(blobs.read(&name, 100, 1).unwrap(), b"");
}

#[test]
fn nothing_can_be_written_once_sealed() {
    let folder = TempDir::new().unwrap();
    let blobs = blobs(&folder);
    let name = blobs.create().unwrap();
    blobs.seal(&name).unwrap();
    assert_eq!(blobs.write(&name, 0, b"x"), Err(BlobFault::Sealed));
}

#[test]
fn only_names_of_our_making_lead_to_a_file() {
    let folder = TempDir::new().unwrap();
    let blobs = blobs(&folder);
    fs::write(folder.path().join("secret"), "x").unwrap();
    blobs.create().unwrap();
    for name in ["../secret", "", ".", "0", &"g".repeat(32), &"0".repeat(32)] {
        assert_eq!(blobs.read(name, 0, 1), Err(BlobFault::NotFound), "{name}");
        assert_eq!(blobs.write(name, 0, b"y"), Err(BlobFault::NotFound), "{name}");
    }
    assert_eq!(fs::read(folder.path().join("secret")).unwrap(), b"x");
}

#[test]
fn names_come_in_order_and_in_pages() {
    let folder = TempDir::new().unwrap();
    let blobs = blobs(&folder);
    assert_eq!(blobs.names(None, 10).unwrap(), Vec::<String>::new());
    let mut all: Vec<_> = (0..5).map(|_| blobs.create().unwrap()).collect();
    all.sort();
    fs::write(blobs.folder().join("lost+found"), "").unwrap();
    assert_eq!(blobs.names(None, 3).unwrap(), all[..3]);
    assert_eq!(blobs.names(Some(&all[2]), 3).unwrap(), all[3..]);
    blobs.remove(&all[0]).unwrap();
    blobs.remove(&all[0]).unwrap();
    assert_eq!(blobs.names(None, 1).unwrap(), all[1..2]);
}

#[test]
fn an_offset_gone_wrong_is_refused() {
    let folder = TempDir::new().unwrap();
    let blobs = blobs(&folder);
    let name = blobs.create().unwrap();
    assert_eq!(blobs.write(&name, u64::MAX, b"x"), Err(BlobFault::TooLarge(BLOB_BYTES_MAX)));
    assert_eq!(blobs.write(&name, BLOB_BYTES_MAX, b"x"), Err(BlobFault::TooLarge(BLOB_BYTES_MAX)));
}

#[test]
fn a_file_becomes_a_blob() {
    let folder = TempDir::new().unwrap();
    let blobs = blobs(&folder);
    let path = folder.path().join("file");
    fs::write(&path, vec![7; 300_000]).unwrap();
    let name = blobs.fill(&mut File::open(path).unwrap(), u64::MAX).unwrap();
    assert_eq!(blobs.seal(&name).unwrap(), Summary { size: 300_000, digest: Digest::of(&vec![7; 300_000]) });
}
