//! What effects do to the files.

use ferry_adapter::Adapter;
use ferry_adapter::model::{
    Content, Effect, Fault, Field, Markup, NewAttachment, NewComment, NewIssue, OptionValue, RichText, Target, User,
    Value, Visibility,
};

use super::world::{World, apply, comment, create, effect, read, scan, set, value};

fn text(source: &str) -> RichText {
    RichText { markup: Markup::Markdown, source: source.to_owned() }
}

fn attach(world: &World, key: &str, target: Target, name: &str, bytes: &[u8]) -> Effect {
    let new = NewAttachment {
        name: name.to_owned(),
        media_type: "image/png".to_owned(),
        size: bytes.len() as u64,
        blob: world.blob(bytes),
    };
    effect(key, target, Content::AddAttachment(new))
}

#[test]
fn a_batch_on_one_issue_is_one_write_and_one_revision() {
    let world = World::new();
    let tracker = world.tracker();
    let made = || Target::MadeBy("k1".to_owned());
    let anna = User { id: "anna".to_owned(), name: "Anna".to_owned(), email: Some("a@x".to_owned()) };
    let by_anna = NewComment {
        body: text("  Hi\r\n<!-- ferry comment 9 -->\r\n\r\n"),
        author: Some(anna),
        created: Some("2026-03-01T09:00:00.123Z".to_owned()),
        visibility: Visibility::Public,
    };
    let effects = vec![
        create("k1", "  # odd\ntitle"),
        effect("k2", made(), Content::AddComment(by_anna)),
        effect("k3", made(), Content::Transition(("done".to_owned(), vec![]))),
        attach(&world, "k4", made(), "../../CON.png", b"PNG"),
        attach(&world, "k5", made(), "con.PNG", b"png2"),
    ];
    let applied: Vec<_> = apply(&tracker, effects.clone()).into_iter().map(Result::unwrap).collect();
    assert_eq!(
        world.names(),
        ["ACME-1.md", "ACME-1/file_CON (2).PNG".replace("CON (2)", "con (2)").as_str(), "ACME-1/file_CON.png"]
            .map(str::to_owned)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
    let issue = read(&tracker, "1");
    assert!(applied.iter().all(|applied| applied.revision == issue.revision && applied.issue_key == "ACME-1"));
    assert_eq!(value(&issue, "title"), Value::Text("  # odd\ntitle".to_owned()));
    assert_eq!((issue.status.as_str(), issue.effect.as_deref()), ("done", Some("k1")));
    let comment = &issue.comments[0];
    assert_eq!(comment.body.source, "  Hi\r\n<!-- ferry comment 9 -->\r\n\r\n");
    assert_eq!((comment.author.name.as_str(), comment.created.as_str()), ("Anna", "2026-03-01T09:00:00.123Z"));
    assert_eq!((comment.effect.as_deref(), comment.id.as_str()), (Some("k2"), applied[1].item.as_deref().unwrap()));
    let names: Vec<_> = issue.attachments.iter().map(|a| (a.name.as_str(), a.effect.as_deref())).collect();
    assert!(names.contains(&("../../CON.png", Some("k4"))) && names.contains(&("con.PNG", Some("k5"))), "{names:?}");

    // The same again has no effect, and what the issue holds by now is to be read.
    let before = world.text("ACME-1.md");
    let again = apply(&tracker, effects.clone());
    assert!(again.iter().all(|outcome| matches!(outcome, Err(Fault::UnknownOutcome(_)))), "{again:?}");
    assert_eq!((world.text("ACME-1.md"), world.names().len()), (before, 3));
    let found = tracker.find(effects);
    let counts: Vec<_> = found.iter().map(|found| found.as_ref().unwrap().len()).collect();
    assert_eq!(counts, [1, 1, 0, 1, 1]);
}

#[test]
fn an_issue_written_just_before_a_crash_is_found_and_not_made_twice() {
    let world = World::new();
    apply(&world.tracker(), vec![create("k0", "Zero")]);
    world.0.broken.set(true);
    assert!(apply(&world.tracker(), vec![create("k1", "One")])[0].is_err());
    world.0.broken.set(false);
    assert_eq!(world.names(), ["ACME-1.md", "ACME-2.md"]);
    let found = world.tracker().find(vec![create("k1", "One")]);
    assert_eq!(found[0].as_ref().unwrap()[0].issue, "2");
    assert!(matches!(apply(&world.tracker(), vec![create("k1", "One")])[0], Err(Fault::UnknownOutcome(_))));

    world.0.broken.set(true);
    assert!(apply(&world.tracker(), vec![create("k2", "Two")])[0].is_err());
    world.0.broken.set(false);
    // Without asking first, what the folder keeps gives it away.
    let outcome = apply(&world.tracker(), vec![create("k2", "Two"), create("k3", "Three")]);
    assert!(matches!(outcome[0], Err(Fault::UnknownOutcome(_))), "{:?}", outcome[0]);
    assert_eq!(outcome[1].as_ref().unwrap().issue, "4");
    assert_eq!(world.tracker().find(vec![create("k2", "Two")])[0].as_ref().unwrap()[0].issue, "3");
}

#[test]
fn an_issue_whose_file_somebody_broke_is_found_all_the_same() {
    let world = World::new();
    apply(&world.tracker(), vec![create("k1", "One")]);
    world.save("ACME-1.md", world.text("ACME-1.md").replace("status = \"open\"", "status = open"));
    assert_eq!(world.tracker().find(vec![create("k1", "One")])[0].as_ref().unwrap()[0].issue, "1");
}

#[test]
fn what_somebody_saved_in_between_is_never_overwritten() {
    let world = World::new();
    let tracker = world.tracker();
    let made = apply(&tracker, vec![create("k1", "One")])[0].clone().unwrap();
    let edited = world.text("ACME-1.md") + "\nMine\n";
    world.wait_ms(10);
    let by_person = edited.clone();
    *world.0.meanwhile.borrow_mut() = Some(Box::new(move |world: &World| world.save("ACME-1.md", &by_person)));
    let outcome = apply(&tracker, vec![set("k2", "1", "title", Value::Text("Two".to_owned()))]);
    assert_eq!(outcome[0], Err(Fault::Stale));
    assert_eq!(world.text("ACME-1.md"), edited);
    let mut late = set("k3", "1", "title", Value::Text("Two".to_owned()));
    late.expected = Some(made.revision);
    assert_eq!(
        apply(&tracker, vec![late.clone(), comment("k4", late.target.clone(), "x")]),
        [Err(Fault::Stale), Err(Fault::Stale)]
    );
    late.expected = Some(read(&tracker, "1").revision);
    let applied = apply(&tracker, vec![late])[0].clone().unwrap();
    assert_eq!(applied.replaced[0].value, Value::Text("One".to_owned()));
    assert_eq!(value(&read(&tracker, "1"), "description"), Value::RichText(text("Mine")));
}

#[test]
fn a_touched_file_has_the_same_revision() {
    let world = World::new();
    let tracker = world.tracker();
    let made = apply(&tracker, vec![create("k1", "One")])[0].clone().unwrap();
    world.wait_ms(5000);
    world.save("ACME-1.md", world.text("ACME-1.md"));
    assert_eq!(read(&tracker, "1").revision, made.revision);
}

#[test]
fn comments_are_edited_and_deleted_and_their_numbers_never_used_again() {
    let world = World::new();
    let tracker = world.tracker();
    let one = || Target::Existing("1".to_owned());
    apply(&tracker, vec![create("k1", "One")]);
    apply(&tracker, vec![comment("c1", one(), "a"), comment("c2", one(), "b")]);
    let edit = effect("c3", one(), Content::EditComment(("1".to_owned(), text("changed"))));
    let delete = effect("c4", one(), Content::DeleteComment("2".to_owned()));
    assert!(apply(&tracker, vec![edit, delete.clone(), comment("c5", one(), "c")]).iter().all(Result::is_ok));
    let issue = read(&tracker, "1");
    let found: Vec<_> = issue.comments.iter().map(|c| (c.id.as_str(), c.body.source.as_str())).collect();
    assert_eq!(found, [("1", "changed"), ("3", "c")]);
    assert!(apply(&tracker, vec![delete])[0].is_ok(), "gone already is no error");
    let lost = effect("c6", one(), Content::EditComment(("2".to_owned(), text("x"))));
    assert_eq!(apply(&tracker, vec![lost])[0], Err(Fault::NotFound));
}

#[test]
fn values_of_every_kind_come_back_as_they_were_given() {
    let kinds = [
        ("text", "text"),
        ("rich", "rich-text"),
        ("number", "number"),
        ("flag", "boolean"),
        ("day", "date"),
        ("at", "date-time"),
        ("spent", "duration"),
        ("one", "choice"),
        ("some", "choices"),
        ("who", "user"),
        ("all", "users"),
        ("tags", "labels"),
        ("fix", "version"),
        ("parts", "components"),
        ("json", "other"),
    ];
    let mut toml = "versions = [\"1.0\"]\ncomponents = [\"core\", \"ui\"]\n".to_owned();
    for (name, kind) in kinds {
        toml += &format!("[[fields]]\nname = \"{name}\"\nkind = \"{kind}\"\n");
        toml += if kind.starts_with("choice") { "options = [\"a\", \"b \\\"q\\\"\"]\n" } else { "" };
    }
    let world = World::new();
    world.save("tracker.toml", toml);
    let tracker = world.tracker();
    let option = |label: &str| OptionValue { id: label.to_owned(), label: label.to_owned() };
    let user = |name: &str| User { id: name.to_owned(), name: name.to_owned(), email: None };
    let values = [
        ("title", Value::Text("T".to_owned())),
        ("text", Value::Text("a\r\n\"\"\"b\\ +++\n+++\n\0".to_owned())),
        ("rich", Value::RichText(text("+++\nx\n"))),
        ("number", Value::Number("-12345678901234567890.50".to_owned())),
        ("flag", Value::Boolean(true)),
        ("day", Value::Date("2026-02-28".to_owned())),
        ("at", Value::DateTime("2026-02-28T12:00:00.120Z".to_owned())),
        ("spent", Value::DurationSeconds(u64::MAX)),
        ("one", Value::Choice(option("b \"q\""))),
        ("some", Value::Choices(vec![option("a"), option("b \"q\"")])),
        ("who", Value::User(user("Anna, née B."))),
        ("all", Value::Users(vec![user("x"), user("y")])),
        ("tags", Value::Labels(vec!["a b".to_owned(), String::new(), "ü\n".to_owned()])),
        ("fix", Value::Choice(option("1.0"))),
        ("parts", Value::Choices(vec![option("ui")])),
        ("json", Value::Other("{\"a\": [1]}".to_owned())),
    ];
    let fields: Vec<_> = values.iter().map(|(n, v)| Field { name: (*n).to_owned(), value: v.clone() }).collect();
    let new = NewIssue { issue_type: "Task".to_owned(), parent: None, fields };
    apply(&tracker, vec![effect("k", Target::Nothing, Content::Create(new))])[0].as_ref().unwrap();
    let issue = read(&tracker, "1");
    for (name, given) in &values {
        assert_eq!(&value(&issue, name), given, "{}", world.text("ACME-1.md"));
    }
    let absent: Vec<_> = values.iter().skip(1).map(|(name, _)| set(name, "1", name, Value::Absent)).collect();
    assert!(apply(&tracker, absent).iter().all(Result::is_ok));
    assert!(values.iter().skip(1).all(|(name, _)| value(&read(&tracker, "1"), name) == Value::Absent));
    let Err(Fault::Invalid(problems)) = &apply(&tracker, vec![set("k9", "1", "one", Value::Choice(option("z")))])[0]
    else {
        panic!()
    };
    assert_eq!(problems[0].field, "one");
}

#[test]
fn an_empty_description_is_not_an_absent_one() {
    let world = World::new();
    let tracker = world.tracker();
    apply(&tracker, vec![create("k1", "One"), create("k2", "Two")]);
    apply(&tracker, vec![set("k3", "1", "description", Value::RichText(text("")))]);
    assert_eq!(value(&read(&tracker, "1"), "description"), Value::RichText(text("")));
    assert_eq!(value(&read(&tracker, "2"), "description"), Value::Absent);
}

#[test]
fn a_workflow_allows_only_its_steps() {
    let world = World::new();
    world.save(
        "tracker.toml",
        "[[transitions]]\nname = \"start\"\nfrom = \"open\"\nto = \"in progress\"\nrequired = [\"assignee\"]\n",
    );
    let tracker = world.tracker();
    apply(&tracker, vec![create("k1", "One")]);
    let step =
        |to: &str, fields| effect("k2", Target::Existing("1".to_owned()), Content::Transition((to.to_owned(), fields)));
    assert!(matches!(apply(&tracker, vec![step("done", vec![])])[0], Err(Fault::Invalid(_))));
    assert!(matches!(apply(&tracker, vec![step("in progress", vec![])])[0], Err(Fault::Invalid(_))));
    let anna = User { id: "anna".to_owned(), name: "anna".to_owned(), email: None };
    let fields = vec![Field { name: "assignee".to_owned(), value: Value::User(anna) }];
    assert!(apply(&tracker, vec![step("in progress", fields)])[0].is_ok());
    assert_eq!(read(&tracker, "1").status, "in progress");
}

#[test]
fn an_attachment_is_deleted_with_its_mark_and_one_refused_leaves_the_rest() {
    let world = World::new();
    let tracker = world.tracker();
    apply(&tracker, vec![create("k1", "One")]);
    let one = || Target::Existing("1".to_owned());
    let mut lost = attach(&world, "a2", one(), "lost.png", b"x");
    if let Content::AddAttachment(new) = &mut lost.content {
        new.blob = "nowhere".to_owned();
    }
    let outcome = apply(&tracker, vec![attach(&world, "a1", one(), "a.png", b"abc"), lost, comment("c", one(), "hi")]);
    assert!(outcome[0].is_ok() && outcome[1].is_err() && outcome[2].is_ok());
    let issue = read(&tracker, "1");
    assert_eq!((issue.attachments.len(), &issue.revision), (1, &outcome[0].as_ref().unwrap().revision));
    let delete = effect("d", one(), Content::DeleteAttachment(issue.attachments[0].id.clone()));
    assert!(apply(&tracker, vec![delete.clone(), delete]).iter().all(Result::is_ok));
    assert_eq!(world.names(), ["ACME-1.md"]);
    let (_, next) = scan(&tracker, None, 10);
    assert!(scan(&tracker, Some(&next), 10).0.gone.is_empty());
}
