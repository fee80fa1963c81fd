//! The engine with an outside that lies: nonsense from a tracker, a channel or
//! a store, in the middle of a synchronization's work. Values of the interface
//! become these one for one.

use std::cell::RefCell;

use ferry_core::engine::tick::Budget;
use ferry_core::engine::{Engine, Ports};
use ferry_core::model::Value;
use ferry_core::time::Time;
use ferry_tests::memory::journal::Scribe;
use ferry_tests::{Beginning, Side, World};

use crate::dice::Dice;
use crate::nonsense::{LyingChannel, LyingStore, LyingTracker};

const BUDGET: Budget = Budget { effects: 50, parcels: 8, finishing: true, receive: true, pull: true };
/// Ticks of one side, whatever the dice say.
const TICKS: usize = 6;

thread_local! {
    static BEGINNING: RefCell<Option<Beginning>> = const { RefCell::new(None) };
}

fn world() -> World {
    BEGINNING
        .with_borrow_mut(|kept| World::two(1).go_on_from(kept.get_or_insert_with(|| World::connected(1).beginning())))
}

/// The first byte says who lies; the others are the dice.
pub fn run(input: &[u8]) {
    let Some((&door, dice)) = input.split_first() else { return };
    let world = world();
    let (alice, bob) = (world.alice(), world.bob());
    let issue = alice.tracker.person_creates("The build is red on Mondays");
    alice.tracker.person_comments(&issue, "Ann", "Seen here too.");
    alice.tracker.person_attaches(&issue, "Ann", "log.txt", b"red");
    let theirs = bob.tracker.person_creates("Theirs");
    bob.tracker.person_edits(&theirs, "points", Value::Number("3".to_owned()));
    alice.run_once().unwrap();
    let dice = Dice::new(dice);
    for tick in 0..TICKS {
        lied_to(bob, door, &dice, tick);
        // The partner is never harmed by what its partner's outside says.
        let honest = alice.tick();
        assert!(door & 4 != 0 || honest.is_ok(), "{honest:?}");
        world.clock.advance_ms(60_000);
    }
}

fn lied_to(side: &Side, door: u8, dice: &Dice, tick: usize) {
    let (tracker, channel, store) = (
        LyingTracker { honest: &*side.tracker, dice },
        LyingChannel { honest: &*side.channel, dice },
        LyingStore { honest: &*side.store, dice },
    );
    let ports = Ports {
        tracker: if door & 1 != 0 { &tracker } else { &*side.tracker },
        channel: if door & 2 != 0 { &channel } else { &*side.channel },
        store: if door & 4 != 0 { &store } else { &*side.store },
        blobs: &*side.blobs,
        wire: &side.wire,
        observer: &Scribe(&side.journal),
    };
    let now = Time(side.clock.now().0);
    let engine = Engine::new(ports, now, [u8::try_from(tick).unwrap(); 32]);
    // It may fail; it may not break off.
    drop(engine.tick(BUDGET));
    drop(engine.overview());
    drop(engine.faults(None, 10));
    drop(engine.preview(None, 10));
}

/// Each liar alone, and all together, by some dice.
pub fn seeds() -> Vec<Vec<u8>> {
    let throws = |door: u8, factor: u32| -> Vec<u8> {
        let dice = (1..400u32)
            .map(|n| u8::try_from(n.wrapping_mul(factor).wrapping_mul(2_654_435_761).rotate_left(n) >> 24).unwrap());
        std::iter::once(door).chain(dice).collect()
    };
    (1..8).flat_map(|door| [throws(door, 1), throws(door, 7)]).collect()
}
