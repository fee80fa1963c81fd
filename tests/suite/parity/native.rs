//! The trace natively: the core as a library, ports in memory, the local
//! adapter as a library over a real folder.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use ferry_core::engine::setup::Wanted;
use ferry_core::engine::tick::Budget;
use ferry_core::engine::{Engine, Ports};
use ferry_core::ports::Silent;
use ferry_core::time::Time;
use ferry_tests::memory::{Blobs, Channel, Store};
use ferry_tests::native::{Folder, LocalTracker};
use ferry_tests::{Clock, Fuse, road};
use ferry_wire::OpenPgp;

use super::{BEGINNING_MS, Contents, End, Engines, NAMES, folder};

struct Side {
    store: Store,
    blobs: Rc<Blobs>,
    channel: Channel,
    tracker: LocalTracker,
    seeds: Vec<[u8; 32]>,
    calls: Cell<usize>,
}

pub(super) struct Native([Side; 2]);

impl Native {
    /// With the seed of each call to come.
    pub(super) fn new(place: &Path, seeds: [Vec<[u8; 32]>; 2]) -> Self {
        let fuse = || Rc::new(Fuse::default());
        let (there, back) = Channel::pair(fuse(), fuse());
        let clock = Rc::new(Clock::at(Time(BEGINNING_MS)));
        let [ours, theirs] = seeds;
        let side = |end: End, channel, seeds| {
            let blobs = Rc::new(Blobs::new(fuse()));
            let settings = [("project", NAMES[end].1), ("user", "ferry"), ("synchronization", "sync")];
            let tracker = LocalTracker::new(Folder {
                path: folder(place, end),
                store: Rc::new(Store::new(fuse())),
                blobs: blobs.clone(),
                settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
                clock: clock.clone(),
            });
            Side { store: Store::new(fuse()), blobs, channel, tracker, seeds, calls: Cell::new(0) }
        };
        Self([side(0, there, ours), side(1, back, theirs)])
    }

    fn call<T>(&self, end: End, call: impl FnOnce(&Engine<'_>) -> Result<T, ferry_core::fault::Fault>) -> T {
        let side = &self.0[end];
        let number = side.calls.replace(side.calls.get() + 1);
        let ports = Ports {
            tracker: &side.tracker,
            channel: &side.channel,
            store: &side.store,
            blobs: &*side.blobs,
            wire: &OpenPgp,
            observer: &Silent,
        };
        call(&Engine::new(ports, Time(BEGINNING_MS), side.seeds[number])).unwrap()
    }
}

impl Engines for Native {
    fn create(&mut self) -> Vec<u8> {
        self.call(0, |engine| engine.create(&Wanted { channel_hint: "here".to_owned(), ..road::wanted() }))
    }

    fn join(&mut self, file: &[u8]) {
        self.call(1, |engine| engine.join(file, None));
    }

    fn tick(&mut self, end: End) {
        let budget = Budget { effects: 500, parcels: 16, finishing: true, receive: true, pull: true };
        self.call(end, |engine| engine.tick(budget));
    }

    fn example(&mut self, end: End) -> String {
        self.call(end, |engine| engine.example())
    }

    fn publish(&mut self, text: &str) {
        assert!(self.call(0, |engine| engine.publish(Some(text))).version.is_some());
    }

    fn adopt(&mut self, text: &str) {
        assert!(self.call(1, |engine| engine.adopt(Some(text))).version.is_some());
    }

    fn start(&mut self, end: End) {
        self.call(end, |engine| engine.start());
    }

    fn parcels(&self, end: End) -> BTreeMap<String, Vec<u8>> {
        self.0[end].channel.send.files().into_iter().map(|(name, bytes)| (name.0, bytes)).collect()
    }

    fn store(self: Box<Self>, end: End) -> Contents {
        self.0[end].store.contents()
    }
}
