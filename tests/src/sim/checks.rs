//! The checkers: one for each invariant, in a file of its own or, where they
//! need the same records, together with its neighbour.

mod acknowledgement;
mod applied;
mod authenticity;
mod cost;
mod edits;
mod intent;
mod policy;
mod scope;
mod secrets;
mod state;

use ferry_core::digest;
use ferry_core::ids::Chain;

use super::history::History;
use super::play::{Build, side};
use super::step::End;
use super::trace;
use crate::World;
use crate::memory::journal::Event;
pub(in crate::sim) use state::puts;
use state::{Ended, Shadow};

/// What must never happen: the invariant, and what was seen.
pub(super) type Seen = (&'static str, String);

/// Looks at what sides do, and at how a world ends.
trait Check {
    /// Its invariant.
    fn name(&self) -> &'static str;

    /// Something that a side did; `before` is its store as it was.
    fn event(&mut self, _end: End, _event: &Event, _before: &Shadow) -> Result<(), String> {
        Ok(())
    }

    /// A world at rest.
    fn end(&mut self, _ended: &Ended<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// All checkers, and what both stores hold.
pub(super) struct Checks {
    all: Vec<Box<dyn Check>>,
    stores: [Shadow; 2],
    chain: Chain,
    /// Whether everything that is seen is said.
    pub tell: bool,
}

impl Checks {
    /// For a world in which nothing was watched yet.
    pub fn new(world: &World, build: Build) -> Self {
        let stores = End::BOTH.map(|end| Shadow::of(side(world, end)));
        let mut all: Vec<Box<dyn Check>> = vec![
            Box::new(intent::AtomicIntent::new(build.wire())),
            Box::new(applied::AtMostOnce::default()),
            Box::new(edits::NoSilentLoss),
            Box::new(acknowledgement::Honest::default()),
            Box::new(acknowledgement::OneHistory::default()),
            Box::new(applied::NoDoubles),
            Box::new(edits::Convergence),
            Box::new(policy::Policy::default()),
            Box::new(edits::NoLostEdit::default()),
            Box::new(scope::Scope),
            Box::new(authenticity::Authenticity::new(&stores)),
            Box::new(cost::BoundedCost),
            Box::new(secrets::NoLeaks::new(&stores)),
        ];
        if build == Build::Plain {
            // Nobody sees what a sealed parcel holds.
            all.push(Box::new(authenticity::NoEarlyPlaintext::new(&stores)));
        }
        Self { all, stores, chain: Chain::START, tell: false }
    }

    /// Says something, where that is wanted.
    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.tell {
            println!("{}", what());
        }
    }

    /// Looks at what both sides did since.
    pub fn look(&mut self, world: &World) -> Result<(), Seen> {
        for end in End::BOTH {
            for event in side(world, end).journal.take() {
                self.say(|| format!("  {end:?} {}", trace::event(&event)));
                // Reading is no deed, and shows only where the wire is ours.
                if !matches!(event, Event::Read(_)) {
                    self.chain = self.chain.then(event.digest());
                }
                for check in &mut self.all {
                    check.event(end, &event, &self.stores[end as usize]).map_err(|what| (check.name(), what))?;
                }
                match event {
                    Event::Commit(mutations) => self.stores[end as usize].take(mutations),
                    Event::Restored(contents) => self.stores[end as usize] = Shadow::from(contents),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Looks at a world at rest.
    pub fn end(&mut self, world: &World, history: &History) -> Result<(), Seen> {
        let ended = Ended::of(world, history);
        for check in &mut self.all {
            check.end(&ended).map_err(|what| (check.name(), what))?;
        }
        Ok(())
    }

    /// Of everything that both sides did.
    pub fn digest(&self) -> String {
        digest::hex(&self.chain.0)
    }
}
