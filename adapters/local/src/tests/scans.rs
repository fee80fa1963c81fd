//! What a scan finds, and what it costs.

use ferry_adapter::Adapter;
use ferry_adapter::model::Fault;

use super::world::{World, apply, create, scan};

#[test]
fn thousands_of_issues_come_in_pages_each_once() {
    let world = World::new();
    for i in 0..2500 {
        world.save(&format!("note {i}.md"), format!("# Title {i}\n"));
    }
    let (page, next) = scan(&world.tracker(), None, 100);
    let ids: std::collections::BTreeSet<_> = page.issues.iter().map(|issue| issue.id.clone()).collect();
    assert_eq!((page.issues.len(), ids.len()), (2500, 2500));
    world.wait_ms(5000);
    let (page, next) = scan(&world.tracker(), Some(&next), 100);
    let read = world.0.files_read.get();
    let commits = world.0.commits.get();
    let (again, same) = scan(&world.tracker(), Some(&next), 100);
    assert!(page.issues.len() <= 2500 && again.issues.is_empty());
    assert_eq!(same, next, "an idle scan leaves nothing to keep");
    assert_eq!((world.0.files_read.get() - read, world.0.commits.get() - commits), (3, 0));
}

#[test]
fn a_page_that_the_engine_did_not_commit_comes_again() {
    let world = World::new();
    world.save("a.md", "# One\n");
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    let (_, next) = scan(&world.tracker(), Some(&next), 10);
    world.save("a.md", "# Two\n");
    assert_eq!(scan(&world.tracker(), Some(&next), 10).0.issues.len(), 1);
    assert_eq!(scan(&world.tracker(), Some(&next), 10).0.issues.len(), 1);
}

#[test]
fn an_edit_within_the_same_tick_of_a_coarse_clock_is_not_missed() {
    let world = World::new();
    world.0.tick_ns.set(10_000_000);
    world.save("a.md", "# One\n");
    let (_, next) = scan(&world.tracker(), None, 10);
    world.overwrite("a.md", "# Two\n");
    let (page, next) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(super::world::value(&page.issues[0], "title"), ferry_adapter::model::Value::Text("Two".to_owned()));
    world.wait_ms(2000);
    world.0.now_ns.set(world.0.now_ns.get() - 60_000_000_000);
    world.overwrite("a.md", "# Set back\n");
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.issues.len(), 1, "a clock that was set back hides nothing");
}

#[test]
fn our_own_writes_do_not_come_back_but_edits_on_them_do() {
    let world = World::new();
    let tracker = world.tracker();
    let (_, next) = scan(&tracker, None, 100);
    apply(&tracker, (0..50).map(|i| create(&format!("k{i}"), "T")).collect());
    assert_eq!(world.0.changes.get(), 3, "the folder's mark, its numbers, and one change for the batch");
    let (page, next) = scan(&tracker, Some(&next), 100);
    assert!(page.issues.is_empty());
    world.save("ACME-7.md", world.text("ACME-7.md").replace("# T", "# U"));
    let (page, _) = scan(&tracker, Some(&next), 100);
    assert_eq!(page.issues.len(), 1);
}

#[test]
fn a_vanished_file_is_gone_after_two_scans_a_second_apart() {
    let world = World::new();
    world.save("a.md", "# One\n");
    world.save("b.md", "# Two\n");
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    let text = world.text("a.md");
    world.delete("a.md");
    let (page, next) = scan(&world.tracker(), Some(&next), 10);
    assert!(page.gone.is_empty());
    assert!(matches!(world.tracker().read(vec!["1".to_owned()])[0], Err(Fault::RetryLater(_))));
    world.wait_ms(300);
    // An editor that saves by renaming.
    world.save("a.md", &text);
    let (page, next) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!((page.gone.len(), page.issues.iter().filter(|i| i.id == "1").count()), (0, 1));
    world.wait_ms(5000);
    world.delete("a.md");
    let (_, next) = scan(&world.tracker(), Some(&next), 10);
    world.wait_ms(1000);
    let (page, after) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.gone[0].issue, "1");
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.gone[0].issue, "1", "told again to an engine that didn't commit it");
    world.wait_ms(5000);
    let (page, next) = scan(&world.tracker(), Some(&after), 10);
    assert!(page.gone.is_empty());
    world.save("a.md", &text);
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.issues.len(), 1, "a file that comes back is an issue");
}

#[test]
fn many_departures_come_in_pages() {
    let world = World::new();
    for i in 0..30 {
        world.save(&format!("{i}.md"), format!("# {i}\n"));
    }
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    (1..30).for_each(|i| world.delete(&format!("{i}.md")));
    let (_, next) = scan(&world.tracker(), Some(&next), 10);
    world.wait_ms(5000);
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.gone.len(), 29);
}

#[test]
fn an_unmounted_folder_is_a_fault_and_no_deletion() {
    let world = World::new();
    world.save("a.md", "# One\n");
    let (_, next) = scan(&world.tracker(), None, 10);
    let mounted = std::mem::take(&mut *world.0.files.borrow_mut());
    let Err(Fault::Other(reason)) = world.tracker().changes(Some(next.clone()), 10) else { panic!() };
    assert!(reason.contains("mounted"), "{reason}");
    *world.0.files.borrow_mut() = mounted;
    assert!(world.tracker().changes(Some(next), 10).unwrap().gone.is_empty());
}

#[test]
fn a_file_cut_off_while_it_is_saved_loses_no_comments() {
    let world = World::new();
    let whole = "# T\n\n<!-- ferry comment 1 by=\"Anna\" -->\nOne\n";
    world.save("a.md", whole);
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    world.overwrite("a.md", "# T\n");
    // The clock of the world goes on while the adapter waits; meanwhile the
    // editor would write the rest. Here it stays away: a deletion then.
    let before = world.0.now_ns.get();
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert!(page.issues[0].comments.is_empty());
    assert!(world.0.now_ns.get() - before >= 20_000_000, "it was given a moment");
}

#[test]
fn an_edit_under_an_effect_that_expected_nothing_still_comes() {
    let world = World::new();
    let tracker = world.tracker();
    apply(&tracker, vec![create("k1", "T")]);
    let (_, next) = scan(&tracker, None, 10);
    world.wait_ms(5000);
    world.save("ACME-1.md", world.text("ACME-1.md") + "Mine\n");
    let one = ferry_adapter::model::Target::Existing("1".to_owned());
    apply(&tracker, vec![super::world::comment("c1", one.clone(), "hi")]);
    let (page, next) = scan(&tracker, Some(&next), 10);
    assert_eq!(page.issues.len(), 1);
    world.wait_ms(5000);
    world.save("ACME-1.md", world.text("ACME-1.md").replace("Mine", "Yours"));
    apply(&tracker, vec![super::world::comment("c1", one, "hi")]);
    let (page, _) = scan(&tracker, Some(&next), 10);
    assert_eq!(page.issues.len(), 1, "an effect that was there already hides nothing");
}
