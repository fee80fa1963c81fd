//! Two sides, one channel, one time.

use std::cell::Cell;
use std::rc::Rc;

use ferry_core::digest;
use ferry_core::engine::{Engine, Ports};
use ferry_core::ports::{Silent, Wire};
use ferry_core::time::Time;
use ferry_wire::OpenPgp;

use crate::memory::{Blobs, Channel, PlainWire, Store, Tracker};
use crate::{Crashed, Fuse};

/// Where worlds begin: 2026-01-01T00:00:00Z, in milliseconds since 1970.
const BEGINNING: Time = Time(1_767_225_600_000);

/// Virtual time. It stands still until somebody moves it.
#[derive(Debug)]
pub struct Clock(Cell<Time>);

impl Clock {
    /// A clock that shows this time.
    pub fn at(now: Time) -> Self {
        Self(Cell::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.0.get()
    }

    /// Moves on.
    pub fn advance_ms(&self, ms: u64) {
        self.0.set(self.0.get().after_ms(ms));
    }

    /// Jumps, also back.
    pub fn set(&self, now: Time) {
        self.0.set(now);
    }
}

/// One side: everything outside its engine.
pub struct Side {
    /// What goes into the seed of each call: the world's seed and the name.
    name: String,
    seed: u64,
    calls: Cell<u64>,
    /// Where its process may die.
    pub fuse: Rc<Fuse>,
    /// Its time: the world's, unless a test sets another.
    pub clock: Rc<Clock>,
    /// Its store.
    pub store: Store,
    /// Its blobs, shared with its tracker.
    pub blobs: Rc<Blobs>,
    /// Its end of the channel.
    pub channel: Channel,
    /// Its tracker.
    pub tracker: Tracker,
    /// How its parcels are sealed.
    pub wire: Box<dyn Wire>,
}

impl Side {
    /// One call of the engine, with the side's time and a seed of its own.
    pub fn engine<T>(&self, call: impl FnOnce(&Engine<'_>) -> T) -> T {
        let number = self.calls.get();
        self.calls.set(number + 1);
        let seed = digest::of_parts(&[self.name.as_bytes(), &self.seed.to_be_bytes(), &number.to_be_bytes()]);
        let ports = Ports {
            tracker: &self.tracker,
            channel: &self.channel,
            store: &self.store,
            blobs: &*self.blobs,
            wire: &*self.wire,
            observer: &Silent,
        };
        call(&Engine::new(ports, self.clock.now(), seed.0))
    }

    /// As `engine`, and dies at the n-th point of it, from 0.
    ///
    /// # Errors
    /// `Crashed` where it died.
    pub fn engine_until<T>(&self, n: u64, call: impl FnOnce(&Engine<'_>) -> T) -> Result<T, Crashed> {
        self.fuse.crash_at(n, || self.engine(call))
    }
}

/// Two sides that share a channel and a clock.
pub struct World {
    /// The clock of both.
    pub clock: Rc<Clock>,
    alice: Side,
    bob: Side,
}

impl World {
    /// Two sides that never spoke, with the plain wire. The same seed gives
    /// the same world.
    pub fn two(seed: u64) -> Self {
        Self::with_wire(seed, || Box::new(PlainWire))
    }

    /// Two sides that never spoke, with real cryptography.
    pub fn sealed(seed: u64) -> Self {
        Self::with_wire(seed, || Box::new(OpenPgp))
    }

    /// Two sides that never spoke, with a wire for each.
    pub fn with_wire(seed: u64, wire: impl Fn() -> Box<dyn Wire>) -> Self {
        let clock = Rc::new(Clock(Cell::new(BEGINNING)));
        let fuses = (Rc::new(Fuse::default()), Rc::new(Fuse::default()));
        let (there, back) = Channel::pair(fuses.0.clone(), fuses.1.clone());
        let side = |name: &str, project: &str, fuse: Rc<Fuse>, channel| {
            let blobs = Rc::new(Blobs::new(fuse.clone()));
            Side {
                name: name.to_owned(),
                seed,
                calls: Cell::new(0),
                clock: clock.clone(),
                store: Store::new(fuse.clone()),
                tracker: Tracker::new(project, fuse.clone(), clock.clone(), blobs.clone()),
                blobs,
                channel,
                wire: wire(),
                fuse,
            }
        };
        let alice = side("alice", "ACME", fuses.0, there);
        let bob = side("bob", "GLX", fuses.1, back);
        Self { clock, alice, bob }
    }

    /// The side that creates the synchronization: the primary.
    pub fn alice(&self) -> &Side {
        &self.alice
    }

    /// The side that joins: the secondary.
    pub fn bob(&self) -> &Side {
        &self.bob
    }
}
