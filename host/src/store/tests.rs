#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use std::os::unix::fs::PermissionsExt;

use super::*;
use tempfile::TempDir;

fn put(key: &str, value: &str) -> Mutation {
    Mutation::Put(key.into(), value.into())
}

fn keys(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<&str> {
    entries.iter().map(|(key, _)| std::str::from_utf8(key).unwrap()).collect()
}

#[test]
fn a_commit_survives_closing_and_answers_in_order() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).unwrap();
    store.commit(&[put("b", "2"), put("a", "1"), put("c", "3"), Mutation::Delete(b"c".into())]).unwrap();
    drop(store);

    let store = Store::open(&path).unwrap();
    let answers = store.get(&[b"b".into(), b"x".into(), b"a".into()]).unwrap();
    assert_eq!(answers, [Some(b"2".to_vec()), None, Some(b"1".to_vec())]);
    assert_eq!(keys(&store.scan(b"a", b"z", 10).unwrap()), ["a", "b"]);
    assert_eq!(keys(&store.scan(b"a", b"b", 10).unwrap()), ["a"]);
    assert_eq!(keys(&store.scan(b"a", b"z", 1).unwrap()), ["a"]);
    assert_eq!(store.count(b"a", b"z").unwrap(), 2);
}

#[test]
fn keys_are_ordered_byte_by_byte() {
    let store = Store::temporary().unwrap();
    let mut all: Vec<Vec<u8>> = vec![vec![255], vec![], vec![0], vec![0, 0], vec![1, 255], vec![127], vec![128]];
    store.commit(&all.iter().map(|key| Mutation::Put(key.clone(), vec![])).collect::<Vec<_>>()).unwrap();
    all.sort();
    let found: Vec<_> = store.scan(&[], &[255, 255], 100).unwrap().into_iter().map(|(key, _)| key).collect();
    assert_eq!(found, all);
}

#[test]
fn a_later_put_in_the_same_commit_wins() {
    let store = Store::temporary().unwrap();
    store.commit(&[put("a", "1"), put("a", "2")]).unwrap();
    assert_eq!(store.get(&[b"a".into()]).unwrap(), [Some(b"2".to_vec())]);
}

#[test]
fn a_scan_ends_at_its_bytes_but_gives_at_least_one() {
    let store = Store::temporary().unwrap();
    let large = |key: u8, size| Mutation::Put(vec![key], vec![0; size]);
    store.commit(&[large(1, SCAN_BYTES_MAX + 1), large(2, 3 << 20), large(3, 3 << 20)]).unwrap();
    assert_eq!(store.scan(&[0], &[9], 10).unwrap().len(), 1);
    assert_eq!(store.scan(&[2], &[9], 10).unwrap().len(), 1);
}

#[test]
fn what_is_too_large_is_refused_and_the_store_goes_on() {
    let store = Store::temporary().unwrap();
    let refused = store.commit(&[put("a", "1"), Mutation::Put(vec![0; KEY_BYTES_MAX + 1], vec![])]);
    assert!(matches!(refused, Err(StoreFault::Other(_))));
    assert_eq!(store.count(&[], &[255]).unwrap(), 0);
    store.commit(&[put("a", "1")]).unwrap();
}

#[test]
fn a_store_in_use_is_not_opened_twice() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let first = Store::open(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(OpenError::Owned(_))));
    drop(first);
    Store::open(&path).unwrap();
}

#[test]
fn only_its_owner_can_read_a_store() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).unwrap();
    store.commit(&[put("a", "1")]).unwrap();
    for name in ["store.db", "store.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn files_of_a_newer_version_or_another_program_are_left_alone() {
    let folder = TempDir::new().unwrap();
    let newer = folder.path().join("newer.db");
    drop(Store::open(&newer).unwrap());
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let before = (std::fs::read(&newer).unwrap(), std::fs::read_dir(folder.path()).unwrap().count());
    assert!(matches!(Store::open(&newer), Err(OpenError::Newer { found: 2, known: 1, .. })));
    let after = (std::fs::read(&newer).unwrap(), std::fs::read_dir(folder.path()).unwrap().count());
    assert_eq!(before, after, "it was touched");
    let older = folder.path().join("older.db");
    drop(Store::open(&older).unwrap());
    Connection::open(&older).unwrap().pragma_update(None, "user_version", 0).unwrap();
    let before = std::fs::read(&older).unwrap();
    assert!(matches!(Store::open(&older), Err(OpenError::Older { found: 0, known: 1, .. })));
    assert_eq!(before, std::fs::read(&older).unwrap(), "it was touched");

    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(Store::open(&foreign), Err(OpenError::Foreign(_))));

    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database at all, but long enough to look at".repeat(100)).unwrap();
    assert!(matches!(Store::open(&text), Err(OpenError::Foreign(_))));
}

#[test]
fn after_a_failed_commit_nothing_works_until_it_is_opened_anew() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("store.db");
    let store = Store::open(&path).unwrap();
    store.commit(&[put("a", "1")]).unwrap();
    // A trigger stands for whatever makes SQLite refuse in the middle.
    let fail =
        "CREATE TEMP TRIGGER refuse BEFORE INSERT ON kv WHEN NEW.key = X'62' BEGIN SELECT RAISE(ABORT, 'no'); END";
    store.with(|connection| connection.execute_batch(fail)).unwrap();
    assert!(store.commit(&[put("a", "2"), put("b", "1")]).is_err());
    assert!(store.get(&[b"a".into()]).is_err());
    store.reopen().unwrap();
    assert_eq!(store.get(&[b"a".into()]).unwrap(), [Some(b"1".to_vec())]);
}
