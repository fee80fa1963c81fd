//! What people do with an editor and with git.

use ferry_adapter::Adapter;
use ferry_adapter::model::{Fault, Target, Value, Visibility};

use super::world::{World, apply, comment, create, read, scan, set, value};
use crate::values::markdown;

#[test]
fn a_file_with_a_title_line_is_an_issue_and_keeps_its_number_through_renames() {
    let world = World::new();
    world.save("first.md", "# The build is red on Mondays\n");
    world.save("README.md", "# Not an issue\n");
    let tracker = world.tracker();
    let (page, next) = scan(&tracker, None, 10);
    assert_eq!(page.issues.len(), 1);
    assert_eq!((page.issues[0].key.as_str(), page.issues[0].status.as_str()), ("ACME-1", "open"));
    world.wait_ms(5000);
    world.rename("first.md", "build.md");
    let (page, next) = scan(&tracker, Some(&next), 10);
    assert_eq!(page.issues[0].id, "1");
    // As git does it: another file with the same content under another name.
    world.wait_ms(5000);
    let text = world.text("build.md");
    world.delete("build.md");
    world.save("monday.md", text);
    let (page, next) = scan(&tracker, Some(&next), 10);
    assert_eq!((page.issues.len(), page.issues[0].id.as_str()), (1, "1"));
    world.wait_ms(5000);
    let (page, _) = scan(&tracker, Some(&next), 10);
    assert!(page.gone.is_empty() && page.issues.iter().all(|issue| issue.id == "1"));
}

#[test]
fn a_new_file_that_gets_the_inode_of_a_deleted_one_is_another_issue() {
    let world = World::new();
    world.save("a.md", "# One\n");
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    world.rename("a.md", "b.md");
    world.overwrite("b.md", "# Quite another\n");
    let (page, next) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.issues[0].id, "2");
    world.wait_ms(5000);
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.gone[0].issue, "1");
}

#[test]
fn a_file_that_says_its_key_keeps_it_under_any_name_and_with_an_empty_index() {
    let world = World::new();
    apply(&world.tracker(), vec![create("k1", "One"), create("k2", "Two")]);
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    // The two swap their names.
    let (one, two) = (world.text("ACME-1.md"), world.text("ACME-2.md"));
    world.save("ACME-1.md", two);
    world.save("ACME-2.md", one);
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert!(page.issues.is_empty(), "nothing that an issue says changed");
    let title = |id: &str| value(&read(&world.tracker(), id), "title");
    assert_eq!((title("1"), title("2")), (Value::Text("One".to_owned()), Value::Text("Two".to_owned())));
    world.0.rows.borrow_mut().clear();
    let (page, _) = scan(&world.tracker(), None, 10);
    assert_eq!(page.issues.len(), 2);
    assert_eq!((title("1"), title("2")), (Value::Text("One".to_owned()), Value::Text("Two".to_owned())));
    assert_eq!(apply(&world.tracker(), vec![create("k3", "Three")])[0].as_ref().unwrap().issue, "3");
}

#[test]
fn a_copy_with_the_key_is_a_fault_and_without_it_an_issue_of_its_own() {
    let world = World::new();
    apply(&world.tracker(), vec![create("k1", "One")]);
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    let text = world.text("ACME-1.md");
    world.save("copy.md", &text);
    let (page, next) = scan(&world.tracker(), Some(&next), 10);
    assert!(page.issues.iter().all(|issue| issue.id == "1"), "the original may come again");
    assert!(page.unreadable[0].reason.contains("ACME-1.md"), "{}", page.unreadable[0].reason);
    assert_eq!(world.text("copy.md"), text);
    world.wait_ms(5000);
    world.save("copy.md", text.replace("key = \"ACME-1\"\n", "").replace("effect = \"k1\"\n", ""));
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!((page.issues[0].id.as_str(), page.issues[0].effect.clone()), ("2", None));
}

#[test]
fn broken_front_matter_is_told_with_its_line_and_never_overwritten() {
    let world = World::new();
    apply(&world.tracker(), vec![create("k1", "One")]);
    let (_, next) = scan(&world.tracker(), None, 10);
    world.wait_ms(5000);
    let broken = world.text("ACME-1.md").replace("status = \"open\"", "status = open");
    world.save("ACME-1.md", &broken);
    let (page, next) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.unreadable[0].issue, "1");
    assert!(page.unreadable[0].reason.starts_with("ACME-1.md, line 4:"), "{}", page.unreadable[0].reason);
    let refused = apply(&world.tracker(), vec![set("k9", "1", "title", Value::Text("New".to_owned()))]);
    assert!(matches!(refused[0], Err(Fault::Unreadable(_))), "{refused:?}");
    assert_eq!(world.text("ACME-1.md"), broken);
    world.save("ACME-1.md", broken.replace("= open", "= \"done\""));
    let (page, _) = scan(&world.tracker(), Some(&next), 10);
    assert_eq!(page.issues[0].status, "done");
}

#[test]
fn comments_written_by_hand_keep_their_numbers_while_they_are_edited() {
    let world = World::new();
    let tracker = world.tracker();
    world.save(
        "a.md",
        "# T\n\nText\n\n<!-- ferry comment by=\"Anna\" -->\nOne\n\n<!-- ferry comment internal -->\nTwo\n",
    );
    let (page, next) = scan(&tracker, None, 10);
    let comments = &page.issues[0].comments;
    assert_eq!((comments[0].id.as_str(), comments[0].author.name.as_str()), ("1", "Anna"));
    assert_eq!((comments[1].author.name.as_str(), &comments[1].visibility), ("unknown", &Visibility::Internal));
    world.wait_ms(5000);
    world.save("a.md", "# T\n\nText\n\n<!-- ferry comment -->\nNew\n<!-- ferry comment by=\"Anna\" -->\nOne\n");
    let (page, _) = scan(&tracker, Some(&next), 10);
    let found: Vec<_> = page.issues[0].comments.iter().map(|c| (c.id.as_str(), c.body.source.as_str())).collect();
    assert_eq!(found, [("2", "New"), ("1", "One")]);
    // Once Ferry writes, the file says the numbers itself.
    apply(&tracker, vec![comment("c9", Target::Existing("1".to_owned()), "Three")]);
    assert!(world.text("a.md").contains("<!-- ferry comment 1 by=\"Anna\" at="), "{}", world.text("a.md"));
    let found: Vec<_> = read(&tracker, "1").comments.iter().map(|c| c.id.clone()).collect();
    assert_eq!(found, ["2", "1", "3"]);
    assert_eq!(value(&read(&tracker, "1"), "description"), Value::RichText(markdown("Text")));
}

#[test]
fn a_comment_written_after_a_crash_gets_no_number_that_the_file_gives_already() {
    let world = World::new();
    let tracker = world.tracker();
    world.save("a.md", "# T\n\n<!-- ferry comment -->\nOne\n");
    scan(&tracker, None, 10);
    world.0.broken.set(true);
    assert!(apply(&tracker, vec![comment("c1", Target::Existing("1".to_owned()), "Two")])[0].is_err());
    world.0.broken.set(false);
    world.save("a.md", world.text("a.md") + "\n<!-- ferry comment -->\nThree\n");
    let found: Vec<_> = read(&tracker, "1").comments.iter().map(|c| (c.id.clone(), c.body.source.clone())).collect();
    let said = |id: &str, text: &str| (id.to_owned(), text.to_owned());
    assert_eq!(found, [said("1", "One"), said("2", "Two"), said("3", "Three")]);
}

#[test]
fn a_folder_beside_the_issue_holds_its_attachments() {
    let world = World::new();
    let tracker = world.tracker();
    world.save("a.md", "# T\n");
    let (_, next) = scan(&tracker, None, 10);
    world.wait_ms(5000);
    world.save("a/log.txt", "hello");
    let (page, next) = scan(&tracker, Some(&next), 10);
    assert!(page.issues.iter().all(|issue| issue.attachments.is_empty()), "it may still be on its way");
    world.wait_ms(5000);
    let (page, next) = scan(&tracker, Some(&next), 10);
    let attachment = &page.issues[0].attachments[0];
    assert_eq!(
        (attachment.name.as_str(), attachment.media_type.as_str(), attachment.size),
        ("log.txt", "text/plain", 5)
    );
    let blob = tracker.fetch_attachment("1".to_owned(), attachment.id.clone()).unwrap();
    assert_eq!(world.0.blobs.borrow()[&blob], b"hello");
    world.wait_ms(5000);
    world.rename("a.md", "b.md");
    let (page, _) = scan(&tracker, Some(&next), 10);
    assert_eq!(page.issues[0].attachments.len(), 1);
}

#[test]
fn an_attachment_that_is_written_anew_is_not_gone_meanwhile() {
    let world = World::new();
    let tracker = world.tracker();
    world.save("a.md", "# T\n");
    world.save("a/log.txt", "hello");
    world.wait_ms(5000);
    let (_, next) = scan(&tracker, None, 10);
    world.overwrite("a/log.txt", "world");
    world.save("a.md", "# Title\n");
    let (page, next) = scan(&tracker, Some(&next), 10);
    assert_eq!(page.issues[0].incomplete, ["attachments"], "whether it goes isn't known yet");
    world.wait_ms(5000);
    let (page, _) = scan(&tracker, Some(&next), 10);
    assert_eq!((page.issues[0].attachments.len(), page.issues[0].incomplete.len()), (1, 0));
}

#[test]
fn a_broken_tracker_toml_stops_everything_with_its_line() {
    let world = World::new();
    world.save("tracker.toml", "key = \"A\"\nstatuses = [\"a\"\n");
    let Err(Fault::Other(reason)) = world.tracker().schema() else { panic!() };
    assert!(reason.contains("tracker.toml, line"), "{reason}");
}
