//! What goes beyond a bound: too large, out of scope, not known any more. It
//! parks with its reason, and everything else goes on.

use ferry_core::ids::{Alias, IssueId};
use ferry_core::model::{Markup, RichText, Value};
use ferry_core::scope::Ways;
use ferry_core::store::Draft;
use ferry_core::{limits, tables};
use ferry_tests::{Side, World};

fn long(bytes: usize) -> Value {
    Value::RichText(RichText { markup: Markup::Markdown, source: "x".repeat(bytes) })
}

/// Kinds of the faults that are open at a side, its partner's left out.
fn parked(side: &Side) -> Vec<String> {
    let faults = side.engine(|engine| engine.faults(None, 10)).unwrap();
    faults.into_iter().filter(|(_, fault)| !fault.partner).map(|(_, fault)| fault.kind).collect()
}

/// As many labels as weigh so much.
fn labels(bytes: usize) -> Value {
    Value::Labels((0..bytes / 1_000).map(|n| format!("{n:01000}")).collect())
}

#[test]
fn an_issue_too_large_for_a_message_waits_and_blocks_nothing() {
    let world = World::connected(1);
    let alice = &world.alice().tracker;
    let large = alice.person_creates("Large");
    alice.person_edits(&large, "description", long(limits::VALUE_BYTES_MAX));
    alice.person_edits(&large, "labels", labels(900_000));
    alice.person_edits(&large, "title", Value::Text("z".repeat(900_000)));
    alice.person_comments(&large, "Ann", "Not lost either.");
    alice.person_creates("Small");
    world.rest();
    assert!(world.bob().tracker.titled("Small").is_some());
    assert_eq!(world.bob().tracker.issues().len(), 1);
    assert_eq!(parked(world.alice()), ["too-large"]);
    alice.person_edits(&large, "title", Value::Text("Large".to_owned()));
    world.rest();
    world.assert_in_step();
    assert!(parked(world.alice()).is_empty());
}

#[test]
fn edits_too_large_for_a_message_wait_while_a_change_is_on_its_way() {
    let world = World::connected(1);
    let alice = &world.alice().tracker;
    let issue = alice.person_creates("Grows");
    world.rest();
    alice.person_edits(&issue, "points", Value::Number("3".to_owned()));
    world.alice().run_once().unwrap();
    alice.person_edits(&issue, "description", long(limits::VALUE_BYTES_MAX));
    alice.person_edits(&issue, "labels", labels(900_000));
    alice.person_edits(&issue, "title", Value::Text("z".repeat(900_000)));
    world.rest();
    assert_eq!(parked(world.alice()), ["too-large"]);
    let there = world.bob().tracker.titled("Grows").unwrap();
    assert_eq!(there.field("points"), Some(&Value::Number("3".to_owned())));
    alice.person_edits(&issue, "title", Value::Text("Grows".to_owned()));
    world.rest();
    world.assert_in_step();
    assert!(parked(world.alice()).is_empty());
}

#[test]
fn values_too_large_wait_by_themselves() {
    let world = World::connected(1);
    let alice = &world.alice().tracker;
    let issue = alice.person_creates("Long");
    alice.person_edits(&issue, "description", long(limits::VALUE_BYTES_MAX + 1));
    let comment = alice.person_comments(&issue, "Ann", &"y".repeat(limits::VALUE_BYTES_MAX + 1));
    alice.person_comments(&issue, "Ann", "Short.");
    world.rest();
    let there = world.bob().tracker.titled("Long").unwrap();
    assert_eq!(there.comments.len(), 1);
    assert_eq!(parked(world.alice()), ["too-large", "too-large"]);
    alice.person_edits(&issue, "description", long(5));
    alice.person_edits_comment(&issue, &comment, "Short, too.");
    world.rest();
    world.assert_in_step();
    assert!(parked(world.alice()).is_empty());
}

#[test]
fn many_large_comments_travel_in_several_messages() {
    let world = World::connected(1);
    let alice = &world.alice().tracker;
    let issue = alice.person_creates("Discussed");
    alice.person_edits(&issue, "description", long(limits::VALUE_BYTES_MAX));
    for number in 0..6 {
        alice.person_comments(&issue, "Ann", &number.to_string().repeat(limits::VALUE_BYTES_MAX));
    }
    world.rest();
    world.assert_in_step();
}

#[test]
fn an_issue_of_a_type_that_the_partner_may_not_create_is_not_written() {
    let world = World::connected(1);
    let bob = world.bob();
    let mut draft = Draft::new(&*bob.store);
    let mut adopted = draft.get(&tables::ADOPTIONS, &1).unwrap().unwrap();
    let bug = adopted.scope.types.iter_mut().find(|of| of.alias == Alias::from("bug")).unwrap();
    bug.ways = Ways { to_secondary: false, ..bug.ways };
    draft.put(&tables::ADOPTIONS, &1, &adopted).unwrap();
    draft.commit().unwrap();
    let issue = world.alice().tracker.person_creates("Forbidden");
    world.rest();
    assert!(bob.tracker.issues().is_empty());
    assert_eq!(parked(bob), ["out-of-scope"]);
    let told = world.alice().engine(|engine| engine.faults(None, 10)).unwrap();
    assert!(told.iter().any(|(_, fault)| fault.partner && fault.kind == "out-of-scope"), "{told:?}");
    // The pair goes on: nothing waits for an answer that never comes.
    world.alice().tracker.person_edits(&issue, "points", Value::Number("3".to_owned()));
    world.rest();
    assert!(bob.tracker.issues().is_empty());
}

/// Forgets what a side knows of an issue of its own, as a lost record would.
fn forget(side: &Side, issue: &IssueId) {
    let mut draft = Draft::new(&*side.store);
    let pair = draft.get(&tables::LOCAL, issue).unwrap().unwrap();
    draft.delete(&tables::LOCAL, issue);
    draft.delete(&tables::PAIRS, &pair);
    draft.commit().unwrap();
}

#[test]
fn a_change_of_an_issue_that_we_forgot_doubles_nothing() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    let ours = bob.tracker.person_creates("Ours");
    bob.tracker.person_creates("Other");
    world.rest();
    forget(bob, &ours);
    let theirs = alice.tracker.titled("Ours").unwrap().id;
    alice.tracker.person_edits(&theirs, "points", Value::Number("3".to_owned()));
    alice.tracker.person_edits(&alice.tracker.titled("Other").unwrap().id, "points", Value::Number("4".to_owned()));
    world.rest();
    assert_eq!((alice.tracker.issues().len(), bob.tracker.issues().len()), (2, 2));
    assert_eq!(parked(bob), ["unknown"]);
    assert_eq!(bob.tracker.titled("Other").unwrap().field("points"), Some(&Value::Number("4".to_owned())));
}
