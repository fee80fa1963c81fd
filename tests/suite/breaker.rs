//! Unusually many changes within an hour are held until a person says so.

use ferry_core::ids::IssueId;
use ferry_core::limits::{BREAKER_HOUR_MS, BREAKER_PAIRS_MIN};
use ferry_core::model::Value;
use ferry_tests::{Side, World};

/// More issues than may change within an hour.
const ISSUES: usize = BREAKER_PAIRS_MIN as usize + 10;

/// A connected world with so many issues of Alice's, an hour ago.
fn world() -> (World, Vec<IssueId>) {
    let world = World::connected(1);
    let ids = (0..ISSUES).map(|n| world.alice().tracker.person_creates(&format!("Issue {n}"))).collect();
    world.rest();
    world.clock.advance_ms(BREAKER_HOUR_MS);
    (world, ids)
}

fn points(value: &str) -> Value {
    Value::Number(value.to_owned())
}

/// How many of a side's issues show it.
fn showing(side: &Side, value: &str) -> usize {
    side.tracker.issues().iter().filter(|issue| issue.field("points") == Some(&points(value))).count()
}

fn held(side: &Side) -> u64 {
    side.engine(|engine| engine.overview()).unwrap().held
}

fn release(side: &Side) -> u32 {
    side.engine(|engine| engine.release()).unwrap()
}

#[test]
fn edits_beyond_the_measure_wait_for_a_word_and_then_arrive() {
    let (world, ids) = world();
    let (alice, bob) = (world.alice(), world.bob());
    ids.iter().for_each(|id| alice.tracker.person_edits(id, "points", points("5")));
    alice.tracker.person_creates("New, and no edit");
    world.rest();
    assert_eq!((held(alice), held(bob)), (10, 0));
    assert_eq!(showing(bob, "5"), ISSUES - 10, "what goes beyond is not sent");
    assert!(bob.tracker.titled("New, and no edit").is_some(), "only what goes beyond is held");
    assert_eq!(release(alice), 10);
    world.rest();
    assert_eq!((held(alice), held(bob)), (0, 10), "the other side's people have a word of their own");
    assert_eq!(release(bob), 10);
    world.rest();
    assert_eq!((held(alice), held(bob), showing(bob, "5")), (0, 0, ISSUES));
    world.assert_in_step();
}

#[test]
fn edits_that_are_undone_before_the_word_never_arrive() {
    let (world, ids) = world();
    let (alice, bob) = (world.alice(), world.bob());
    ids.iter().for_each(|id| alice.tracker.person_edits(id, "points", points("5")));
    world.rest();
    ids.iter().for_each(|id| alice.tracker.person_edits(id, "points", points("3")));
    world.rest();
    release(alice);
    world.rest();
    release(bob);
    world.rest();
    assert_eq!((showing(bob, "5"), showing(bob, "3")), (0, ISSUES));
    world.assert_in_step();
}

#[test]
fn the_partners_changes_beyond_the_measure_are_not_written_before_the_word() {
    let (world, ids) = world();
    let (alice, bob) = (world.alice(), world.bob());
    // The partner said its word; the receiver has one of its own.
    ids.iter().for_each(|id| alice.tracker.person_edits(id, "points", points("5")));
    alice.run_once().unwrap();
    release(alice);
    world.rest();
    assert_eq!((held(alice), held(bob)), (0, 10));
    assert_eq!(showing(bob, "5"), ISSUES - 10);
    let copy = bob.tracker.titled("Issue 59").unwrap().id;
    bob.tracker.person_comments(&copy, "Ben", "Goes on meanwhile.");
    world.rest();
    let comments: usize = alice.tracker.issues().iter().map(|issue| issue.comments.len()).sum();
    assert_eq!(comments, 1, "what is ours flows");
    assert_eq!(release(bob), 10);
    world.rest();
    assert_eq!(showing(bob, "5"), ISSUES);
    world.assert_in_step();
}

#[test]
fn departures_beyond_the_measure_are_told_only_after_the_word() {
    let (world, ids) = world();
    let (alice, bob) = (world.alice(), world.bob());
    ids.iter().for_each(|id| alice.tracker.person_deletes(id));
    world.rest();
    let left = |side: &Side| {
        let pairs = side.engine(|engine| engine.pairs(None, 1_000)).unwrap();
        pairs.iter().filter(|counterpart| counterpart.pair.left_there).count()
    };
    assert_eq!((held(alice), left(bob)), (10, ISSUES - 10));
    assert_eq!(release(alice), 10);
    world.rest();
    assert_eq!((held(alice), left(bob)), (0, ISSUES));
}

#[test]
fn the_measure_is_that_of_an_hour_and_a_pair_counts_once() {
    let (world, ids) = world();
    let alice = world.alice();
    for hour in 0..3 {
        for (n, id) in ids.iter().enumerate().take(40) {
            alice.tracker.person_edits(id, "points", points(&format!("{hour}{n}")));
            alice.run_once().unwrap();
            alice.tracker.person_edits(id, "points", points(&format!("{hour}{n}1")));
        }
        world.rest();
        world.clock.advance_ms(BREAKER_HOUR_MS);
    }
    assert_eq!((held(alice), held(world.bob())), (0, 0));
    world.assert_in_step();
}

#[test]
fn what_comes_back_before_the_word_goes_on_as_if_it_had_never_left() {
    let (world, ids) = world();
    let (alice, bob) = (world.alice(), world.bob());
    ids.iter().for_each(|id| alice.tracker.person_takes_away(id));
    world.rest();
    assert_eq!(held(alice), 10);
    for n in BREAKER_PAIRS_MIN..ISSUES as u64 {
        let copy = bob.tracker.titled(&format!("Issue {n}")).unwrap().id;
        bob.tracker.person_edits(&copy, "points", points("7"));
        bob.tracker.person_attaches(&copy, "Ben", "log.txt", b"red");
    }
    world.rest();
    ids.iter().for_each(|id| alice.tracker.person_brings_back(id));
    world.rest();
    assert_eq!((held(alice), showing(alice, "7")), (0, 10));
    let attached: usize = alice.tracker.issues().iter().map(|issue| issue.attachments.len()).sum();
    assert_eq!(attached, 10, "what was attached meanwhile is lost");
    world.assert_in_step();
}
