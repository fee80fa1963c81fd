//! The world in memory keeps to the interfaces: what the engine is tested
//! against must itself be right.

use ferry_core::ids::{EffectKey, ParcelName};
use ferry_core::model::{Content, Effect, Field, NewComment, NewIssue, Target, Value};
use ferry_core::model::{Markup, RichText};
use ferry_core::ports::{Channel as _, Disposition, Entry, Mutation, Store as _, Tracker as _, TrackerFault};
use ferry_tests::{Crashed, World};

fn creation(key: &str) -> Effect {
    let fields = vec![Field { name: "title".to_owned(), value: Value::Text("Leaks".to_owned()) }];
    Effect {
        key: EffectKey::from(key),
        target: Target::Nothing,
        expected: None,
        content: Content::Create(NewIssue { issue_type: "Bug".to_owned(), parent: None, fields }),
    }
}

fn comment(key: &str, target: Target) -> Effect {
    let body = RichText { markup: Markup::Markdown, source: "Since Monday".to_owned() };
    let content = Content::AddComment(NewComment { body, author: None, created: None });
    Effect { key: EffectKey::from(key), target, expected: None, content }
}

#[test]
fn a_key_takes_effect_once() {
    let world = World::two(1);
    let tracker = &world.alice().tracker;
    let effects = [creation("a"), comment("b", Target::MadeBy(EffectKey::from("a")))];
    let first = tracker.apply(&effects);
    let again = tracker.apply(&effects);
    assert!(matches!(again[0], Err(TrackerFault::UnknownOutcome(_))), "what it holds by now is to be read: {again:?}");
    let comment = [comment("b", Target::Existing(first[0].as_ref().unwrap().issue.clone()))];
    assert_eq!(first[1].as_ref().unwrap().item, tracker.apply(&comment)[0].as_ref().unwrap().item);
    assert_eq!(tracker.issues().len(), 1);
    assert_eq!(tracker.titled("Leaks").unwrap().comments.len(), 1);
    let found = tracker.find(&effects);
    assert!(found.iter().all(|found| found.as_ref().unwrap().len() == 1));
}

#[test]
fn a_write_on_an_older_revision_is_stale() {
    let world = World::two(1);
    let tracker = &world.alice().tracker;
    let id = tracker.person_creates("Leaks");
    let seen = tracker.issue(&id).unwrap().revision;
    tracker.person_edits(&id, "points", Value::Number("3".to_owned()));
    let fields = vec![Field { name: "title".to_owned(), value: Value::Text("Leaks badly".to_owned()) }];
    let write = |expected| Effect {
        key: EffectKey::from("w"),
        target: Target::Existing(id.clone()),
        expected: Some(expected),
        content: Content::SetFields(fields.clone()),
    };
    assert_eq!(tracker.apply(&[write(seen)]), vec![Err(TrackerFault::Stale)]);
    let now = tracker.issue(&id).unwrap().revision;
    let applied = tracker.apply(&[write(now)]).remove(0).unwrap();
    assert_eq!(applied.replaced, vec![Field { name: "title".to_owned(), value: Value::Text("Leaks".to_owned()) }]);
    assert_eq!(applied.revision, tracker.issue(&id).unwrap().revision);
}

#[test]
fn changes_come_in_pages_and_miss_nothing() {
    let world = World::two(1);
    let tracker = &world.alice().tracker;
    let ids: Vec<_> = (0..5).map(|n| tracker.person_creates(&format!("Issue {n}"))).collect();
    tracker.person_deletes(&ids[1]);
    let (mut cursor, mut seen, mut gone) = (None, 0, 0);
    loop {
        let page = tracker.changes(cursor.as_ref(), 2).unwrap();
        seen += page.issues.len();
        gone += page.gone.len();
        cursor = Some(page.next);
        if !page.more {
            break;
        }
    }
    assert_eq!((seen, gone), (4, 1));
    let quiet = tracker.changes(cursor.as_ref(), 2).unwrap();
    assert!(quiet.issues.is_empty() && quiet.gone.is_empty() && !quiet.more);
}

#[test]
fn a_lost_answer_leaves_the_effect() {
    let world = World::two(1);
    let tracker = &world.alice().tracker;
    tracker.misbehaviour.borrow_mut().forget_answers = 1;
    let lost = tracker.apply(&[creation("a")]);
    assert!(matches!(lost[0], Err(TrackerFault::UnknownOutcome(_))));
    assert_eq!(tracker.find(&[creation("a")])[0].as_ref().unwrap().len(), 1);
}

#[test]
fn what_one_side_puts_the_other_receives() {
    let world = World::two(1);
    let (alice, bob) = (&world.alice().channel, &world.bob().channel);
    let name = ParcelName::from("token-1");
    alice.put(None, &name, b"sealed").unwrap();
    assert_eq!(alice.sent("token", None, 9).unwrap().len(), 1);
    assert!(bob.received("other", None, 9).unwrap().is_empty());
    assert_eq!(bob.read(&name, 6).unwrap(), b"sealed");
    assert!(bob.read(&name, 5).is_err());
    bob.dispose(std::slice::from_ref(&name), Disposition::Rejected).unwrap();
    assert!(bob.received("token", None, 9).unwrap().is_empty());
    bob.restore(&name).unwrap();
    assert_eq!(bob.received("token", None, 9).unwrap().len(), 1);
}

#[test]
fn a_crash_comes_before_or_after_a_commit_never_within() {
    let world = World::two(1);
    let side = world.alice();
    let put = || Mutation::Put(Entry { key: b"k".to_vec(), value: b"v".to_vec() });
    let work = |n| side.fuse.crash_at(n, || side.store.commit(vec![put()]));
    assert_eq!(work(0), Err(Crashed));
    assert!(side.store.contents().is_empty());
    assert_eq!(work(1), Err(Crashed));
    assert_eq!(side.store.contents().len(), 1);
    assert_eq!(work(2), Ok(Ok(())));
}
