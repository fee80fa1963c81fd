//! One side as a value: what of it outlives its process.

use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_core::digest;
use ferry_core::ids::{BlobName, Digest, Epoch, ParcelName};
use ferry_core::message::Parcel;
use ferry_core::scope::Side as End;

use super::likeness;
use super::side::{Read, Side};
use crate::memory::PlainWire;

/// A store's records.
pub type Records = BTreeMap<Vec<u8>, Rc<[u8]>>;

/// What is durable at one side, and what lies on the channel from it.
#[derive(Clone, Default)]
pub struct Home {
    /// Its store.
    pub store: Records,
    /// Its blobs.
    pub blobs: BTreeMap<BlobName, Blob>,
    /// What it sent and nobody took yet.
    pub out: BTreeMap<ParcelName, Rc<Sealed>>,
    /// What its people said, as the store knows it: goes back with it.
    pub said: Vec<Said>,
    /// How many words they ever had, so that none comes twice.
    pub words: u32,
    /// A copy of the store.
    pub backup: Option<Rc<Backup>>,
    /// Whether the copy was put back.
    pub put_back: bool,
}

/// A copy of a store.
pub struct Backup {
    /// What the store held.
    pub store: Records,
    /// What it says.
    pub read: Read,
    /// What people had said.
    pub said: Vec<Said>,
}

/// A blob, and what of it would be there after a loss of power.
#[derive(Clone, Default)]
pub struct Blob {
    /// What it holds.
    pub content: Rc<[u8]>,
    /// What of it is on the disk.
    pub synced: Rc<[u8]>,
    /// Whether it is done.
    pub sealed: bool,
}

/// A parcel, read once.
pub struct Sealed {
    /// As it lies there.
    pub bytes: Vec<u8>,
    /// What it says; none where it is a hello.
    pub parcel: Option<Parcel>,
    /// Of what alike parcels have in common, but for their positions' counters.
    pub like: Digest,
}

/// A message that people caused.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// The epoch that it was numbered in.
    pub epoch: Epoch,
    /// Its number.
    pub number: u64,
    /// What it says.
    pub what: What,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum What {
    /// A word.
    Word(String),
    /// The content of an attachment, by its digest and length in bytes.
    Content(Digest, u64),
}

impl Home {
    /// The power goes with the process: what was not synced is not there.
    pub fn without_power(mut self) -> Self {
        for blob in self.blobs.values_mut().filter(|blob| !blob.sealed) {
            blob.content = blob.synced.clone();
        }
        self
    }
}

impl Sealed {
    /// Reads a parcel's bytes.
    pub fn new(bytes: &[u8]) -> Rc<Self> {
        let parcel = PlainWire::peek(bytes);
        let like = parcel.as_ref().map_or_else(|| digest::of(bytes), likeness::of_parcel);
        Rc::new(Self { parcel, bytes: bytes.to_vec(), like })
    }

    /// Whether a courier brings it to that side: a hello goes to the primary.
    pub fn is_for(&self, side: &Side) -> bool {
        let state = side.state();
        self.parcel.as_ref().map_or(state.side == End::Primary, |parcel| parcel.to == state.fingerprint)
    }
}
