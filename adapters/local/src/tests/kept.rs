//! What the folder keeps, so that no store that is older than it, or another's,
//! gives anything a second number.

use std::collections::BTreeMap;

use ferry_adapter::Adapter;
use ferry_adapter::model::Fault;

use super::world::{World, apply, comment, create, read, scan};

type Told = BTreeMap<String, (String, String, Vec<String>)>;

/// Every issue by its title: its id, when it was made, its comments' ids.
fn told(world: &World) -> Told {
    let (page, _) = scan(&world.tracker(), None, 10);
    assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
    let of = |issue: &ferry_adapter::model::Issue| {
        let comments = issue.comments.iter().map(|comment| comment.id.clone()).collect();
        let ferry_adapter::model::Value::Text(title) = super::world::value(issue, "title") else { panic!() };
        (title, (issue.id.clone(), issue.created.clone(), comments))
    };
    let told: Told = page.issues.iter().map(of).collect();
    assert_eq!(told.len(), page.issues.len(), "an issue came twice");
    told
}

fn busy() -> World {
    let world = World::new();
    world.save("old.md", "# Old\n");
    scan(&world.tracker(), None, 10);
    world
}

/// What happens after the backup was made.
fn day(world: &World) {
    world.wait_ms(5000);
    world.save("zoo.md", "# Zoo\n\n<!-- ferry comment -->\nOne\n\n<!-- ferry comment -->\nTwo\n");
    world.save("ant.md", "# Ant\n");
    scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    world.save("zoo.md", "# Zoo\n\n<!-- ferry comment -->\nTwo\n");
    apply(&world.tracker(), vec![create("k1", "Theirs")]);
    scan(&world.tracker(), None, 10);
}

#[test]
fn a_store_put_back_from_yesterday_gives_nothing_a_second_number() {
    let world = busy();
    let yesterday = world.0.rows.borrow().clone();
    day(&world);
    let before = told(&world);
    assert_eq!(before["Zoo"].2, ["2"], "the first comment is gone");
    *world.0.rows.borrow_mut() = yesterday;
    world.wait_ms(60_000);
    world.save("aaa.md", "# New\n");
    let mut after = told(&world);
    let (id, ..) = after.remove("New").unwrap();
    assert_eq!(after, before);
    assert!(before.values().all(|(other, ..)| *other != id), "{id} is given already");
    let made = apply(&world.tracker(), vec![create("k1", "Theirs"), create("k2", "Another")]);
    assert!(matches!(&made[0], Err(Fault::UnknownOutcome(_))), "an effect took effect twice: {:?}", made[0]);
    let found = world.tracker().find(vec![create("k1", "Theirs")]).remove(0).unwrap();
    assert_eq!(found[0].issue, before["Theirs"].0);
    assert!(before.values().all(|(other, ..)| *other != made[1].as_ref().unwrap().issue));
}

#[test]
fn an_issue_that_was_renamed_or_written_to_before_the_store_was_put_back_stays_the_same() {
    let world = busy();
    let yesterday = world.0.rows.borrow().clone();
    day(&world);
    let ant = told(&world)["Ant"].0.clone();
    let target = ferry_adapter::model::Target::Existing(ant);
    apply(&world.tracker(), vec![comment("c1", target, "hi")]);
    let before = told(&world);
    // The one is seen under its new name, the other only afterwards.
    world.rename("old.md", "older.md");
    scan(&world.tracker(), None, 10);
    world.rename("zoo.md", "zebra.md");
    *world.0.rows.borrow_mut() = yesterday;
    world.wait_ms(60_000);
    assert_eq!(told(&world), before);
}

#[test]
fn a_new_store_and_another_host_number_as_the_folder_says() {
    let world = busy();
    day(&world);
    let before = told(&world);
    let ours = std::mem::take(&mut *world.0.rows.borrow_mut());
    assert_eq!(told(&world), before, "a new store");
    // Another host gives a number while ours doesn't look.
    world.wait_ms(5000);
    world.save("bee.md", "# Bee\n");
    let theirs = told(&world);
    *world.0.rows.borrow_mut() = ours;
    world.save("cow.md", "# Cow\n");
    let mut both = told(&world);
    let (cow, ..) = both.remove("Cow").unwrap();
    assert_eq!(both, theirs);
    assert!(theirs.values().all(|(other, ..)| *other != cow));
}

#[test]
fn a_folder_put_back_from_yesterday_loses_no_number_that_the_store_knows() {
    let world = busy();
    let yesterday: BTreeMap<_, _> = world.0.files.borrow().clone();
    day(&world);
    let before = told(&world);
    let today = world.0.files.borrow().clone();
    *world.0.files.borrow_mut() = yesterday;
    world.wait_ms(500);
    assert_eq!(told(&world).keys().collect::<Vec<_>>(), ["Old"]);
    // Some of it comes back by hand, and the store is lost as well.
    for name in ["zoo.md", "ACME-4.md"] {
        world.0.files.borrow_mut().insert(name.to_owned(), today[name].clone());
    }
    let (zoo, theirs) = (told(&world)["Zoo"].clone(), told(&world)["Theirs"].clone());
    assert_eq!((&zoo, &theirs), (&before["Zoo"], &before["Theirs"]));
    world.0.rows.borrow_mut().clear();
    world.wait_ms(60_000);
    assert_eq!(told(&world)["Zoo"], before["Zoo"]);
}

#[test]
fn a_store_from_before_the_folder_kept_anything_hands_it_over() {
    let world = busy();
    day(&world);
    let before = told(&world);
    world.0.files.borrow_mut().retain(|name, _| !name.starts_with(".ferry-n"));
    assert_eq!(told(&world), before);
    world.0.rows.borrow_mut().clear();
    world.wait_ms(60_000);
    assert_eq!(told(&world), before);
}

#[test]
fn nothing_is_written_where_nothing_was_given_a_number() {
    let world = busy();
    let changes = world.0.changes.get();
    world.save("old.md", "# Old, edited\n");
    scan(&world.tracker(), None, 10);
    assert_eq!(read(&world.tracker(), "1").id, "1");
    world.tracker().schema().unwrap();
    assert_eq!(world.0.changes.get(), changes);
}

#[test]
fn what_an_effect_made_is_made_again_where_the_folder_was_put_back_to_before_it() {
    let world = busy();
    let yesterday: BTreeMap<_, _> = world.0.files.borrow().clone();
    day(&world);
    *world.0.files.borrow_mut() = yesterday;
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    scan(&world.tracker(), Some(&next), 10);
    assert!(world.tracker().find(vec![create("k1", "Theirs")])[0].as_ref().unwrap().is_empty());
    let made = apply(&world.tracker(), vec![create("k1", "Theirs")]);
    let id = made[0].as_ref().unwrap().issue.clone();
    assert_eq!(read(&world.tracker(), &id).effect.as_deref(), Some("k1"));
}
