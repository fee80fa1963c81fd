//! Two trackers in step, natively and in memory: what travels, how it merges,
//! what parks.

use ferry_core::engine::faults::Action;
use ferry_core::ids::{IssueId, Timestamp};
use ferry_core::model::{Issue, Markup, RichText, Value};
use ferry_core::ports::TrackerFault;
use ferry_tests::{Side, World};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn labels(words: &[&str]) -> Value {
    Value::Labels(words.iter().map(|word| (*word).to_owned()).collect())
}

/// The copy of an issue on the other side, by its title.
fn there(side: &Side, title: &str) -> Issue {
    side.tracker.titled(title).unwrap_or_else(|| panic!("{title:?} is not there"))
}

fn field(side: &Side, title: &str, name: &str) -> Value {
    there(side, title).field(name).unwrap().clone()
}

/// A connected world in which both sides have one issue of that title.
fn with_issue(title: &str) -> (World, IssueId, IssueId) {
    let world = World::connected(1);
    let ours = world.alice().tracker.person_creates(title);
    world.rest();
    let theirs = there(world.bob(), title).id;
    (world, ours, theirs)
}

#[test]
fn all_of_an_issue_arrives() {
    let world = World::connected(1);
    for side in [world.alice(), world.bob()] {
        side.tracker.person("Ann");
        side.tracker.person("Ben");
    }
    let tracker = &world.alice().tracker;
    let rich = RichText { markup: Markup::Markdown, source: "Since *Monday*:\n\n    make\n".to_owned() };
    let (high, linux, macos) = (
        tracker.option("priority", "high"),
        tracker.option("platforms", "linux"),
        tracker.option("platforms", "macos"),
    );
    let fields = [
        ("title", text("Leaks")),
        ("description", Value::RichText(rich)),
        ("labels", labels(&["water", "urgent"])),
        ("assignee", Value::User(tracker.person("Ann"))),
        ("watchers", Value::Users(vec![tracker.person("Ann"), tracker.person("Ben")])),
        ("priority", Value::Choice(high)),
        ("platforms", Value::Choices(vec![linux, macos])),
        ("points", Value::Number("3.5".to_owned())),
        ("blocked", Value::Boolean(true)),
        ("due", Value::Date("2026-02-28".to_owned())),
        ("seen", Value::DateTime(Timestamp::from("2026-01-01T12:00:00Z"))),
        ("effort", Value::DurationSeconds(5400)),
        ("release", Value::Choice(tracker.option("release", "1.0"))),
        ("fixed-in", Value::Choices(vec![tracker.option("fixed-in", "2.0")])),
        ("component", Value::Choice(tracker.option("component", "core"))),
        ("components", Value::Choices(vec![tracker.option("components", "web")])),
    ];
    let issue = tracker.person_creates_a("Bug", &fields);
    tracker.person_moves(&issue, "Closed");
    tracker.person_comments(&issue, "Ann", "It drips.");
    tracker.person_comments(&issue, "Ben", "It pours.");
    let large: Vec<u8> = (0u32..3_500_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, content) in [("empty", &[][..]), ("one", b"1"), ("large", &large)] {
        tracker.person_attaches(&issue, "Ann", name, content);
    }
    world.rest();
    world.assert_in_step();
    let copy = there(world.bob(), "Leaks");
    assert_eq!((copy.comments.len(), copy.attachments.len()), (2, 3));
}

#[test]
fn both_ways_at_once_and_then_silence() {
    let world = World::connected(1);
    for number in 0..30 {
        world.alice().tracker.person_creates(&format!("Ours {number}"));
        world.bob().tracker.person_creates(&format!("Theirs {number}"));
    }
    let rounds = world.rest();
    assert!(rounds <= 6, "{rounds} rounds");
    world.assert_in_step();
    assert_eq!(world.alice().tracker.issues().len(), 60);
    for side in [world.alice(), world.bob()] {
        let done = side.run_once().unwrap();
        assert_eq!((done.sent, done.applied, done.received), (0, 0, 0), "an echo");
    }
}

#[test]
fn edits_of_different_fields_merge() {
    let (world, ours, theirs) = with_issue("Leaks");
    world.alice().tracker.person_edits(&ours, "points", Value::Number("5".to_owned()));
    world.bob().tracker.person_edits(&theirs, "blocked", Value::Boolean(true));
    world.rest();
    world.assert_in_step();
    assert_eq!(field(world.alice(), "Leaks", "blocked"), Value::Boolean(true));
    assert_eq!(field(world.bob(), "Leaks", "points"), Value::Number("5".to_owned()));
}

#[test]
fn the_primary_wins_a_conflict_alike_on_both_sides() {
    let (world, ours, theirs) = with_issue("Leaks");
    world.alice().tracker.person_edits(&ours, "due", Value::Date("2026-03-01".to_owned()));
    world.bob().tracker.person_edits(&theirs, "due", Value::Date("2026-04-01".to_owned()));
    world.rest();
    world.assert_in_step();
    assert_eq!(field(world.bob(), "Leaks", "due"), Value::Date("2026-03-01".to_owned()));
    let conflicts = |side: &Side| side.engine(|engine| engine.overview()).unwrap().conflicts;
    assert!(conflicts(world.alice()) + conflicts(world.bob()) > 0, "the value that lost is on no record");
}

#[test]
fn sets_merge_by_additions_and_removals() {
    let (world, ours, theirs) = with_issue("Leaks");
    world.alice().tracker.person_edits(&ours, "labels", labels(&["water", "urgent"]));
    world.rest();
    world.alice().tracker.person_edits(&ours, "labels", labels(&["water", "urgent", "cellar"]));
    world.bob().tracker.person_edits(&theirs, "labels", labels(&["water", "roof"]));
    world.rest();
    world.assert_in_step();
    let Value::Labels(mut merged) = field(world.alice(), "Leaks", "labels") else { panic!("no labels") };
    merged.sort();
    assert_eq!(merged, ["cellar", "roof", "water"]);
}

#[test]
fn comments_are_edited_and_deleted_by_their_origin_alone() {
    let (world, ours, theirs) = with_issue("Leaks");
    let first = world.alice().tracker.person_comments(&ours, "Ann", "It drips.");
    let second = world.alice().tracker.person_comments(&ours, "Ann", "It pours.");
    world.bob().tracker.person_comments(&theirs, "Ben", "We bring a bucket.");
    world.rest();
    world.assert_in_step();
    world.alice().tracker.person_edits_comment(&ours, &first, "It drips no more.");
    world.alice().tracker.person_deletes_comment(&ours, &second);
    world.rest();
    world.assert_in_step();
    let copy = there(world.bob(), "Leaks");
    let edited = copy.comments.iter().find(|comment| comment.body.source.contains("no more")).unwrap();
    assert_eq!(copy.comments.len(), 2);
    // A copy that its receiver deletes is gone here only.
    world.bob().tracker.person_deletes_comment(&copy.id, &edited.id);
    world.rest();
    assert_eq!(there(world.alice(), "Leaks").comments.len(), 2);
}

#[test]
fn internal_comments_never_leave() {
    let (world, ours, _) = with_issue("Leaks");
    world.alice().tracker.person_comments_internally(&ours, "Ann", "CANARY-1 they never pay");
    let turned = world.alice().tracker.person_comments(&ours, "Ann", "Public for now");
    world.rest();
    world.alice().tracker.person_sets_visibility(&ours, &turned, ferry_core::model::Visibility::Internal);
    world.alice().tracker.person_edits_comment(&ours, &turned, "CANARY-2 and they are late");
    world.rest();
    assert!(there(world.bob(), "Leaks").comments.is_empty(), "what turned internal is still there");
    let sent = &world.alice().channel.send;
    for (name, bytes) in sent.processed().into_iter().chain(sent.files()) {
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"), "{name} holds an internal comment");
    }
}

#[test]
fn statuses_are_reached_by_the_workflow() {
    let (world, ours, theirs) = with_issue("Leaks");
    world.alice().tracker.person_moves(&ours, "Closed");
    world.rest();
    assert_eq!(there(world.bob(), "Leaks").status, "Closed");
    world.bob().tracker.person_moves(&theirs, "Open");
    world.rest();
    assert_eq!(there(world.alice(), "Leaks").status, "Open");
    world.assert_in_step();
}

#[test]
fn a_deleted_issue_is_not_deleted_at_the_partner() {
    let (world, ours, theirs) = with_issue("Leaks");
    world.alice().tracker.person_deletes(&ours);
    world.rest();
    world.bob().tracker.person_edits(&theirs, "blocked", Value::Boolean(true));
    world.rest();
    assert_eq!(world.bob().tracker.issues().len(), 1);
    assert!(world.alice().tracker.issues().is_empty(), "it came back");
}

#[test]
fn what_is_refused_parks_and_everything_else_goes_on() {
    let (world, ours, _) = with_issue("Leaks");
    let bob = world.bob();
    bob.tracker.misbehaviour.borrow_mut().refuse.insert("due".to_owned(), "not in this sprint".to_owned());
    world.alice().tracker.person_edits(&ours, "due", Value::Date("2026-03-01".to_owned()));
    world.alice().tracker.person_edits(&ours, "blocked", Value::Boolean(true));
    world.rest();
    assert_eq!(field(bob, "Leaks", "blocked"), Value::Boolean(true));
    assert_eq!(field(bob, "Leaks", "due"), Value::Absent);
    let faults = bob.engine(|engine| engine.faults(None, 10)).unwrap();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].1.reason.contains("not in this sprint"), "{:?}", faults[0].1);
    let at_partner = world.alice().engine(|engine| engine.faults(None, 10)).unwrap();
    assert!(at_partner.iter().any(|(_, fault)| fault.partner), "the partner's fault isn't seen: {at_partner:?}");
    bob.tracker.misbehaviour.borrow_mut().refuse.clear();
    bob.engine(|engine| engine.clear(&[faults[0].0.clone()], None, Action::Retry)).unwrap();
    world.rest();
    world.assert_in_step();
    assert!(bob.engine(|engine| engine.faults(None, 10)).unwrap().is_empty());
}

#[test]
fn edits_that_wait_while_a_fault_is_retried_travel() {
    let (world, ours, theirs) = with_issue("Leaks");
    let (alice, bob) = (world.alice(), world.bob());
    bob.tracker.misbehaviour.borrow_mut().refuse.insert("due".to_owned(), "not in this sprint".to_owned());
    alice.tracker.person_edits(&ours, "due", Value::Date("2026-03-01".to_owned()));
    world.rest();
    bob.tracker.person_edits(&theirs, "points", Value::Number("5".to_owned()));
    bob.run_once().unwrap();
    bob.tracker.person_edits(&theirs, "blocked", Value::Boolean(true));
    bob.run_once().unwrap();
    alice.run_once().unwrap();
    bob.tracker.misbehaviour.borrow_mut().refuse.clear();
    let faults = bob.engine(|engine| engine.faults(None, 10)).unwrap();
    bob.engine(|engine| engine.clear(&[faults[0].0.clone()], None, Action::Retry)).unwrap();
    world.rest();
    world.assert_in_step();
    assert_eq!(field(alice, "Leaks", "blocked"), Value::Boolean(true));
}

#[test]
fn a_lost_answer_doubles_nothing() {
    let (world, ours, _) = with_issue("Leaks");
    world.bob().tracker.misbehaviour.borrow_mut().forget_answers = 3;
    world.alice().tracker.person_creates("Smells");
    world.alice().tracker.person_comments(&ours, "Ann", "It drips.");
    world.alice().tracker.person_attaches(&ours, "Ann", "photo", b"pixels");
    world.alice().tracker.person_edits(&ours, "blocked", Value::Boolean(true));
    world.rest();
    world.assert_in_step();
}

#[test]
fn an_edit_between_read_and_write_is_not_lost() {
    let (world, ours, theirs) = with_issue("Leaks");
    world.alice().tracker.person_edits(&ours, "due", Value::Date("2026-03-01".to_owned()));
    let meanwhile = move |tracker: &ferry_tests::memory::Tracker| {
        tracker.person_edits(&theirs, "points", Value::Number("8".to_owned()));
    };
    world.bob().tracker.misbehaviour.borrow_mut().meanwhile = Some(Box::new(meanwhile));
    world.rest();
    world.assert_in_step();
    assert_eq!(field(world.alice(), "Leaks", "points"), Value::Number("8".to_owned()));
    assert_eq!(field(world.bob(), "Leaks", "due"), Value::Date("2026-03-01".to_owned()));
}

#[test]
fn what_a_tracker_normalises_does_not_bounce() {
    let (world, ours, _) = with_issue("Leaks");
    world.bob().tracker.misbehaviour.borrow_mut().normalise = Some(|text| text.trim_end().replace("\r\n", "\n"));
    let source = "One\r\nTwo  \r\n\r\n".to_owned();
    let rich = Value::RichText(RichText { markup: Markup::Markdown, source });
    world.alice().tracker.person_edits(&ours, "description", rich.clone());
    world.rest();
    assert_eq!(field(world.alice(), "Leaks", "description"), rich, "the rendering came back as an edit");
    assert_eq!(world.bob().run_once().unwrap().sent, 0);
}

#[test]
fn trouble_at_the_tracker_passes() {
    let (world, ours, _) = with_issue("Leaks");
    let faults = [TrackerFault::RetryLater(None), TrackerFault::RetryLater(Some(1))];
    world.bob().tracker.misbehaviour.borrow_mut().fail_next.extend(faults);
    world.alice().tracker.person_edits(&ours, "blocked", Value::Boolean(true));
    world.rest();
    world.rest();
    world.assert_in_step();
    assert!(world.bob().engine(|engine| engine.faults(None, 10)).unwrap().is_empty());
}
