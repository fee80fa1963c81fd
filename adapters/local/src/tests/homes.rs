//! Two homes on one folder, of which each gives numbers.

use std::collections::BTreeSet;

use ferry_adapter::Adapter;
use ferry_adapter::model::{Fault, Target, Value};

use super::world::{World, apply, comment, create, scan, set, value};

/// Two homes that know the same folder.
fn homes() -> (World, World) {
    let ours = World::new();
    ours.save("old.md", "# Old\n");
    scan(&ours.tracker(), None, 10);
    let theirs = ours.other_home();
    scan(&theirs.tracker(), None, 10);
    ours.wait_ms(5000);
    (ours, theirs)
}

/// All issues, as a home tells them: number and title.
fn told(home: &World) -> BTreeSet<(String, String)> {
    let (page, _) = scan(&home.tracker(), None, 10);
    assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
    let title = |issue| match value(issue, "title") {
        Value::Text(title) => title,
        other => panic!("{other:?}"),
    };
    let told: BTreeSet<_> = page.issues.iter().map(|issue| (issue.id.clone(), title(issue))).collect();
    let numbers: BTreeSet<_> = told.iter().map(|(number, _)| number).collect();
    assert_eq!((numbers.len(), told.len()), (page.issues.len(), page.issues.len()), "a number twice: {told:?}");
    told
}

/// The other home does this just before ours changes the folder.
fn meanwhile(ours: &World, theirs: &World, act: impl Fn(&World) + 'static) {
    let theirs = theirs.clone();
    *ours.0.meanwhile.borrow_mut() = Some(Box::new(move |_| act(&theirs)));
}

fn someone_writes_and_it_is_seen(theirs: &World) {
    theirs.save("bee.md", "# Bee\n");
    scan(&theirs.tracker(), None, 10);
}

#[test]
fn no_issue_is_written_under_a_number_that_another_home_gave_first() {
    let (ours, theirs) = homes();
    meanwhile(&ours, &theirs, someone_writes_and_it_is_seen);
    assert_eq!(apply(&ours.tracker(), vec![create("k1", "One")]), [Err(Fault::RetryLater(Some(1)))]);
    assert_eq!(ours.names(), ["bee.md", "old.md"], "its number is the bee's");
    let made = apply(&ours.tracker(), vec![create("k1", "One")])[0].clone().unwrap();
    assert_eq!((made.issue.as_str(), ours.names().len()), ("3", 3));
    let all = [("1", "Old"), ("2", "Bee"), ("3", "One")].map(|(id, title)| (id.to_owned(), title.to_owned()));
    assert_eq!((told(&ours), told(&theirs)), (BTreeSet::from(all.clone()), BTreeSet::from(all)));
}

#[test]
fn two_homes_that_make_an_issue_at_the_same_moment_make_two() {
    let (ours, theirs) = homes();
    meanwhile(&ours, &theirs, |theirs| assert!(apply(&theirs.tracker(), vec![create("k2", "Two")])[0].is_ok()));
    assert!(apply(&ours.tracker(), vec![create("k1", "One")])[0].is_err());
    apply(&ours.tracker(), vec![create("k1", "One")])[0].as_ref().unwrap();
    assert_eq!(told(&ours), told(&theirs));
    assert_eq!(told(&ours).len(), 3);
}

#[test]
fn no_number_is_kept_for_a_file_where_another_home_gave_it_first() {
    let (ours, theirs) = homes();
    ours.save("our.md", "# Our\n");
    // It makes an issue, and has not looked at the new file.
    meanwhile(&ours, &theirs, |theirs| assert!(apply(&theirs.tracker(), vec![create("k2", "Two")])[0].is_ok()));
    let page = ferry_adapter::Adapter::changes(&ours.tracker(), None, 10);
    assert_eq!(page.err(), Some(Fault::RetryLater(Some(1))));
    assert_eq!(told(&ours), told(&theirs));
    assert_eq!(told(&ours).len(), 3);
}

#[test]
fn what_was_written_before_another_home_came_in_between_is_found_again() {
    let (ours, theirs) = homes();
    let tracker = ours.tracker();
    apply(&tracker, vec![create("k1", "One")])[0].as_ref().unwrap();
    // The name that comes next is taken, and while it looks for another one
    // the other home gives numbers.
    ours.save("ACME-3.md", "+++\nkey = \"ACME-3\"\n+++\n# Three\n");
    let (again, other) = (ours.clone(), theirs.clone());
    *ours.0.meanwhile.borrow_mut() = Some(Box::new(move |_| {
        let (next, other) = (again.clone(), other.clone());
        *again.0.meanwhile.borrow_mut() =
            Some(Box::new(move |_| meanwhile(&next, &other, someone_writes_and_it_is_seen)));
    }));
    let effects = || vec![create("k2", "Two"), create("k3", "More")];
    let first = apply(&ours.tracker(), effects());
    assert!(first.iter().all(|outcome| matches!(outcome, Err(Fault::UnknownOutcome(_)))), "{first:?}");
    // As the engine does: what isn't found is made.
    let found = ours.tracker().find(effects());
    let missing = effects().into_iter().zip(found).filter(|(_, found)| found.as_ref().unwrap().is_empty());
    assert!(apply(&ours.tracker(), missing.map(|(effect, _)| effect).collect()).iter().all(Result::is_ok));
    let found = ours.tracker().find(effects());
    assert!(found.iter().all(|found| found.as_ref().unwrap().len() == 1), "{found:?}");
    assert_eq!(told(&ours), told(&theirs));
    let titles: Vec<_> = told(&ours).into_iter().map(|(_, title)| title).collect();
    assert_eq!(titles, ["Old", "One", "Three", "More", "Bee", "Two"], "each once");
}

#[test]
fn only_what_gives_a_number_waits_for_the_disk_twice() {
    let (ours, _) = homes();
    let tracker = ours.tracker();
    let changes = || ours.0.changes.replace(0);
    changes();
    apply(&tracker, (0..50).map(|n| create(&format!("k{n}"), "New")).collect());
    assert_eq!(changes(), 2);
    let two = || Target::Existing("2".to_owned());
    let edit = set("k", "3", "title", Value::Text("Edited".to_owned()));
    assert!(apply(&tracker, vec![comment("c", two(), "hi"), edit]).iter().all(Result::is_ok));
    assert_eq!(changes(), 1);
}
