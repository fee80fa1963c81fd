//! Which states are alike: a digest of all that later behaviour can depend on,
//! and of nothing else. Times count only as far as they are over, since what
//! waits is waited for long enough; the counters of positions and parcels count
//! by their order; names, seeds and times of making count not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ferry_core::delivery::SentParcel;
use ferry_core::digest;
use ferry_core::ids::{Digest, ParcelName};
use ferry_core::limits::{GAP_MS, SWEEP_MS};
use ferry_core::message::{Parcel, Position};
use ferry_core::pair::Parked;
use ferry_core::tables;
use ferry_core::time::Time;
use serde::Serialize;

use super::home::{Home, Records, Said, Sealed, What};
use super::side::{Read, Side, all};
use super::state::State;

/// What alike states have in common.
pub type Likeness = [u8; 16];

/// With all that can still happen to a state.
pub fn whole(state: &State) -> Likeness {
    let mut writer = Writer::new(state, true);
    writer.add(&state.left);
    let mut late: Vec<Vec<u8>> =
        state.late.iter().map(|(from, name, sealed)| writer.parcel(state, *from, name, sealed)).collect();
    late.sort();
    writer.add(&late);
    for (place, side) in state.sides.iter().enumerate() {
        writer.side(state, place);
        writer.add(&(side.home.words, side.home.put_back));
        if let Some(backup) = &side.home.backup {
            writer.store(state, place, &backup.read, &BTreeMap::new());
            writer.said(&backup.said);
        }
    }
    writer.end()
}

/// Without what faults may still come, and what only they need.
pub fn healthy(state: &State) -> Likeness {
    let mut writer = Writer::new(state, false);
    for (place, side) in state.sides.iter().enumerate() {
        writer.side(state, place);
        writer.add(&side.home.put_back);
    }
    writer.end()
}

struct Writer {
    bytes: Vec<u8>,
    /// What a counter of a position counts as, by its author.
    counters: Vec<BTreeMap<u64, u64>>,
}

/// Whose stream a side reads.
fn partner(state: &State, place: usize) -> usize {
    let partner = state.sides[place].state().partner.as_ref().map(|partner| partner.fingerprint);
    let is = |side: &Rc<Side>| Some(side.state().fingerprint) == partner;
    state.sides.iter().position(is).unwrap_or(usize::from(place == 0))
}

impl Writer {
    fn new(state: &State, backups: bool) -> Self {
        let mut known = vec![BTreeSet::new(); state.sides.len()];
        let mut lowest = vec![u64::MAX; state.sides.len()];
        let mut note = |place: usize, read: &Read| {
            let ours = read.incoming.as_ref().map_or(0, |incoming| incoming.counter);
            lowest[place] = lowest[place].min(ours);
            known[place].insert(ours);
            known[partner(state, place)].insert(read.outgoing.as_ref().map_or(0, |outgoing| outgoing.heard));
            let rows = read.parcels.iter().filter_map(|(_, row)| row.position.as_ref());
            known[place].extend(rows.map(|position| position.counter));
        };
        for (place, side) in state.sides.iter().enumerate() {
            note(place, &side.read);
            if let Some(backup) = side.home.backup.as_ref().filter(|_| backups) {
                note(place, &backup.read);
            }
        }
        for (place, side) in state.sides.iter().enumerate() {
            known[place].extend(side.home.out.values().filter_map(|sealed| counter(sealed)));
        }
        for (place, _, sealed) in &state.late {
            known[*place].extend(counter(sealed));
        }
        let counters = known.iter().zip(lowest).map(|(known, lowest)| ranks(known, lowest)).collect();
        Self { bytes: Vec::new(), counters }
    }

    fn add(&mut self, value: &impl Serialize) {
        rmp_serde::encode::write(&mut self.bytes, value).unwrap();
    }

    fn end(self) -> Likeness {
        digest::of(&self.bytes).0[..16].try_into().unwrap()
    }

    fn counter(&self, author: usize, counter: u64) -> u64 {
        self.counters.get(author).and_then(|known| known.get(&counter)).copied().unwrap_or(counter)
    }

    fn side(&mut self, state: &State, place: usize) {
        let Home { blobs, out, said, .. } = &state.sides[place].home;
        self.store(state, place, &state.sides[place].read, out);
        self.said(said);
        for (name, blob) in blobs {
            self.add(&(&name.0, &*blob.content, &*blob.synced, blob.sealed));
        }
        let mut lying: Vec<Vec<u8>> =
            out.iter().map(|(name, sealed)| self.parcel(state, place, name, sealed)).collect();
        lying.sort();
        self.add(&lying);
    }

    fn said(&mut self, said: &[Said]) {
        for said in said {
            let what = match &said.what {
                What::Word(word) => word.clone(),
                What::Content(digest, _) => digest.to_string(),
            };
            self.add(&(said.epoch, said.number, what));
        }
    }

    fn parcel(&self, state: &State, from: usize, name: &ParcelName, sealed: &Sealed) -> Vec<u8> {
        let rows = &state.sides[from].read.parcels;
        let row = rows.iter().position(|(_, row)| row.name == *name);
        let counter = counter(sealed).map(|counter| self.counter(from, counter));
        rmp_serde::to_vec(&(row, from, sealed.like, counter)).unwrap()
    }

    fn position(&self, author: usize, position: &Position) -> Position {
        Position { counter: self.counter(author, position.counter), ..position.clone() }
    }

    fn store(&mut self, state: &State, author: usize, read: &Read, out: &BTreeMap<ParcelName, Rc<Sealed>>) {
        let now = state.now;
        self.add(&read.like);
        if let Some(greeting) = &read.greeting {
            let mut greeting = greeting.clone();
            let over = now > greeting.expires;
            let refused = std::mem::take(&mut greeting.refused);
            let refused: Vec<bool> = refused.iter().map(|name| out.contains_key(name)).collect();
            let mut lies = None;
            if let Some(hello) = &mut greeting.hello {
                lies = hello.name.take().map(|name| out.contains_key(&name));
                (hello.attempts, hello.due) = (0, Time(u64::from(hello.due <= now)));
            }
            self.add(&(greeting, over, refused, lies));
        }
        if let Some(incoming) = &read.incoming {
            let mut incoming = incoming.clone();
            incoming.counter = self.counter(author, incoming.counter);
            incoming.unanswered = incoming.unanswered.map(|_| Time(0));
            (incoming.positioned, incoming.last_parcel) = (None, None);
            self.add(&incoming);
        }
        if let Some(outgoing) = &read.outgoing {
            let mut outgoing = outgoing.clone();
            let keys = read.parcels.iter().map(|(key, _)| *key).chain([outgoing.made, outgoing.put]);
            let keys = ranks(&keys.collect(), u64::MAX);
            outgoing.heard = self.counter(partner(state, author), outgoing.heard);
            (outgoing.made, outgoing.put) = (keys[&outgoing.made], keys[&outgoing.put]);
            outgoing.swept = Time(u64::from(now.since(outgoing.swept) >= SWEEP_MS));
            outgoing.last_parcel = None;
            self.add(&outgoing);
            for (key, row) in &read.parcels {
                self.row(now, author, keys[key], row, out.contains_key(&row.name));
            }
        }
    }

    fn row(&mut self, now: Time, author: usize, key: u64, row: &SentParcel, lies: bool) {
        let head = (key, row.first, row.last, row.before, row.after, &row.unnumbered);
        let position = row.position.as_ref().map(|position| self.position(author, position));
        let gap_over = row.sent.after_ms(GAP_MS << row.attempts.min(10)) <= now;
        let again = row.refused.then_some(row.attempts.min(1));
        let blobs: Vec<(&str, u64)> = row.blobs.iter().map(|(name, count)| (name.0.as_str(), *count)).collect();
        self.add(&(head, position, row.due <= now, gap_over, row.covered, row.refused, again, lies, blobs));
    }
}

/// The counter of the position in a parcel.
fn counter(sealed: &Sealed) -> Option<u64> {
    sealed.parcel.as_ref()?.position.as_ref().map(|position| position.counter)
}

/// Of what a parcel says, but for its position's counter.
pub fn of_parcel(parcel: &Parcel) -> Digest {
    let position = parcel.position.clone().map(|position| Position { counter: 0, ..position });
    let head = (parcel.from, parcel.to, parcel.epoch, parcel.first, parcel.chain);
    digest::of(&rmp_serde::to_vec(&(head, &parcel.messages, &parcel.unnumbered, position)).unwrap())
}

/// Of all that a store says, but for what times and counters decide.
pub fn of_store(store: &Records, read: &Read) -> Digest {
    let mut writer = Writer { bytes: Vec::new(), counters: Vec::new() };
    if let Some(mut state) = read.state.clone() {
        (state.since, state.connection_since, state.invited) = (Time(0), Time(0), Time(0));
        if let Some(partner) = &mut state.partner {
            partner.seen = None;
        }
        writer.add(&state);
    }
    writer.add(&(&read.notices, &read.settled));
    for (id, parked) in all(store, &tables::PARKED) {
        writer.add(&(id, Parked { since: Time(0), ..parked }));
    }
    for (digest, row) in all(store, &tables::QUARANTINE) {
        writer.add(&(digest, row.garbled));
    }
    // Everything else as it is, but for keys, which nothing changes here.
    let special = |tag: u8| b"sgIOPNUfkKq".contains(&tag);
    for (key, value) in store.iter().filter(|(key, _)| !special(key[0])) {
        writer.add(&(key, &**value));
    }
    digest::of(&writer.bytes)
}

/// What each value counts as: its place among them. Where somebody still counts
/// on from below, the distances above that matter too.
fn ranks(values: &BTreeSet<u64>, counts_from: u64) -> BTreeMap<u64, u64> {
    let mut ranks = BTreeMap::new();
    let (mut last, mut rank) = (0, 0);
    for value in values {
        rank += if last >= counts_from { value - last } else { u64::from(*value > last) };
        ranks.insert(*value, rank);
        last = *value;
    }
    ranks
}
