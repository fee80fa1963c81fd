//! Plays a plan.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use ferry_core::ids::ParcelName;
use ferry_core::limits::BREAKER_PAIRS_MIN;
use ferry_core::planted::break_after;
use ferry_core::ports::Wire;
use ferry_wire::OpenPgp;

use super::checks::Checks;
use super::history::History;
use super::options::Knob;
use super::people::do_deed;
use super::plan::Plan;
use super::rest;
use super::step::{End, Pick, Step};
#[cfg(feature = "components")]
use crate::component::InWasm;
use crate::memory::{Backup, PlainWire};
use crate::world::{Native, Works};
use crate::{Beginning, Side, World};

/// Something that must never happen did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which checker saw it.
    pub check: &'static str,
    /// What it saw.
    pub what: String,
    /// After which step; none for the end.
    pub step: Option<usize>,
}

/// What was counted, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Faults that really happened.
    pub faults: BTreeMap<&'static str, u64>,
    /// Virtual time that passed, in milliseconds.
    pub ms: u64,
    /// Numbered messages that left.
    pub messages: u64,
}

/// How a world ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The first thing that a checker saw.
    pub failure: Option<Failure>,
    /// What happened on the way.
    pub tally: Tally,
    /// Of everything that both sides did: the same for the same plan.
    pub digest: String,
}

/// What both sides run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// The engine's own code, with the plain wire: where worlds are many.
    Plain,
    /// The same with real seals, called as the component calls it.
    Sealed,
    /// The component.
    #[cfg(feature = "components")]
    Component,
}

thread_local! {
    /// Two sides that run, made once: what comes before is tried elsewhere.
    static CONNECTED: Beginning = World::connected(0).beginning();
    /// The same by mail.
    static BY_MAIL: Beginning = World::two(0).by_mail().and_connected().beginning();
    /// The same with real seals.
    static SEALED: Beginning = World::sealed(0).and_connected().beginning();
    /// The same by mail.
    static SEALED_BY_MAIL: Beginning = World::sealed(0).by_mail().and_connected().beginning();
}

impl Build {
    /// How messages are written and parcels sealed.
    pub(super) fn wire(self) -> Box<dyn Wire> {
        if self == Self::Plain { Box::new(PlainWire) } else { Box::new(OpenPgp) }
    }

    fn world(self, seed: u64, by_mail: bool) -> World {
        let plain = self == Self::Plain;
        let world = if plain { World::two(seed) } else { World::sealed(seed) };
        let world = if by_mail { world.by_mail() } else { world };
        let beginning = match (plain, by_mail) {
            (true, false) => &CONNECTED,
            (true, true) => &BY_MAIL,
            (false, false) => &SEALED,
            (false, true) => &SEALED_BY_MAIL,
        };
        let world = beginning.with(|beginning| world.go_on_from(beginning));
        let works: Rc<dyn Works> = match self {
            Self::Plain => return world,
            Self::Sealed => Rc::new(Native { exported: true }),
            #[cfg(feature = "components")]
            Self::Component => Rc::new(InWasm),
        };
        End::BOTH.iter().for_each(|end| side(&world, *end).employ(works.clone()));
        world
    }
}

/// A world in play.
pub(super) struct Play {
    pub world: World,
    pub history: Rc<RefCell<History>>,
    pub checks: Checks,
    pub tally: Tally,
    /// Copies of the stores.
    pub backups: [Option<BTreeMap<Vec<u8>, Vec<u8>>>; 2],
    /// The last handshake file that was made in the middle of everything.
    pub invitation: Option<Vec<u8>>,
    /// Copies of the trackers, and how much people had written then.
    pub trackers: [Option<(Backup, usize)>; 2],
    /// Whether something may happen that only sweeps find.
    pub sweeps: bool,
    pub held: [BTreeMap<ParcelName, Vec<u8>>; 2],
}

/// Plays a plan to its end, or to the first thing that must never happen.
pub fn play(plan: &Plan) -> Outcome {
    play_with(plan, Build::Plain)
}

/// The same, and says what each side does.
pub fn tell(plan: &Plan) -> Outcome {
    let mut play = Play::begin(plan, Build::Plain);
    play.checks.tell = true;
    play.outcome(plan)
}

/// The same, with another build of the engine.
pub fn play_with(plan: &Plan, build: Build) -> Outcome {
    Play::begin(plan, build).outcome(plan)
}

/// Plays a plan twice: what depends on anything but the plan is seen.
pub fn twice(plan: &Plan) -> Outcome {
    let mut outcome = play(plan);
    if outcome.failure.is_none() && play(plan).digest != outcome.digest {
        let what = "the same plan gave other bytes the second time".to_owned();
        outcome.failure = Some(Failure { check: "I14 determinism", what, step: None });
    }
    outcome
}

impl Play {
    fn begin(plan: &Plan, build: Build) -> Self {
        let world = build.world(plan.seed, plan.options.has(Knob::Mail));
        // A component's measure can't be changed.
        let breaks = plan.options.has(Knob::Breaker) && build == Build::Plain;
        break_after(if breaks { 1 } else { BREAKER_PAIRS_MIN });
        for end in End::BOTH {
            let side = side(&world, end);
            side.journal.keep();
            if plan.options.has(Knob::NoConditionalWrites) {
                let mut abilities = side.tracker.abilities.get();
                abilities.optimistic_writes = false;
                side.tracker.abilities.set(abilities);
            }
            if plan.options.has(Knob::RoundTimes) {
                side.tracker.rounding_ms.set(60_000);
            }
            if plan.options.has(Knob::SearchLags) {
                side.tracker.index_lag_ms.set(30_000);
            }
        }
        let checks = Checks::new(&world, build);
        Self {
            world,
            history: Rc::default(),
            checks,
            tally: Tally::default(),
            backups: Default::default(),
            invitation: None,
            trackers: Default::default(),
            sweeps: [Knob::QuietEdits, Knob::SilentDeletions, Knob::TrackerRestores, Knob::Restores]
                .iter()
                .any(|knob| plan.options.has(*knob)),
            held: Default::default(),
        }
    }

    fn outcome(mut self, plan: &Plan) -> Outcome {
        let began = self.world.clock.now();
        let failure = self.through(plan).err();
        self.tally.ms = self.world.clock.now().since(began);
        Outcome { failure, digest: self.checks.digest(), tally: self.tally }
    }

    fn through(&mut self, plan: &Plan) -> Result<(), Failure> {
        for (place, step) in plan.steps.iter().enumerate() {
            self.checks.say(|| format!("{place}: {step:?}"));
            let whole = catch_unwind(AssertUnwindSafe(|| self.step(step)));
            let failed = |check, what| Failure { check, what, step: Some(place) };
            whole
                .map_err(|panic| failed("no panic", said(&*panic)))?
                .map_err(|what| failed("no fault of ours", what))?;
            self.checks.look(&self.world).map_err(|(check, what)| failed(check, what))?;
        }
        let rest = catch_unwind(AssertUnwindSafe(|| rest::come(self)));
        let failed = |check, what| Failure { check, what, step: None };
        rest.map_err(|panic| failed("no panic", said(&*panic)))?.map_err(|(check, what)| failed(check, what))?;
        self.checks.end(&self.world, &self.history.borrow()).map_err(|(check, what)| failed(check, what))
    }

    pub fn side(&self, end: End) -> &Side {
        side(&self.world, end)
    }

    /// Something really happened.
    pub fn count(&mut self, kind: &'static str) {
        *self.tally.faults.entry(kind).or_default() += 1;
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Person(end, deed) => {
                do_deed(*end, &self.side(*end).tracker, &self.history, deed);
                Ok(())
            }
            Step::Run(end, mishap) => self.run(*end, mishap),
            Step::RunOnce(end) => {
                let done = self.side(*end).run_once().map_err(|fault| fault.to_string())?;
                self.tally.messages += u64::from(done.sent);
                Ok(())
            }
            Step::Courier(end, carry) => {
                self.courier(*end, carry);
                Ok(())
            }
            Step::Tracker(end, quirk) => {
                self.quirk(*end, quirk);
                Ok(())
            }
            Step::Admin(end, command) => {
                self.command(*end, command);
                Ok(())
            }
            Step::Wait(ms) => {
                self.world.clock.advance_ms(u64::from(*ms));
                Ok(())
            }
            Step::Jump(end, ms) => {
                let skew = &self.side(*end).skew_ms;
                skew.set(skew.get() + i64::from(*ms));
                self.count("clock jumped");
                Ok(())
            }
        }
    }
}

/// The side at an end.
pub(super) fn side(world: &World, end: End) -> &Side {
    match end {
        End::Alice => world.alice(),
        End::Bob => world.bob(),
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// One of many.
pub(super) fn nth<K: Clone + Ord, V: Clone>(of: &BTreeMap<K, V>, pick: Pick) -> Option<(K, V)> {
    let place = usize::from(pick).checked_rem(of.len())?;
    of.iter().nth(place).map(|(key, value)| (key.clone(), value.clone()))
}
