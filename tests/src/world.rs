//! Two sides, one channel, one time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_core::digest;
use ferry_core::engine::tick::{Budget, Report};
use ferry_core::engine::{Engine, Ports};
use ferry_core::fault::Fault;
use ferry_core::ports::Wire;
use ferry_core::time::Time;
use ferry_mail::MailChannel;
use ferry_wire::OpenPgp;

use crate::memory::journal::{Journal, Scribe, Watched};
use crate::memory::{Blobs, Channel, Directory, PlainWire, Store, Tracker};
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

/// What an administrator orders.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // Named as the engine's calls.
pub enum Order {
    Start,
    Stop,
    Reconcile,
    Rotate,
    Revoke,
    Publish(String),
    Adopt(String),
}

/// Who works for a side: its engine, as it is built.
#[allow(clippy::missing_errors_doc)] // The engine's.
pub trait Works {
    /// One tick.
    fn tick(&self, side: &Side, budget: Budget) -> Result<Report, Fault>;
    /// An administrator's word.
    fn order(&self, side: &Side, order: &Order) -> Result<(), Fault>;
}

/// The engine's own code, in this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native {
    /// Looks at the store's format before each call, as the component does.
    pub exported: bool,
}

impl Native {
    fn call<T>(self, side: &Side, call: impl FnOnce(&Engine<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        side.engine(|engine| {
            if self.exported {
                engine.known_format()?;
            }
            call(engine)
        })
    }
}

impl Works for Native {
    fn tick(&self, side: &Side, budget: Budget) -> Result<Report, Fault> {
        self.call(side, |engine| engine.tick(budget))
    }

    fn order(&self, side: &Side, order: &Order) -> Result<(), Fault> {
        self.call(side, |engine| match order {
            Order::Start => engine.start(),
            Order::Stop => engine.stop(),
            Order::Reconcile => engine.reconcile(),
            Order::Rotate => engine.rotate(),
            Order::Revoke => engine.revoke(),
            Order::Publish(text) => engine.publish(Some(text)).map(drop),
            Order::Adopt(text) => engine.adopt(Some(text)).map(drop),
        })
    }
}

/// One side: everything outside its engine, and who works there.
pub struct Side {
    /// What goes into the seed of each call: the world's seed and the name.
    name: String,
    seed: u64,
    calls: Cell<u64>,
    /// Where its process may die.
    pub fuse: Rc<Fuse>,
    /// The world's time.
    pub clock: Rc<Clock>,
    /// How far ahead its own clock runs, in milliseconds; behind, below 0.
    pub skew_ms: Cell<i64>,
    /// Its engine.
    works: RefCell<Rc<dyn Works>>,
    /// Its store.
    pub store: Rc<Store>,
    /// Its blobs, shared with its tracker.
    pub blobs: Rc<Blobs>,
    /// Its end of the channel.
    pub channel: Rc<Channel>,
    /// Whether that is a mailbox, and each parcel a mail.
    pub by_mail: Cell<bool>,
    /// Its tracker.
    pub tracker: Rc<Tracker>,
    /// How its parcels are sealed.
    pub wire: Watched,
    /// What it did to the outside, where somebody wants to know.
    pub journal: Rc<Journal>,
}

impl Side {
    /// One call of the engine, with the side's time and a seed of its own.
    pub fn engine<T>(&self, call: impl FnOnce(&Engine<'_>) -> T) -> T {
        let seed = self.next_seed();
        let mail = MailChannel::new(&*self.channel, &*self.channel, self.now());
        let ports = Ports {
            tracker: &*self.tracker,
            channel: if self.by_mail.get() { &mail } else { &*self.channel },
            store: &*self.store,
            blobs: &*self.blobs,
            wire: &self.wire,
            observer: &Scribe(&self.journal),
        };
        call(&Engine::new(ports, self.now(), seed))
    }

    /// As `engine`, and dies at the n-th point of it, from 0.
    ///
    /// # Errors
    /// `Crashed` where it died.
    pub fn engine_until<T>(&self, n: u64, call: impl FnOnce(&Engine<'_>) -> T) -> Result<T, Crashed> {
        self.fuse.crash_at(n, || self.engine(call))
    }

    /// What its own clock shows.
    pub fn now(&self) -> Time {
        Time(self.clock.now().0.saturating_add_signed(self.skew_ms.get()))
    }

    /// The random bytes of its next call.
    pub fn next_seed(&self) -> [u8; 32] {
        let number = self.calls.replace(self.calls.get() + 1);
        digest::of_parts(&[self.name.as_bytes(), &self.seed.to_be_bytes(), &number.to_be_bytes()]).0
    }

    /// From here on this engine works here.
    pub fn employ(&self, works: Rc<dyn Works>) {
        self.works.replace(works);
    }

    /// One tick of whoever works here.
    ///
    /// # Errors
    /// The engine's.
    pub fn tick_with(&self, budget: Budget) -> Result<Report, Fault> {
        let works = self.works.borrow().clone();
        works.tick(self, budget)
    }

    /// An administrator's word to whoever works here.
    ///
    /// # Errors
    /// The engine's.
    pub fn order(&self, order: &Order) -> Result<(), Fault> {
        let works = self.works.borrow().clone();
        works.order(self, order)
    }
}

/// What a world had come to.
pub struct Beginning {
    now: Time,
    sides: [Half; 2],
}

/// What one side had come to.
struct Half {
    calls: u64,
    contents: BTreeMap<Vec<u8>, Vec<u8>>,
    sent: Directory,
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
        let journals = (Rc::new(Journal::default()), Rc::new(Journal::default()));
        let watched = ([fuses.0.clone(), fuses.1.clone()], [journals.0.clone(), journals.1.clone()]);
        let (there, back) = Channel::watched(watched.0, watched.1);
        let side = |name: &str, project: &str, fuse: Rc<Fuse>, journal: Rc<Journal>, channel| {
            let blobs = Rc::new(Blobs::new(fuse.clone()));
            Side {
                name: name.to_owned(),
                seed,
                calls: Cell::new(0),
                clock: clock.clone(),
                skew_ms: Cell::new(0),
                works: RefCell::new(Rc::new(Native::default())),
                store: Rc::new(Store::watched(fuse.clone(), journal.clone())),
                tracker: Rc::new(Tracker::new(project, fuse.clone(), clock.clone(), blobs.clone(), journal.clone())),
                blobs,
                channel: Rc::new(channel),
                by_mail: Cell::new(false),
                wire: Watched::new(wire(), journal.clone()),
                journal,
                fuse,
            }
        };
        let alice = side("alice", "ACME", fuses.0, journals.0, there);
        let bob = side("bob", "GLX", fuses.1, journals.1, back);
        Self { clock, alice, bob }
    }

    /// What it has come to, before people did anything at the trackers.
    pub fn beginning(&self) -> Beginning {
        Beginning {
            now: self.clock.now(),
            sides: [&self.alice, &self.bob].map(|side| Half {
                calls: side.calls.get(),
                contents: side.store.contents(),
                sent: Directory::clone(&side.channel.send),
            }),
        }
    }

    /// Makes a new world go on from there; what comes then goes by its own
    /// seed.
    pub fn go_on_from(self, beginning: &Beginning) -> Self {
        let world = self;
        world.clock.set(beginning.now);
        for (side, half) in [&world.alice, &world.bob].into_iter().zip(&beginning.sides) {
            side.calls.set(half.calls);
            side.store.restore(half.contents.clone());
            side.channel.send.restore(&half.sent);
        }
        world
    }

    /// Each parcel is a mail; to be said before anything left.
    pub fn by_mail(self) -> Self {
        [&self.alice, &self.bob].iter().for_each(|side| side.by_mail.set(true));
        self
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
