//! Two sides and two directories in memory, to try delivery on.

mod ports;
mod wire;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(crate) use ports::{Directory, MemoryBlobs, MemoryChannel, MemoryStore, NoTracker};
pub(crate) use wire::{PlainWire, VALID_MS};

use crate::delivery::Outbox;
use crate::engine::receive::{self, ReceiveReport};
use crate::engine::send::{self, SendReport};
use crate::engine::setup::Wanted;
use crate::engine::tick::{Budget, Report};
use crate::engine::{Engine, Ports};
use crate::fault::Fault;
use crate::handshake;
use crate::ids::{BlobName, Digest};
use crate::message::{Body, Numbered};
use crate::ports::{Blobs, Silent, Wire as _};
use crate::state::{ChannelKind, Profile, State};
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// One side.
pub(crate) struct Home {
    pub store: MemoryStore,
    pub blobs: MemoryBlobs,
    pub channel: MemoryChannel,
    clock: Rc<Cell<u64>>,
    calls: Rc<Cell<u64>>,
}

impl Home {
    /// Calls the engine once.
    pub fn call<T>(&self, work: impl FnOnce(&Engine<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.calls.set(self.calls.get() + 1);
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&self.calls.get().to_be_bytes());
        let ports = Ports {
            tracker: &NoTracker,
            channel: &self.channel,
            store: &self.store,
            blobs: &self.blobs,
            wire: &PlainWire,
            observer: &Silent,
        };
        work(&Engine::new(ports, Time(self.clock.get()), seed))
    }

    pub fn state(&self) -> State {
        self.call(|engine| engine.state()).unwrap()
    }

    pub fn draft(&self) -> Draft<'_> {
        Draft::new(&self.store)
    }

    /// Appends messages that say these words.
    pub fn say(&self, words: &[&str]) {
        let mut draft = self.draft();
        let mut outbox = Outbox::open(&draft).unwrap();
        for word in words {
            outbox.append(&mut draft, &PlainWire, 0, Body::Unknown((*word).to_owned())).unwrap();
        }
        outbox.finish(&mut draft).unwrap();
        draft.commit().unwrap();
    }

    /// Appends the content of an attachment.
    pub fn attach(&self, content: &[u8]) -> (Digest, BlobName) {
        let blob = self.blobs.create().unwrap();
        self.blobs.write(&blob, 0, content).unwrap();
        let summary = self.blobs.seal(&blob).unwrap();
        let mut draft = self.draft();
        let mut outbox = Outbox::open(&draft).unwrap();
        outbox.append_blob(&mut draft, &blob, summary.digest, summary.size).unwrap();
        outbox.finish(&mut draft).unwrap();
        draft.commit().unwrap();
        (summary.digest, blob)
    }

    /// What lies in the inbox.
    pub fn heard(&self) -> Vec<String> {
        // Kinds that nobody knows: none of them is about an issue.
        let rows = self.draft().scan(&tables::NOTICES, None, u32::MAX).unwrap();
        let word = |bytes: &[u8]| match PlainWire.decode(bytes).unwrap() {
            Numbered { body: Body::Unknown(word), .. } => word,
            other => format!("{other:?}"),
        };
        rows.iter().map(|(_, row)| word(&row.bytes)).collect()
    }

    pub fn send(&self) -> SendReport {
        self.call(|engine| send::step(engine, 100, true)).unwrap()
    }

    pub fn receive(&self) -> ReceiveReport {
        self.call(|engine| receive::step(engine, 100)).unwrap()
    }

    /// A run that ends, with everything in it.
    pub fn run(&self) -> Report {
        let budget = Budget { effects: 100, parcels: 100, finishing: true, receive: true, pull: true };
        self.call(|engine| engine.tick(budget)).unwrap()
    }

    /// What a run that ends does of delivery.
    pub fn tick(&self) -> Result<SendReport, Fault> {
        self.call(|engine| {
            handshake::step(engine)?;
            receive::step(engine, 100)?;
            send::step(engine, 100, true)
        })
    }
}

/// Both sides. What one sends lies where the other receives, as in a folder
/// that two homes share.
pub(crate) struct Pair {
    pub primary: Home,
    pub secondary: Home,
    clock: Rc<Cell<u64>>,
}

impl Pair {
    /// Two homes that don't know each other.
    pub fn strangers() -> Self {
        let clock = Rc::new(Cell::new(1_000_000_000));
        let calls = Rc::new(Cell::new(0));
        let [there, back]: [Rc<RefCell<Directory>>; 2] = Default::default();
        let home = |out: &Rc<RefCell<Directory>>, come: &Rc<RefCell<Directory>>| Home {
            store: MemoryStore::default(),
            blobs: MemoryBlobs::default(),
            channel: MemoryChannel::new(out.clone(), come.clone()),
            clock: clock.clone(),
            calls: calls.clone(),
        };
        Self { primary: home(&there, &back), secondary: home(&back, &there), clock }
    }

    /// A third home, on the secondary's place.
    pub fn rival(&self) -> Home {
        let (out, come) = (self.secondary.channel.sends.clone(), self.secondary.channel.receives.clone());
        Home {
            store: MemoryStore::default(),
            blobs: MemoryBlobs::default(),
            channel: MemoryChannel::new(out, come),
            clock: self.clock.clone(),
            calls: self.primary.calls.clone(),
        }
    }

    /// The primary's handshake file.
    pub fn invitation(&self) -> Vec<u8> {
        self.primary.call(|engine| engine.create(&wanted())).unwrap()
    }

    /// Two homes whose connection test passed.
    pub fn connected() -> Self {
        let pair = Self::strangers();
        let file = pair.invitation();
        pair.secondary.call(|engine| engine.join(&file, None)).unwrap();
        pair.settle(4);
        assert!(pair.primary.state().connected() && pair.secondary.state().connected());
        pair
    }

    /// So many rounds of both sides.
    pub fn settle(&self, rounds: usize) {
        for _ in 0..rounds {
            self.secondary.tick().unwrap();
            self.primary.tick().unwrap();
        }
    }

    /// Lets time pass.
    pub fn pass(&self, ms: u64) {
        self.clock.set(self.clock.get() + ms);
    }

    /// What lies from the primary to the secondary.
    pub fn there(&self) -> BTreeMap<String, Vec<u8>> {
        self.primary.channel.sends.borrow().contents()
    }

    /// What lies from the secondary to the primary.
    pub fn back(&self) -> BTreeMap<String, Vec<u8>> {
        self.secondary.channel.sends.borrow().contents()
    }

    /// Loses all that lies from the primary to the secondary.
    pub fn lose_there(&self) {
        self.primary.channel.sends.borrow_mut().files.clear();
    }

    /// Loses all that lies from the secondary to the primary.
    pub fn lose_back(&self) {
        self.secondary.channel.sends.borrow_mut().files.clear();
    }
}

pub(crate) fn wanted() -> Wanted {
    Wanted {
        name: "globex".to_owned(),
        description: "Bugs that both of us fix".to_owned(),
        channel: ChannelKind::Folder,
        profile: Profile::Modern,
        strict: false,
        channel_hint: String::new(),
        passphrase: None,
        valid_hours: 168,
    }
}
