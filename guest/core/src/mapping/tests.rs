#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod round_trips;

use super::*;
use crate::config::sample::{bought, field, folder, issue_type, plain, project, required};
use crate::config::{Problems, answer, example, narrowing, publication, read};
use crate::ids::{IssueId, IssueKey, ItemId, Revision, Timestamp};
use crate::message::Reference;
use crate::model::{FieldKind, OptionValue, ProjectSchema, RichText};
use crate::shared::{Person, STATUS, TYPE};
use std::collections::BTreeSet;

/// Everybody whom a tracker knows.
struct People(Vec<User>);

impl Directory for People {
    fn find(&self, whom: &PersonQuery) -> Result<Option<User>, TrackerFault> {
        let is = |user: &&User| match whom {
            PersonQuery::Id(id) => user.id == *id,
            PersonQuery::Name(name) => user.name == *name,
            PersonQuery::Email(email) => user.email.as_ref() == Some(email),
        };
        Ok(self.0.iter().find(is).cloned())
    }
}

/// A tracker that doesn't answer.
struct Away;

impl Directory for Away {
    fn find(&self, _: &PersonQuery) -> Result<Option<User>, TrackerFault> {
        Err(TrackerFault::RetryLater(None))
    }
}

fn user(name: &str, email: Option<&str>) -> User {
    User { id: format!("u-{name}"), name: name.to_owned(), email: email.map(str::to_owned) }
}

fn issue(of: &str, status: &str, fields: &[(&str, Value)]) -> Issue {
    let field = |(name, value): &(&str, Value)| Field { name: (*name).to_owned(), value: value.clone() };
    Issue {
        id: IssueId::from("1"),
        key: IssueKey::from("ACME-1"),
        url: None,
        revision: Revision::from("r"),
        created: Timestamp::from("2026-01-01T00:00:00Z"),
        updated: Timestamp::from("2026-01-01T00:00:00Z"),
        issue_type: of.to_owned(),
        status: status.to_owned(),
        parent: None,
        fields: fields.iter().map(field).collect(),
        comments: vec![],
        attachments: vec![],
        incomplete: vec![],
        effect: None,
    }
}

fn primary(text: &str, schema: &ProjectSchema) -> Mapping {
    let scope = publication(&read(&mut Problems::of(text)), schema, 1);
    Mapping::compile(text, &scope, Side::Primary, schema).unwrap().with_markup(Markup::Markdown)
}

fn secondary(text: &str, published: &Scope, schema: &ProjectSchema) -> Mapping {
    let scope = narrowing(&read(&mut Problems::of(text)), published);
    Mapping::compile(text, &scope, Side::Secondary, schema).unwrap().with_markup(Markup::JiraWiki)
}

/// A type with one field, mapped by those words.
fn one(kind: FieldKind, options: &[&str], words: &str) -> Mapping {
    let schema = project(vec![issue_type("Bug", vec![field("f", kind, options)], &["New"])]);
    primary(
        &format!("[[types]]\nalias = \"bug\"\nlocal = \"Bug\"\n[types.fields]\nx = {{ local = \"f\"{words} }}\n"),
        &schema,
    )
}

fn out(mapping: &Mapping, raw: &Value) -> Result<Shared, Unmapped> {
    mapping.to_shared(&Alias::from("bug"), &Alias::from("x"), raw)
}

fn into(mapping: &Mapping, shared: &Shared, people: &dyn Directory) -> Result<Value, Unmapped> {
    match mapping.incoming(&Alias::from("bug"), &Alias::from("x"), shared, people)? {
        Inward::Field(field) => Ok(field.value),
        other => panic!("{other:?}"),
    }
}

fn choice(id: &str, label: &str) -> Value {
    Value::Choice(OptionValue { id: id.to_owned(), label: label.to_owned() })
}

fn option(alias: &str) -> Shared {
    Shared::Option(Alias::from(alias))
}

const NOBODY: &People = &People(Vec::new());

#[test]
fn options_go_by_their_table_the_first_is_written_and_all_are_read() {
    let mapping = one(FieldKind::Choice, &["P1", "P2", "P3"], ", options = { high = [\"P1\", \"P2\"], low = \"P3\" }");
    assert_eq!(out(&mapping, &choice("0", "P1")), Ok(option("high")));
    assert_eq!(out(&mapping, &choice("1", "P2")), Ok(option("high")));
    assert_eq!(into(&mapping, &option("high"), NOBODY), Ok(choice("0", "P1")));
    assert!(out(&mapping, &choice("9", "P9")).unwrap_err().reason.contains("add it to its options"));
    assert!(into(&mapping, &option("middling"), NOBODY).unwrap_err().reason.contains("set a default"));
}

#[test]
fn a_default_stands_for_what_has_no_counterpart_either_way() {
    let words = ", options = { high = \"P1\", low = \"P3\" }, default = \"low\"";
    let mapping = one(FieldKind::Choice, &["P1", "P2", "P3"], words);
    assert_eq!(out(&mapping, &choice("1", "P2")), Ok(option("low")));
    assert_eq!(into(&mapping, &option("middling"), NOBODY), Ok(choice("2", "P3")));
}

#[test]
fn options_that_were_not_published_do_not_leave() {
    let mapping = one(FieldKind::Choice, &["P1"], "");
    assert_eq!(out(&mapping, &choice("0", "P1")), Ok(option("P1")));
    assert_eq!(out(&mapping, &choice("7", "secret")).unwrap_err().kind, Unmapped::VALUE);
    let open = one(FieldKind::Version, &["1.0"], "");
    assert_eq!(out(&open, &choice("7", "2.0")), Ok(option("2.0")), "versions come and go");
}

#[test]
fn people_are_found_by_what_the_configuration_says() {
    let people = People(vec![user("anna", Some("anna@acme.example")), user("bert", None), user("ferry", None)]);
    let anna = Value::User(user("anna", Some("anna@acme.example")));
    let person = |name: &str, email: Option<&str>| {
        Shared::Person(Person { name: name.to_owned(), email: email.map(str::to_owned) })
    };
    let either = one(FieldKind::User, &[], "");
    assert_eq!(out(&either, &anna), Ok(person("anna", Some("anna@acme.example"))));
    assert_eq!(into(&either, &person("A. Nna", Some("anna@acme.example")), &people), Ok(anna.clone()));
    assert_eq!(into(&either, &person("bert", Some("bert@else.example")), &people), Ok(Value::User(user("bert", None))));
    assert!(into(&either, &person("carl", None), &people).unwrap_err().reason.contains("users.default"));

    let email = one(FieldKind::User, &[], ", users = { by = \"email\", default = \"ferry\" }");
    assert_eq!(into(&email, &person("bert", None), &people), Ok(Value::User(user("ferry", None))));
    let name = one(FieldKind::User, &[], ", users = { by = \"name\" }");
    assert_eq!(out(&name, &anna), Ok(person("anna", None)), "addresses stay home");

    let table = one(FieldKind::User, &[], ", users = { by = \"table\", table = { boss = \"anna\" } }");
    assert_eq!(out(&table, &anna), Ok(person("boss", None)));
    assert_eq!(into(&table, &person("boss", None), &people), Ok(anna));
    assert!(out(&table, &Value::User(user("bert", None))).is_err(), "others' names stay home");
    assert_eq!(into(&either, &person("anna", None), &Away).unwrap_err().kind, Unmapped::PASSING);
}

#[test]
fn a_set_of_people_is_mapped_whole_or_not_at_all() {
    let people = People(vec![user("anna", None)]);
    let mapping = one(FieldKind::Users, &[], "");
    let named = |names: &[&str]| {
        Shared::People(names.iter().map(|name| Person { name: (*name).to_owned(), email: None }).collect())
    };
    assert_eq!(into(&mapping, &named(&["anna"]), &people), Ok(Value::Users(vec![user("anna", None)])));
    assert!(into(&mapping, &named(&["anna", "zoe"]), &people).unwrap_err().reason.contains("zoe"));
}

#[test]
fn what_is_empty_is_absent_whatever_its_kind() {
    for (kind, raw) in [
        (FieldKind::Text, Value::Text(String::new())),
        (FieldKind::RichText, Value::RichText(RichText { markup: Markup::Markdown, source: String::new() })),
        (FieldKind::Labels, Value::Labels(vec![])),
        (FieldKind::Choices, Value::Choices(vec![])),
        (FieldKind::Users, Value::Users(vec![])),
        (FieldKind::Number, Value::Absent),
    ] {
        let mapping = one(kind, &[], "");
        assert_eq!(out(&mapping, &raw), Ok(Shared::Absent), "{kind:?}");
        assert_eq!(into(&mapping, &Shared::Absent, NOBODY), Ok(Value::Absent), "{kind:?}");
    }
    assert_eq!(into(&one(FieldKind::Labels, &[], ""), &Shared::Labels(BTreeSet::new()), NOBODY), Ok(Value::Absent));
}

#[test]
fn parts_that_the_issue_does_not_show_are_unknown_not_absent() {
    let schema = folder();
    let mapping = primary(&example("x", &schema), &schema);
    let mut issue = issue("Bug", "Open", &[("title", Value::Text("t".to_owned())), ("points", Value::Absent)]);
    issue.incomplete = vec!["points".to_owned()];
    let found = mapping.outgoing(&issue);
    let names: Vec<&str> = found.iter().map(|part| part.alias.0.as_str()).collect();
    assert_eq!(names, [TYPE, STATUS, "title"]);
    assert_eq!(found[0].raw, Value::Text("Bug".to_owned()));
    assert_eq!(found[0].shared, Ok(option("bug")));
    assert_eq!(found[1].shared, Ok(option("open")));
    assert!(found.iter().all(|part| part.sends && part.receives));
}

#[test]
fn types_and_statuses_go_by_their_aliases() {
    let schema = folder();
    let mapping = primary(&example("x", &schema), &schema);
    let bug = Alias::from("bug");
    let into = |alias: &str, shared: &str| mapping.incoming(&bug, &Alias::from(alias), &option(shared), NOBODY);
    assert_eq!(into(TYPE, "task"), Ok(Inward::Type("Task".to_owned())));
    assert_eq!(into(STATUS, "in-progress"), Ok(Inward::Status("In Progress".to_owned())));
    assert!(into(STATUS, "lost").unwrap_err().reason.contains("[types.statuses]"));
    assert!(into(TYPE, "epic").unwrap_err().reason.contains("[[types]]"));
    assert!(mapping.to_shared(&bug, &Alias::from(STATUS), &Value::Text("Lost".to_owned())).is_err());
    assert_eq!(mapping.to_shared(&bug, &Alias::from(TYPE), &Value::Text("Task".to_owned())), Ok(option("task")));
}

#[test]
fn issues_enter_by_type_way_and_filter() {
    let schema = folder();
    let text = "[[types]]\nalias = \"bug\"\nlocal = \"Bug\"\nwhen = 'labels contains \"out\"'\n\
                [types.fields]\nt = \"title\"\n\
                [[types]]\nalias = \"task\"\nlocal = \"Task\"\ndirection = \"receive\"\n\
                [types.fields]\nt = \"title\"\n";
    let mapping = primary(text, &schema);
    let labelled = |of: &str, labels: &[&str]| {
        issue(of, "Open", &[("labels", Value::Labels(labels.iter().map(|label| (*label).to_owned()).collect()))])
    };
    assert!(mapping.shares(&labelled("Bug", &["out"])));
    assert!(!mapping.shares(&labelled("Bug", &[])));
    assert!(!mapping.shares(&labelled("Task", &["out"])));
    assert!(!mapping.shares(&labelled("Epic", &["out"])));
    assert!(!mapping.shares(&issue("Bug", "Open", &[])), "labels that are unknown let nothing out");
}

#[test]
fn a_local_type_that_answers_several_aliases_goes_out_under_the_one_that_sends() {
    let schema = plain();
    let text = "[[types]]\nalias = \"bug\"\nlocal = \"ticket\"\ndirection = \"receive\"\n\
                [types.fields]\nb = \"subject\"\n\
                [[types]]\nalias = \"task\"\nlocal = \"ticket\"\n[types.fields]\nt = \"subject\"\n";
    let mapping = primary(text, &schema);
    let issue = issue("ticket", "new", &[("subject", Value::Text("s".to_owned()))]);
    assert_eq!(mapping.issue_type("ticket").unwrap().alias, Alias::from("task"));
    assert_eq!(mapping.outgoing(&issue)[0].shared, Ok(option("task")));
    assert_eq!(mapping.outgoing_as(&Alias::from("bug"), &issue)[0].shared, Ok(option("bug")));
}

#[test]
fn only_what_is_known_to_be_public_leaves() {
    let schema = folder();
    let text = example("x", &schema).replace(
        "attachments = \"both\"",
        "attachments = { direction = \"both\", \
               max_bytes = 10, media_types = [\"image/*\", \"text/plain\"] }",
    );
    let mapping = primary(&text, &schema);
    let attachment = |size, media_type: &str, visibility| Attachment {
        id: ItemId::from("a"),
        name: "a".to_owned(),
        media_type: media_type.to_owned(),
        size,
        created: Timestamp::from("2026-01-01T00:00:00Z"),
        author: user("anna", None),
        visibility,
        effect: None,
    };
    assert!(mapping.sends_attachment(&attachment(10, "image/PNG", Visibility::Public)));
    assert!(mapping.sends_attachment(&attachment(0, "text/plain; charset=utf-8", Visibility::Public)));
    assert!(!mapping.sends_attachment(&attachment(11, "image/png", Visibility::Public)));
    assert!(!mapping.sends_attachment(&attachment(1, "application/zip", Visibility::Public)));
    assert!(!mapping.receives_attachment(1, "application/zip"));
    let comment = |visibility| Comment {
        id: ItemId::from("c"),
        author: user("anna", None),
        created: Timestamp::from("2026-01-01T00:00:00Z"),
        updated: Timestamp::from("2026-01-01T00:00:00Z"),
        body: RichText { markup: Markup::Plain, source: String::new() },
        visibility,
        effect: None,
    };
    assert!(mapping.sends_comment(&comment(Visibility::Public)));
    for hidden in [Visibility::Internal, Visibility::Restricted("staff".to_owned()), Visibility::Unknown] {
        assert!(!mapping.sends_comment(&comment(hidden.clone())));
        assert!(!mapping.sends_attachment(&attachment(1, "image/png", hidden)));
    }
}

#[test]
fn templates_and_constants_are_made_here_and_never_sent() {
    let fields = vec![required(field("title", FieldKind::Text, &[])), field("note", FieldKind::RichText, &[])];
    let mut fields = fields;
    fields.push(field("severity", FieldKind::Choice, &["S1"]));
    let schema = project(vec![issue_type("Bug", fields, &["New"])]);
    let text = "[[types]]\nalias = \"bug\"\nlocal = \"Bug\"\n[types.fields]\nsummary = \"title\"\n\
                origin = { local = \"note\", template = \"${summary} (${partner.key}${partner.url}) ${open\" }\n\
                our-severity = { local = \"severity\", constant = \"S1\" }\n";
    let mapping = primary(text, &schema);
    let view = [(Alias::from("summary"), Shared::Text("It leaks".to_owned()))].into_iter().collect();
    let partner = Reference { key: "GLX-7".to_owned(), url: None };
    let made = mapping.derived(&Alias::from("bug"), &view, Some(&partner));
    let source = "It leaks (GLX-7) ${open".to_owned();
    assert_eq!(made[0].field.value, Value::RichText(RichText { markup: Markup::Markdown, source }));
    assert_eq!(made[1].field, Field { name: "severity".to_owned(), value: choice("0", "S1") });
    let sent = mapping.outgoing(&issue("Bug", "New", &[("note", Value::Absent), ("severity", Value::Absent)]));
    assert_eq!(sent.len(), 1, "the type alone: {sent:?}");
}

#[test]
fn what_the_tracker_lost_is_unmapped_not_an_error() {
    let schema = folder();
    let text = example("x", &schema);
    let scope = publication(&read(&mut Problems::of(&text)), &schema, 1);
    let mut poorer = folder();
    poorer.types[1].fields.retain(|field| field.name != "points");
    let mapping = Mapping::compile(&text, &scope, Side::Primary, &poorer).unwrap();
    let shared = Shared::Number("3".to_owned());
    let lost = mapping.incoming(&Alias::from("bug"), &Alias::from("points"), &shared, NOBODY);
    assert!(lost.unwrap_err().reason.contains("no field \"points\" any more"));
    assert!(Mapping::compile("[[types", &scope, Side::Primary, &schema).is_err());
}

#[test]
fn a_narrowing_gives_no_more_than_was_published() {
    let schema = folder();
    let published = primary(&example("x", &schema), &schema).scope().clone();
    let mut less = published.clone();
    less.attachments.media_types = vec!["image/*".to_owned()];
    less.types[0].ways = Ways { to_primary: false, to_secondary: true };
    let mut greedy = published.clone();
    greedy.attachments.media_types = vec!["text/*".to_owned()];
    greedy.attachments.max_bytes = u64::MAX;
    let narrowed = less.narrowed(&greedy);
    assert!(!narrowed.admits_attachment(Side::Primary, 1, "text/plain"));
    assert!(!narrowed.admits_attachment(Side::Primary, 1, "image/png"));
    assert_eq!(narrowed.attachments.max_bytes, less.attachments.max_bytes);
    assert_eq!(narrowed.types[0].ways, less.types[0].ways);
    let bug = Alias::from("bug");
    assert!(published.admits(Side::Primary, &bug, &Alias::from("title")));
    assert!(!published.admits(Side::Primary, &bug, &Alias::from("unheard-of")));
    assert!(!published.admits(Side::Primary, &Alias::from("epic"), &Alias::from("title")));
}
