//! MessagePack: numbered messages, and the records of a store that was
//! damaged.

use ferry_core::message::Body;
use ferry_core::ports::Wire;
use ferry_core::store::Table;
use ferry_core::tables;
use ferry_wire::{OpenPgp, forge};

use crate::sides::messages;

/// The first byte says whether it is a message or a record, and of which table.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    match door {
        0..=127 => message(body),
        _ => record(door & 31, body),
    }
}

fn message(bytes: &[u8]) {
    let kind = OpenPgp.kind(bytes);
    let Ok(read) = OpenPgp.decode(bytes) else { return };
    assert!(forge::is_bounded(bytes), "it was read beyond its bounds");
    assert_eq!(kind, Ok(read.body.kind()));
    if !matches!(read.body, Body::Unknown(_)) {
        assert_eq!(OpenPgp.decode(&OpenPgp.encode(&read)), Ok(read), "it doesn't come back");
    }
}

/// What a table reads it writes so that it reads the same.
fn record(table: u8, bytes: &[u8]) {
    macro_rules! tables {
        ($($number:literal $name:ident),*) => {
            match table {
                $($number => returns(&tables::$name, bytes),)*
                _ => {}
            }
        };
    }
    tables!(
        0 STATE, 1 KEYS, 2 GREETING, 3 OUTGOING, 4 OUTBOX, 5 PARCELS, 6 INCOMING, 7 NOTICES, 8 INBOX, 9 DISPOSALS,
        10 QUARANTINE, 11 TRANSFERS, 12 WHOLE, 13 LEAVING, 14 DISCARDS, 15 CONFIGURED, 16 ADOPTIONS, 17 PAIRS,
        18 LOCAL, 19 NAMES, 20 UNAPPLIED, 21 INTENTS, 22 STALE, 23 SCAN, 24 PARKED, 25 TALLY, 26 CONFLICTS
    );
}

fn returns<K, V>(table: &Table<K, V>, bytes: &[u8])
where
    K: ferry_core::store::Key,
    V: serde::Serialize + serde::de::DeserializeOwned + PartialEq,
{
    let Ok(record) = table.read(bytes) else { return };
    let again = table.write(&record).and_then(|written| table.read(&written));
    assert!(again.is_ok_and(|again| again == record), "a record doesn't come back");
}

/// A message of several kinds, and the records of two sides in the middle of
/// their work.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> =
        messages().iter().map(|message| [&[0], OpenPgp.encode(message).as_slice()].concat()).collect();
    let world = ferry_tests::World::connected(1);
    world.alice().tracker.person_creates("The build is red on Mondays");
    world.alice().run_once().unwrap();
    world.bob().run_once().unwrap();
    for side in [world.alice(), world.bob()] {
        for (key, value) in side.store.contents() {
            if let Some(table) = TAGS.iter().position(|tag| *tag == key[0]) {
                seeds.push([&[128 | u8::try_from(table).unwrap()], value.as_slice()].concat());
            }
        }
    }
    seeds
}

/// The tables' tags, in the order of `record`.
const TAGS: &[u8] = b"skgOoPINidqawbBcCplnutrSfyx";
