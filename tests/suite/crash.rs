//! A process may die between any two calls to the outside; what comes of it is
//! as if it hadn't.

use ferry_core::model::Value;
use ferry_tests::{Side, World};

/// A connected world with work for both sides in every step: new issues, an
/// edit, a conflict, a comment edited and another deleted, an attachment.
fn busy() -> World {
    let world = World::connected(1);
    let (alice, bob) = (&world.alice().tracker, &world.bob().tracker);
    let issue = alice.person_creates("Leaks");
    let edited = alice.person_comments(&issue, "Ann", "It drips.");
    let deleted = alice.person_comments(&issue, "Ann", "It pours.");
    world.rest();
    let copy = bob.titled("Leaks").unwrap().id;
    alice.person_edits(&issue, "points", Value::Number("5".to_owned()));
    bob.person_edits(&copy, "points", Value::Number("8".to_owned()));
    bob.person_edits(&copy, "blocked", Value::Boolean(true));
    bob.person_comments(&copy, "Ben", "We bring a bucket.");
    alice.person_edits_comment(&issue, &edited, "It drips no more.");
    alice.person_deletes_comment(&issue, &deleted);
    alice.person_moves(&issue, "Closed");
    alice.person_creates("Smells");
    bob.person_creates("Squeaks");
    alice.person_attaches(&issue, "Ann", "photo", b"pixels");
    world
}

fn ends_well(world: &World, whence: &str) {
    let rounds = world.rest();
    assert!(rounds <= 12, "{whence}: {rounds} rounds");
    world.assert_in_step();
    for side in [world.alice(), world.bob()] {
        assert!(side.engine(|engine| engine.faults(None, 10)).unwrap().is_empty(), "{whence}: something is parked");
        assert_eq!(side.tracker.issues().len(), 3, "{whence}");
        let leaks = side.tracker.titled("Leaks").unwrap();
        assert_eq!((leaks.comments.len(), leaks.attachments.len()), (2, 1), "{whence}");
    }
}

/// Dies at the n-th point of that side's n-th life, for every n that its work
/// has; `second` says whether it dies again while it recovers.
fn every_point(side: fn(&World) -> &Side, second: bool) {
    for n in 0.. {
        let world = busy();
        // The partner has its say first, so that there is something to receive.
        let other = if std::ptr::eq(side(&world), world.alice()) { world.bob() } else { world.alice() };
        other.run_once().unwrap();
        let victim = side(&world);
        let Err(_) = victim.fuse.crash_at(n, || victim.run_once().unwrap()) else {
            assert!(n > 30, "only {n} points: the work is too small to show anything");
            break;
        };
        if second {
            // Whether it gets so far is of no matter.
            victim.fuse.crash_at(n % 17, || victim.run_once().unwrap()).ok();
        }
        ends_well(&world, &format!("dead at point {n}"));
    }
}

#[test]
fn the_primary_may_die_anywhere() {
    every_point(World::alice, false);
}

#[test]
fn the_secondary_may_die_anywhere() {
    every_point(World::bob, false);
}

#[test]
fn and_again_while_it_recovers() {
    every_point(World::alice, true);
    every_point(World::bob, true);
}

#[test]
fn the_handshake_may_be_cut_anywhere() {
    let handshaken = |n: u64, alices: bool| {
        let world = World::two(1);
        let file = world.alice().engine(|engine| engine.create(&ferry_tests::road::wanted())).unwrap();
        world.bob().engine(|engine| engine.join(&file, None)).unwrap();
        let victim = if alices { world.alice() } else { world.bob() };
        let mut died = false;
        for _ in 0..3 {
            for side in [world.bob(), world.alice()] {
                if std::ptr::eq(side, victim) && !died {
                    died = side.fuse.crash_at(n, || side.run_once().unwrap()).is_err();
                } else {
                    side.run_once().unwrap();
                }
            }
        }
        world.rest();
        for side in [world.alice(), world.bob()] {
            let state = side.engine(|engine| engine.overview()).unwrap().state;
            assert_eq!(state.connection, ferry_core::state::Connection::Passed, "dead at point {n}: {}", state.reason);
        }
        died
    };
    for alices in [true, false] {
        let points = (0..).take_while(|n| handshaken(*n, alices)).count();
        assert!(points > 5, "only {points} points");
    }
}
