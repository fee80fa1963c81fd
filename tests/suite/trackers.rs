//! Trackers that don't behave: put back from a backup, edited or emptied behind
//! their own back, slow to show what was made.

use ferry_core::engine::faults::Action;
use ferry_core::ids::IssueId;
use ferry_core::limits::{RESTORED_PAIRS_MAX, TIME_ROUNDING_MS, TRACKER_SWEEP_AGAIN_MS, TRACKER_SWEEP_MS};
use ferry_core::model::Value;
use ferry_core::state::Status;
use ferry_tests::{Side, World};

/// A connected world with so many issues of Alice's, and their ids.
fn world(issues: usize) -> (World, Vec<IssueId>) {
    let world = World::connected(1);
    let ids = (0..issues).map(|n| world.alice().tracker.person_creates(&format!("Issue {n}"))).collect();
    world.rest();
    world.clock.advance_ms(10 * TIME_ROUNDING_MS);
    (world, ids)
}

fn number(side: &Side, title: &str) -> Option<Value> {
    side.tracker.titled(title).unwrap().field("points").cloned()
}

/// Long enough for a sweep of both sides.
fn sweep(world: &World) {
    world.clock.advance_ms(TRACKER_SWEEP_MS);
    for _ in 0..8 {
        for side in [world.alice(), world.bob()] {
            side.run_once().unwrap();
        }
        world.clock.advance_ms(2 * TIME_ROUNDING_MS);
    }
}

fn status(side: &Side) -> Status {
    side.engine(|engine| engine.overview()).unwrap().state.status
}

fn points(value: &str) -> Value {
    Value::Number(value.to_owned())
}

#[test]
fn an_issue_in_an_earlier_state_is_held_and_a_retry_brings_it_up_to_date() {
    let (world, ids) = world(1);
    let (alice, bob) = (world.alice(), world.bob());
    let backup = alice.tracker.backup();
    alice.tracker.person_edits(&ids[0], "points", points("5"));
    let copy = bob.tracker.titled("Issue 0").unwrap().id;
    bob.tracker.person_comments(&copy, "Ben", "Five it is.");
    world.rest();
    alice.tracker.put_back(&backup);
    sweep(&world);
    let faults = alice.engine(|engine| engine.faults(None, 10)).unwrap();
    assert_eq!((faults.len(), faults[0].1.kind.as_str()), (1, "restored"), "{faults:?}");
    assert_eq!((status(alice), number(bob, "Issue 0")), (Status::Running, Some(points("5"))), "older over newer");
    assert_eq!(number(alice, "Issue 0"), Some(Value::Absent), "nothing is written before a person says so");
    alice.engine(|engine| engine.clear(&[faults[0].0.clone()], None, Action::Retry)).unwrap();
    world.rest();
    assert_eq!((number(alice, "Issue 0"), number(bob, "Issue 0")), (Some(points("5")), Some(points("5"))));
    assert!(alice.engine(|engine| engine.faults(None, 10)).unwrap().is_empty());
}

#[test]
fn several_stop_everything_until_both_sides_agree_and_then_nothing_is_doubled() {
    let (world, ids) = world(RESTORED_PAIRS_MAX);
    let (alice, bob) = (world.alice(), world.bob());
    let backup = alice.tracker.backup();
    ids.iter().for_each(|id| alice.tracker.person_edits(id, "points", points("5")));
    let copy = bob.tracker.titled("Issue 0").unwrap().id;
    bob.tracker.person_comments(&copy, "Ben", "Five it is.");
    bob.tracker.person_creates("Made since");
    alice.tracker.person_creates("Made since, and lost");
    world.rest();
    alice.tracker.put_back(&backup);
    sweep(&world);
    assert_eq!(status(alice), Status::RestartRequired);
    let mut agreed = 0;
    for _ in 0..8 {
        for side in [alice, bob] {
            side.run_once().unwrap();
            agreed += usize::from(side.engine(|engine| engine.reconcile()).is_ok());
            world.clock.advance_ms(5_000);
        }
    }
    world.rest();
    assert_eq!(agreed, 2, "people on both sides are asked, once");
    for title in ["Issue 0", "Issue 1", "Issue 2"] {
        assert_eq!((number(alice, title), number(bob, title)), (Some(points("5")), Some(points("5"))), "{title}");
    }
    assert_eq!(alice.tracker.titled("Issue 0").unwrap().comments.len(), 1, "the partner's comment is back");
    assert!(alice.tracker.titled("Made since").is_some(), "the partner's issue is back");
    assert_eq!(alice.tracker.issues().len(), RESTORED_PAIRS_MAX + 1);
    // What nobody but the partner has any more stays there.
    assert_eq!(bob.tracker.issues().len(), RESTORED_PAIRS_MAX + 2);
}

#[test]
fn another_issue_under_the_same_id_is_no_edit_of_the_old_one() {
    let (world, _) = world(0);
    let (alice, bob) = (world.alice(), world.bob());
    let backup = alice.tracker.backup();
    let old = alice.tracker.person_creates("Old");
    world.rest();
    alice.tracker.put_back(&backup);
    world.clock.advance_ms(10 * TIME_ROUNDING_MS);
    assert_eq!(alice.tracker.person_creates("New"), old, "the tracker counts anew");
    world.rest();
    assert!(bob.tracker.titled("Old").is_some() && bob.tracker.titled("New").is_none());
    let faults = alice.engine(|engine| engine.faults(None, 10)).unwrap();
    alice.engine(|engine| engine.clear(&[faults[0].0.clone()], None, Action::Retry)).unwrap();
    sweep(&world);
    sweep(&world);
    world.rest();
    assert!(bob.tracker.titled("Old").is_some() && bob.tracker.titled("New").is_some());
    assert_eq!((alice.tracker.issues().len(), bob.tracker.issues().len()), (1, 2));
}

#[test]
fn a_tracker_that_remembers_every_key_shows_what_was_attached_anew_and_edited_again() {
    let (world, ids) = world(1);
    let (alice, bob) = (world.alice(), world.bob());
    bob.tracker.remember_keys();
    let file = alice.tracker.person_attaches(&ids[0], "Ada", "plan.txt", b"the plan");
    let comment = alice.tracker.person_comments(&ids[0], "Ada", "first");
    world.rest();
    let copy = || bob.tracker.titled("Issue 0").unwrap();
    let content = || {
        let shown = copy();
        assert_eq!(shown.attachments.len(), 1, "{:?}", shown.attachments);
        bob.tracker.content(&shown.id, &shown.attachments[0].id).unwrap()
    };
    assert_eq!(content(), b"the plan");
    // No field changes, so that the pair's version stays the same.
    for (plan, text) in [("another plan", "second"), ("the plan", "first"), ("another plan", "second")] {
        alice.tracker.person_attaches_anew(&ids[0], &file, plan.as_bytes());
        alice.tracker.person_edits_comment(&ids[0], &comment, text);
        world.rest();
        assert_eq!((content(), copy().comments[0].body.source.as_str()), (plan.as_bytes().to_vec(), text));
    }
    alice.tracker.person_detaches(&ids[0], &file);
    alice.tracker.person_deletes_comment(&ids[0], &comment);
    world.rest();
    assert_eq!((copy().attachments.len(), copy().comments.len()), (0, 0));
}

#[test]
fn another_instance_stops_everything() {
    let (world, ids) = world(1);
    world.alice().tracker.become_instance("another");
    world.alice().tracker.person_edits(&ids[0], "points", points("5"));
    world.alice().run_once().unwrap();
    assert_eq!(status(world.alice()), Status::RestartRequired);
    assert_eq!(number(world.bob(), "Issue 0"), Some(Value::Absent));
}

#[test]
fn what_no_change_tells_of_is_found_by_a_sweep() {
    let (world, ids) = world(250);
    let (alice, bob) = (world.alice(), world.bob());
    alice.tracker.edited_quietly(&ids[7], "points", points("5"));
    alice.tracker.vanishes(&ids[8]);
    world.rest();
    assert_eq!(number(bob, "Issue 7"), Some(Value::Absent), "nothing told of it");
    sweep(&world);
    assert_eq!(number(bob, "Issue 7"), Some(points("5")));
    let left = || {
        let pairs = ferry_core::tables::PAIRS;
        let draft = ferry_core::store::Draft::new(&*bob.store);
        draft.scan(&pairs, None, 1_000).unwrap().into_iter().filter(|(_, pair)| pair.left_there).count()
    };
    assert_eq!(left(), 0, "it may be back in a moment");
    world.clock.advance_ms(TRACKER_SWEEP_AGAIN_MS);
    sweep(&world);
    assert_eq!((left(), bob.tracker.issues().len()), (1, 250), "the partner knows, and keeps its own");
}

#[test]
fn a_search_that_lags_makes_nothing_twice() {
    let (world, _) = world(0);
    let (alice, bob) = (world.alice(), world.bob());
    bob.tracker.index_lag_ms.set(30_000);
    alice.tracker.person_creates("Once");
    alice.run_once().unwrap();
    bob.tracker.misbehaviour.borrow_mut().forget_answers = 1;
    bob.run_once().unwrap();
    for _ in 0..5 {
        bob.run_once().unwrap();
        world.clock.advance_ms(10_000);
    }
    world.rest();
    assert_eq!(bob.tracker.issues().len(), 1);
    world.assert_in_step();
}

#[test]
fn an_id_that_a_restored_tracker_gives_again_is_the_new_issues_alone() {
    for conditional in [true, false] {
        let world = World::connected(1);
        let (alice, bob) = (world.alice(), world.bob());
        let mut abilities = alice.tracker.abilities.get();
        abilities.optimistic_writes = conditional;
        alice.tracker.abilities.set(abilities);
        let backup = alice.tracker.backup();
        let old = alice.tracker.person_creates("Old");
        world.rest();
        world.clock.advance_ms(10 * TIME_ROUNDING_MS);
        alice.tracker.put_back(&backup);
        let copy = bob.tracker.titled("Old").unwrap().id;
        bob.tracker.person_edits(&copy, "points", points("7"));
        (0..4).for_each(|n| drop(bob.tracker.person_creates(&format!("New {n}"))));
        world.rest();
        let new = alice.tracker.issue(&old).unwrap();
        assert!(new.field("title") != Some(&Value::Text("Old".to_owned())), "the id was not given again");
        let copy = bob.tracker.issues().into_iter().find(|issue| issue.field("title") == new.field("title")).unwrap();
        bob.tracker.person_edits(&copy.id, "points", points("3"));
        world.rest();
        sweep(&world);
        for n in 0..4 {
            let title = format!("New {n}");
            let wanted =
                if copy.field("title") == Some(&Value::Text(title.clone())) { points("3") } else { Value::Absent };
            assert_eq!(number(alice, &title), Some(wanted), "{title}, conditional writes: {conditional}");
        }
        assert_eq!(alice.tracker.issues().iter().filter(|issue| issue.id == old).count(), 1);
    }
}
