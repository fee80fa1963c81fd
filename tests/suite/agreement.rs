//! How two sides come to share something: publish, adopt, switch; and what is
//! refused on the way.

use ferry_core::config::{Standing, Verdict};
use ferry_core::fault::Fault;
use ferry_core::ids::Alias;
use ferry_core::model::Value;
use ferry_core::state::{Reunion, State};
use ferry_core::store::Draft;
use ferry_core::tables;
use ferry_tests::{Side, World};

fn standing(side: &Side) -> (Standing, u32) {
    let agreement = side.engine(|engine| engine.agreement()).unwrap();
    (agreement.standing, agreement.version)
}

fn taken(verdict: Result<Verdict, Fault>) -> u32 {
    let verdict = verdict.unwrap();
    verdict.version.unwrap_or_else(|| panic!("{:?}", verdict.problems))
}

fn publish(side: &Side, text: &str) -> u32 {
    taken(side.engine(|engine| engine.publish(Some(text))))
}

fn adopt(side: &Side, text: &str) -> u32 {
    taken(side.engine(|engine| engine.adopt(Some(text))))
}

fn example(side: &Side) -> String {
    side.engine(|engine| engine.example()).unwrap()
}

fn current(side: &Side) -> String {
    side.engine(|engine| engine.current(false)).unwrap()
}

/// The example with more or less in it: another scope.
fn without_comments(text: &str) -> String {
    text.replacen("comments    = \"both\"", "comments    = \"none\"", 1)
}

#[test]
fn publishing_while_running_changes_nothing_until_it_is_adopted() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    let scope = |side: &Side, version| side.engine(|engine| engine.mapping(version)).unwrap().unwrap().scope().clone();
    assert_eq!(scope(alice, 1), scope(bob, 1), "both computed the same");
    assert_eq!(publish(alice, &without_comments(&example(alice))), 2);
    assert_eq!(standing(alice), (Standing::WaitingForSecondary, 2));
    world.rest();
    assert_eq!(standing(bob), (Standing::UpdateRequired, 2));
    let issue = alice.tracker.person_creates("Leaks");
    alice.tracker.person_comments(&issue, "Ann", "It drips.");
    world.rest();
    assert_eq!(bob.tracker.titled("Leaks").unwrap().comments.len(), 1, "version 1 is still in force");
    assert_eq!(adopt(bob, &example(bob)), 2);
    assert_eq!(standing(bob), (Standing::Adopted, 2));
    world.rest();
    assert_eq!(standing(alice), (Standing::Adopted, 2));
    assert_eq!(scope(alice, 2), scope(bob, 2));
    alice.tracker.person_comments(&issue, "Ann", "It pours.");
    alice.tracker.person_edits(&issue, "title", Value::Text("Leaks badly".to_owned()));
    world.rest();
    assert_eq!(bob.tracker.titled("Leaks badly").unwrap().comments.len(), 1, "comments are out of scope now");
}

#[test]
fn an_answer_to_a_replaced_publication_still_counts() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    let first = without_comments(&example(alice));
    assert_eq!(publish(alice, &first), 2);
    world.rest();
    assert_eq!(adopt(bob, &example(bob)), 2);
    assert_eq!(publish(alice, &first.replacen("attachments = \"both\"", "attachments = \"none\"", 1)), 3);
    world.rest();
    assert_eq!(standing(alice), (Standing::WaitingForSecondary, 3));
    assert_eq!(alice.engine(|engine| engine.configured()).unwrap().version, 2, "bob writes under it");
    assert_eq!(standing(bob), (Standing::UpdateRequired, 3));
    bob.tracker.person_creates("Meanwhile");
    world.rest();
    assert!(alice.tracker.titled("Meanwhile").is_some());
    assert_eq!(adopt(bob, &example(bob)), 3);
    world.rest();
    assert_eq!((standing(alice), standing(bob)), ((Standing::Adopted, 3), (Standing::Adopted, 3)));
}

#[test]
fn our_own_names_change_without_asking_the_partner() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    let commented = format!("{}\n# who to ask: Ann\n", current(bob));
    assert_eq!(adopt(bob, &commented), 1);
    assert_eq!(current(bob), commented);
    let text = current(alice);
    let line = text.lines().find(|line| line.starts_with("# when")).unwrap();
    let filtered = text.replacen(line, "when = 'title matches \"*out*\"'", 1);
    assert_eq!(publish(alice, &filtered), 1, "in force at once");
    world.rest();
    assert_eq!((standing(alice), standing(bob)), ((Standing::Adopted, 1), (Standing::Adopted, 1)));
    let less = without_comments(&current(bob)).replacen("comments    = \"both\"", "comments    = \"none\"", 1);
    assert!(matches!(bob.engine(|engine| engine.adopt(Some(&less))), Err(Fault::NotAllowed(_))));
    assert_eq!(publish(alice, &current(alice)), 2, "the very same text asks the partner again");
    world.rest();
    assert_eq!(adopt(bob, &less), 2);
    world.rest();
    assert!(!alice.engine(|engine| engine.mapping(2)).unwrap().unwrap().sends_comments());
}

#[test]
fn a_draft_is_kept_until_it_is_the_configuration() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    let text = without_comments(&example(alice));
    let kept = alice.engine(|engine| engine.draft_configuration(&text)).unwrap();
    assert_eq!((kept.version, kept.problems), (None, vec![]));
    assert!(alice.engine(|engine| engine.agreement()).unwrap().draft);
    assert_eq!(alice.engine(|engine| engine.current(true)).unwrap(), text);
    assert_eq!(taken(alice.engine(|engine| engine.publish(None))), 2);
    assert!(!alice.engine(|engine| engine.agreement()).unwrap().draft);
    assert!(matches!(alice.engine(|engine| engine.publish(None)), Err(Fault::NotFound(_))));
    let wrong = bob.engine(|engine| engine.draft_configuration("[[types]]\nlocal = \"Bug\"\n")).unwrap();
    assert_eq!(wrong.problems[0].message, "this type has no `alias`");
    assert!(!bob.engine(|engine| engine.agreement()).unwrap().draft, "what has errors isn't kept");
}

#[test]
fn each_side_has_its_own_word() {
    let world = World::connected(1);
    let refused = |result: Result<Verdict, Fault>| match result {
        Err(Fault::NotAllowed(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert!(refused(world.bob().engine(|engine| engine.publish(Some("")))).contains("config adopt"));
    assert!(refused(world.alice().engine(|engine| engine.adopt(Some("")))).contains("config publish"));
    let wrong = world.alice().engine(|engine| engine.publish(Some("[[types]]\nalias = \"x\"\nlocal = \"Bugg\"\n")));
    let wrong = wrong.unwrap();
    assert_eq!(wrong.version, None);
    assert_eq!((wrong.problems[0].line, wrong.problems[0].column), (3, 9));
    assert_eq!(standing(world.alice()), (Standing::Adopted, 1), "what has errors changes nothing");
}

#[test]
fn the_secondary_narrows_and_both_keep_to_it() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    assert_eq!(publish(alice, &current(alice)), 2);
    world.rest();
    let answer = example(bob);
    let line = answer.lines().find(|line| line.starts_with("points")).unwrap();
    let narrowed = answer.replace(line, "points = { local = \"points\", direction = \"send\" }");
    assert_eq!(adopt(bob, &narrowed), 2);
    world.rest();
    let mapping = alice.engine(|engine| engine.mapping(2)).unwrap().unwrap();
    let of = mapping.types().iter().find(|of| of.scope().field(&Alias::from("points")).is_some()).unwrap();
    let ways = mapping.ways(&of.alias, &Alias::from("points"));
    assert!(ways.to_primary && !ways.to_secondary);
    let issue = alice.tracker.person_creates("Leaks");
    world.rest();
    alice.tracker.person_edits(&issue, "points", Value::Number("5".to_owned()));
    world.rest();
    assert_eq!(bob.tracker.titled("Leaks").unwrap().field("points"), Some(&Value::Absent));
}

#[test]
fn nothing_is_adopted_while_both_sides_compare_what_they_know() {
    let world = World::connected(1);
    let (alice, bob) = (world.alice(), world.bob());
    publish(alice, &without_comments(&example(alice)));
    world.rest();
    let compares = |reunion| {
        let mut draft = Draft::new(&*bob.store);
        let state = draft.get(&tables::STATE, &()).unwrap().unwrap();
        draft.put(&tables::STATE, &(), &State { reunion, ..state }).unwrap();
        draft.commit().unwrap();
    };
    compares(Reunion::Told);
    let refused = bob.engine(|engine| engine.adopt(Some(&engine.example()?)));
    assert!(matches!(refused, Err(Fault::NotAllowed(_))), "{refused:?}");
    assert_eq!(standing(bob), (Standing::UpdateRequired, 2), "it can be answered afterwards");
    compares(Reunion::None);
    assert_eq!(adopt(bob, &example(bob)), 2);
}
