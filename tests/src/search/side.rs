//! A side with its records read, once for every state that it stands in.

use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_core::delivery::{Incoming, Outgoing, SentParcel, ranges};
use ferry_core::handshake::Greeting;
use ferry_core::ids::Digest;
use ferry_core::message::Body;
use ferry_core::ports::Wire as _;
use ferry_core::state::State;
use ferry_core::store::{Draft, Key, Table};
use ferry_core::tables;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::Reader;
use super::home::{Home, Records};
use super::likeness;
use crate::memory::PlainWire;

/// A side, and what its store says.
pub struct Side {
    /// The side.
    pub home: Home,
    /// What its store says.
    pub read: Read,
}

/// What a store says of delivery and handshake.
#[derive(Clone)]
pub struct Read {
    /// Where the synchronization stands; none before there is one.
    pub state: Option<State>,
    /// Where our stream stands.
    pub outgoing: Option<Outgoing>,
    /// Where the partner's stream stands.
    pub incoming: Option<Incoming>,
    /// Where the handshake stands.
    pub greeting: Option<Greeting>,
    /// Parcels on their way.
    pub parcels: Vec<(u64, SentParcel)>,
    /// The numbers that wait for acknowledgement.
    pub outbox: Vec<u64>,
    /// Words that were received and not settled.
    pub notices: BTreeMap<u64, String>,
    /// Words that were settled.
    pub settled: BTreeMap<u64, String>,
    /// Of what alike stores have in common, but for what times and counters
    /// decide.
    pub like: Digest,
}

impl Side {
    /// Reads a side.
    pub fn new(home: Home) -> Rc<Self> {
        Rc::new(Self { read: Read::of(&home.store), home })
    }

    /// Where it stands.
    pub fn state(&self) -> &State {
        self.read.state.as_ref().unwrap()
    }

    /// Its stream.
    pub fn outgoing(&self) -> &Outgoing {
        self.read.outgoing.as_ref().unwrap()
    }

    /// Its partner's stream.
    pub fn incoming(&self) -> &Incoming {
        self.read.incoming.as_ref().unwrap()
    }

    /// The word that came as that number.
    pub fn heard(&self, number: u64) -> Option<&String> {
        self.read.notices.get(&number).or_else(|| self.read.settled.get(&number))
    }

    /// Whether all these numbers came.
    pub fn has(&self, first: u64, last: u64) -> bool {
        let have: Vec<(u64, u64)> = self.incoming().spans.iter().map(|span| (span.first, span.last)).collect();
        ranges::covers(&have, first, last)
    }
}

impl Read {
    /// Reads a store.
    pub fn of(store: &Records) -> Self {
        let mut read = Self {
            state: get(store, &tables::STATE),
            outgoing: get(store, &tables::OUTGOING),
            incoming: get(store, &tables::INCOMING),
            greeting: get(store, &tables::GREETING),
            parcels: all(store, &tables::PARCELS),
            outbox: all(store, &tables::OUTBOX).into_iter().map(|(number, _)| number).collect(),
            notices: words(all(store, &tables::NOTICES)),
            settled: words(all(store, &tables::UNKNOWN)),
            like: Digest([0; 32]),
        };
        read.like = likeness::of_store(store, &read);
        read
    }
}

fn get<V: Serialize + DeserializeOwned>(store: &Records, table: &Table<(), V>) -> Option<V> {
    Draft::new(&Reader(store)).get(table, &()).unwrap()
}

/// All records of a table.
pub fn all<K: Key, V: Serialize + DeserializeOwned>(store: &Records, table: &Table<K, V>) -> Vec<(K, V)> {
    Draft::new(&Reader(store)).scan(table, None, u32::MAX).unwrap()
}

fn words(rows: Vec<(u64, ferry_core::delivery::InboxRow)>) -> BTreeMap<u64, String> {
    let word = |bytes: &[u8]| match PlainWire.decode(bytes).unwrap().body {
        Body::Unknown(word) => word,
        other => format!("{other:?}"),
    };
    rows.into_iter().map(|(number, row)| (number, word(&row.bytes))).collect()
}
