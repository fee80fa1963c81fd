//! Numbers that are no slip of counting: one file must not cost the others.

use ferry_adapter::model::Target;

use super::world::{World, apply, comment, create, read, scan};

const HUGE: [u64; 5] = [1_000_000_000, 1_000_000_000_000_000, 999_999_999_999_999_999, u64::MAX - 1, u64::MAX];

/// What a call costs is bounded, and Ferry makes issues as ever.
fn goes_on(world: &World, number: &str) {
    let read_before = world.0.files_read.get();
    let made = apply(&world.tracker(), vec![create(&format!("k{number}"), "Ours")])[0].clone().unwrap();
    assert_eq!(made.issue, number);
    assert_eq!(read(&world.tracker(), number).key, format!("ACME-{number}"));
    assert!(world.0.files_read.get() - read_before < 100, "{} files read", world.0.files_read.get() - read_before);
}

#[test]
fn a_huge_number_in_a_name_is_none_and_its_issue_has_an_ordinary_one() {
    for huge in HUGE {
        let world = World::new();
        world.save(&format!("ACME-{huge}.md"), "# Huge\n");
        let (page, next) = scan(&world.tracker(), None, 10);
        assert_eq!((page.issues[0].id.as_str(), page.unreadable.len()), ("1", 0), "{huge}");
        goes_on(&world, "2");
        // It stays that issue, for a new store too.
        world.wait_ms(5000);
        world.save(&format!("ACME-{huge}.md"), "# Huge, edited\n");
        assert_eq!(scan(&world.tracker(), Some(&next), 10).0.issues[0].id, "1");
        world.0.rows.borrow_mut().clear();
        scan(&world.tracker(), None, 10);
        assert_eq!(read(&world.tracker(), "1").key, "ACME-1");
        goes_on(&world, "3");
        // Ferry's own key fits into it.
        let one = Target::Existing("1".to_owned());
        apply(&world.tracker(), vec![comment("c", one, "hi")])[0].as_ref().unwrap();
        assert!(world.text(&format!("ACME-{huge}.md")).contains("\"ACME-1\""));
        assert_eq!(scan(&world.tracker(), None, 10).0.issues.len(), 3);
    }
}

#[test]
fn a_huge_number_in_a_key_is_a_fault_of_its_issue_alone() {
    for huge in HUGE {
        let world = World::new();
        world.save("a.md", format!("+++\nkey = \"ACME-{huge}\"\n+++\n# Huge\n"));
        world.save("b.md", "# Other\n");
        let (page, next) = scan(&world.tracker(), None, 10);
        assert_eq!((page.issues.len(), page.unreadable.len()), (1, 1), "{huge}");
        let reason = &page.unreadable[0].reason;
        assert!(reason.contains("a.md, line 2: key") && reason.contains("remove the line"), "{reason}");
        goes_on(&world, "3");
        world.wait_ms(5000);
        world.save("a.md", "# Huge no more\n");
        assert_eq!(scan(&world.tracker(), Some(&next), 10).0.issues[0].id, page.unreadable[0].issue);
    }
}

#[test]
fn the_greatest_number_that_a_file_may_say_leaves_numbers_for_the_others() {
    let world = World::new();
    world.save("ACME-999999999.md", "# Last\n");
    assert_eq!(scan(&world.tracker(), None, 10).0.issues[0].id, "999999999");
    goes_on(&world, "1000000000");
    goes_on(&world, "1000000001");
    world.0.rows.borrow_mut().clear();
    assert_eq!(scan(&world.tracker(), None, 10).0.issues.len(), 3);
    goes_on(&world, "1000000002");
    assert!(scan(&world.tracker(), None, 10).0.unreadable.is_empty());
}

#[test]
fn what_the_folder_keeps_may_be_damaged_and_numbers_go_on() {
    for huge in HUGE {
        let world = World::new();
        world.save("a.md", "# A\n");
        scan(&world.tracker(), None, 10);
        let head = world.text(".ferry-next").replace("next 2", &format!("next {}", huge.max(HUGE[2])));
        world.save(".ferry-next", head.replace("count 1", &format!("count {huge}")));
        let mut lines = world.text(".ferry-numbers-0");
        lines += &format!("issue {huge} 7 {huge} 7 abc gone.md\ncomment 1 {huge} abc 7\n");
        world.save(".ferry-numbers-0", lines);
        world.save(&format!(".ferry-numbers-{huge}"), format!("issue {huge} 7 7 7 abc else.md\n"));
        goes_on(&world, "2");
        world.0.rows.borrow_mut().clear();
        assert_eq!(scan(&world.tracker(), None, 10).0.issues.len(), 2);
        goes_on(&world, "3");
    }
}

#[test]
fn a_huge_number_of_a_comment_leaves_numbers_for_the_others() {
    for huge in HUGE {
        let world = World::new();
        let text = format!("# A\n\n<!-- ferry comment {huge} -->\nOne\n\n<!-- ferry comment -->\nTwo\n");
        world.save("a.md", text);
        scan(&world.tracker(), None, 10);
        let one = Target::Existing("1".to_owned());
        let made = apply(&world.tracker(), vec![comment("c", one, "Three")])[0].clone().unwrap();
        let issue = read(&world.tracker(), "1");
        let three = issue.comments.iter().find(|comment| comment.effect.is_some()).unwrap();
        assert_eq!(Some(&three.id), made.item.as_ref(), "a number that the file can't say");
        let ids: std::collections::BTreeSet<_> = issue.comments.iter().map(|comment| comment.id.clone()).collect();
        assert_eq!((issue.comments.len(), ids.len()), (3, 3), "{ids:?}");
    }
}
