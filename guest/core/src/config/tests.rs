#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod examples;

use super::sample::{bought, folder, plain};
use super::*;
use crate::model::ProjectSchema;
use crate::scope::{Side, Ways};

fn parsed(text: &str) -> Text {
    read(&mut Problems::of(text))
}

fn published(text: &str, schema: &ProjectSchema) -> Scope {
    publication(&parsed(text), schema, 1)
}

fn errors(text: &str, against: Against<'_>) -> Vec<Problem> {
    check(text, against).into_iter().filter(|problem| problem.severity == Severity::Error).collect()
}

/// Every problem of a text, as `line:column severity message | help`.
fn shown(text: &str, against: Against<'_>) -> Vec<String> {
    let line = |p: &Problem| {
        let severity = if p.severity == Severity::Error { "error" } else { "warning" };
        format!("{}:{} {severity} {} | {}", p.line, p.column, p.message, p.help)
    };
    check(text, against).iter().map(line).collect()
}

/// What is wrong with lines that stand in a type of the primary's folder.
fn primary(lines: &str) -> Vec<String> {
    let schema = folder();
    let text = format!("[[types]]\nalias = \"bug\"\nlocal = \"Bug\"\n{lines}");
    let against = Against { side: Side::Primary, schema: &schema, published: None };
    let relevant = |problem: &String| !problem.contains("shares no fields") && !problem.contains("without \"title\"");
    shown(&text, against).into_iter().filter(relevant).collect()
}

/// What is wrong with lines that stand in the secondary's answer.
fn secondary(published_lines: &str, lines: &str) -> Vec<String> {
    let schema = folder();
    let scope = published(&format!("[[types]]\nalias = \"bug\"\nlocal = \"Bug\"\n{published_lines}"), &folder());
    let text = format!("[[types]]\nalias = \"bug\"\nlocal = \"Bug\"\n{lines}");
    let against = Against { side: Side::Secondary, schema: &schema, published: Some(&scope) };
    shown(&text, against).into_iter().filter(|problem| !problem.contains("without \"title\"")).collect()
}

#[test]
fn the_design_s_example_is_understood_to_the_last_word() {
    let text = r#"
[share]                       # the primary publishes this; the secondary may narrow it
comments = "both"             # both | send | receive | none
attachments = { direction = "both", max_bytes = 50_000_000, media_types = ["image/*", "text/*"] }
links = "none"
worklogs = "none"
conflicts = "primary-wins"

[[types]]
alias = "defect"              # what the partner sees
local = "Bug"
direction = "both"
when = 'labels contains "partner" and priority in ["high", "urgent"]'

[types.fields]
summary     = { local = "title" }
details     = "description"
urgency     = { local = "priority", options = { high = "P1", normal = ["P3", "P4"] }, default = "normal" }
contact     = { local = "assignee", users = { by = "email", default = "ferry", table = { boss = "anna" } } }
origin      = { local = "notes", template = "Reported by ${contact} as ${partner.key}", direction = "receive" }

[types.statuses]
open = ["New", "Reopened"]    # first is written, all are read
done = "Closed"
"#;
    use crate::model::FieldKind;
    use sample::{field, issue_type, project, required};
    let fields = vec![
        required(field("title", FieldKind::Text, &[])),
        field("description", FieldKind::RichText, &[]),
        field("priority", FieldKind::Choice, &["P1", "P3", "P4", "high", "urgent"]),
        field("assignee", FieldKind::User, &[]),
        field("labels", FieldKind::Labels, &[]),
        field("notes", FieldKind::Text, &[]),
    ];
    let schema = project(vec![issue_type("Bug", fields, &["New", "Reopened", "Closed"])]);
    assert_eq!(check(text, Against { side: Side::Primary, schema: &schema, published: None }), []);
    let scope = published(text, &schema);
    assert_eq!(scope.attachments.max_bytes, 50_000_000);
    assert_eq!(scope.attachments.media_types, ["image/*", "text/*"]);
    let of = &scope.types[0];
    let aliases: Vec<&str> = of.fields.iter().map(|field| field.alias.0.as_str()).collect();
    assert_eq!(aliases, ["summary", "details", "urgency", "contact"], "what is made here isn't published");
    assert_eq!(of.fields[2].options.iter().map(|alias| alias.0.as_str()).collect::<Vec<_>>(), ["high", "normal"]);
    assert_eq!(of.statuses.iter().map(|alias| alias.0.as_str()).collect::<Vec<_>>(), ["open", "done"]);
}

#[test]
fn what_is_no_toml_is_shown_where_it_is() {
    let found = primary("direction = both\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("4:13 error this is not TOML: "), "{found:?}");
    let found = primary("alias = \"again\"\n");
    assert!(found[0].starts_with("4:1 error this is not TOML: duplicate key"), "{found:?}");
}

#[test]
fn mistakes_of_form_are_shown_where_they_are() {
    for (lines, problem) in [
        (
            "directon = \"both\"",
            "4:1 error [[types]] has no key `directon` | did you mean \"direction\"? there are: \
          \"alias\", \"local\", \"direction\", \"status_direction\", \"when\", \"fields\", \"statuses\"",
        ),
        (
            "direction = \"sends\"",
            "4:13 error \"sends\" is not a direction | did you mean \"send\"? there are: \
          \"both\", \"send\", \"receive\", \"none\"",
        ),
        ("direction = 3", "4:13 error `direction` is integer, not a text | put it into quotes"),
        ("when = 'priority = high'", "4:20 error a value is missing; `high` is none | put the value into quotes"),
        (
            "when = \"priority = \\\"x\\\" or\"",
            "4:8 error the filter ends too early | \
          write a condition: priority = \"high\"",
        ),
        ("[types.fields]\nx = 3", "5:5 error `x` is not a field | write x = { local = \"our field\" }"),
        (
            "[types.fields]\nx = { direction = \"both\" }",
            "5:1 error `x` names no field of ours | \
          local = \"our field\", or constant = \"always this\"",
        ),
        (
            "[types.fields]\nx = { local = \"assignee\", users = { by = \"mail\" } }",
            "5:42 error people can't be found \
          by \"mail\" | did you mean \"email\"? there are: \"email-or-name\", \"email\", \"name\", \"table\"",
        ),
        (
            "[types.statuses]\nopen = []",
            "5:1 error `open` names nothing of ours | \
          write open = \"ours\", or [\"is written and read\", \"is read\"]",
        ),
        (
            "[share]\nlinks = \"both\"",
            "5:9 error links between issues can't be shared by this version yet | \
          links = \"none\"",
        ),
        (
            "[share]\nconflicts = \"ask\"",
            "5:13 error conflicts can't be settled by \"ask\" in this version | \
          conflicts = \"primary-wins\"",
        ),
        (
            "[share]\nattachments = { max_bytes = -1 }",
            "5:29 error `max_bytes` is not a number of bytes | \
          max_bytes = 50_000_000",
        ),
        (
            "[share]\nattachments = { media_types = [\"image\"] }",
            "5:32 error \"image\" is not a media type | \
          write \"image/*\"",
        ),
        (
            "[shares]\n",
            "4:2 error the configuration has no key `shares` | did you mean \"share\"? there are: \
          \"share\", \"types\"",
        ),
    ] {
        assert_eq!(primary(lines), [problem], "{lines}");
    }
}

#[test]
fn what_the_tracker_does_not_have_is_named_with_what_it_has() {
    for (lines, problem) in [
        (
            "when = 'priorty = \"high\"'",
            "4:9 error \"Bug\" has no field \"priorty\" | did you mean \"priority\"? there \
          are: \"title\", \"description\", \"priority\", \"labels\", \"assignee\", \"watchers\", \"points\", \"due\", \
          \"starts\", \"spent\", \"regression\", \"fix-version\", \"components\", \"teams\", \"raw\", \"type\", \
          \"status\", \"key\"",
        ),
        (
            "when = 'status = \"Opn\"'",
            "4:9 warning `status` is never \"Opn\" | did you mean \"Open\"? there are: \
          \"Open\", \"In Progress\", \"Done\"",
        ),
        (
            "direction = \"receive\"\nwhen = 'type = \"Bug\"'",
            "5:8 warning this filter has no effect: issues of this \
          type only come from the partner | leave `when` out; the partner decides which issues it shares",
        ),
        (
            "[types.fields]\nurgency = { local = \"priority\", options = { high = \"hihg\" }, default = \"high\" }",
            "5:52 error our field \"priority\" has no option \"hihg\" | did you mean \"high\"? there are: \"low\", \
          \"normal\", \"high\"",
        ),
        (
            "[types.fields]\nurgency = { local = \"priority\", options = { hot = \"high\" } }",
            "5:1 warning options of \
          ours without an alias: \"low\", \"normal\" | add them to `options`, or set a `default`; their values are \
          parked otherwise",
        ),
        (
            "[types.fields]\nurgency = { local = \"priority\", default = \"middle\" }",
            "5:43 error the default \
          \"middle\" is not one of the shared options | there are: \"low\", \"normal\", \"high\"",
        ),
    ] {
        assert_eq!(primary(lines), [problem], "{lines}");
    }
}

#[test]
fn what_a_field_can_not_be_mapped_to_is_said_with_what_it_can() {
    for (lines, problem) in [
        (
            "[types.fields]\nx = { local = \"points\", options = { a = \"b\" } }",
            "5:37 error our field \"points\" is a \
          number and has no options | leave `options` out",
        ),
        (
            "[types.fields]\nx = { local = \"points\", users = { by = \"name\" } }",
            "5:33 error our field \"points\" is \
          a number and holds no people | leave `users` out",
        ),
        (
            "[types.fields]\nx = { local = \"points\", constant = \"many\" }",
            "5:36 error our field \"points\" can't \
          hold \"many\" | it is a number",
        ),
        (
            "[types.fields]\nx = { local = \"points\", template = \"${partner.key}\" }",
            "5:36 error a template makes \
          text, and our field \"points\" is a number | name a text field",
        ),
        (
            "[types.fields]\nx = { constant = \"acme\" }",
            "5:1 error \"x\" is a constant and can't be received | \
          direction = \"send\"; or name the field that it is written to: local = \"…\"",
        ),
        (
            "[types.fields]\nstatus = \"title\"",
            "5:1 error `status` can't be a field's alias | statuses go below \
          [types.statuses]",
        ),
        (
            "[types.fields]\na = \"title\"\nb = \"title\"",
            "6:5 error our field \"title\" is already written from \"a\" \
          | set direction = \"send\" for one of them, or name another field",
        ),
        (
            "[types.statuses]\nopen = [\"Open\", \"Opened\"]\nrest = [\"In Progress\", \"Done\"]",
            "5:17 error our \
          \"Bug\" has no status \"Opened\" | did you mean \"Open\"? there are: \"Open\", \"In Progress\", \"Done\"",
        ),
        (
            "[types.statuses]\nopen = \"Open\"\ndone = \"Done\"",
            "5:1 warning statuses of \"Bug\" without an alias: \
          \"In Progress\" | add each to the list of an alias; they are parked otherwise",
        ),
    ] {
        assert_eq!(primary(lines), [problem], "{lines}");
    }
}

#[test]
fn an_answer_can_not_widen_what_was_published() {
    let share = "[share]\ncomments = \"send\"\nattachments = { direction = \"send\", media_types = [\"image/*\"] }\n";
    let fields = "[types.fields]\nsummary = \"title\"\nurgency = { local = \"priority\", direction = \"send\" }\n";
    let statuses = "[types.statuses]\nopen = \"Open\"\n";
    for (published, lines, problem) in [
        (
            share,
            "[share]\ncomments = \"both\"\n",
            "5:12 error `comments` can't go \"both\": the partner published \
          less | direction = \"receive\" is the most that it allows",
        ),
        (
            share,
            "[share]\nattachments = { media_types = [\"image/png\", \"text/*\"] }\n",
            "5:45 error the partner \
          doesn't share attachments of \"text/*\" | it shares \"image/*\"",
        ),
        (
            fields,
            "[types.fields]\nsumary = \"title\"\n",
            "5:1 error the partner doesn't publish a field \"sumary\" | \
          did you mean \"summary\"? there are: \"summary\", \"urgency\"",
        ),
        (
            fields,
            "[types.fields]\nurgency = { local = \"priority\", direction = \"send\" }\n",
            "5:45 error `urgency` \
          can't go \"send\": the partner published less | direction = \"receive\" is the most that it allows",
        ),
        (
            fields,
            "[types.fields]\nsummary = \"points\"\n",
            "5:11 error the partner's \"summary\" is text, our \
          \"points\" is a number | a text can only be given it: direction = \"send\"",
        ),
        (
            fields,
            "[types.fields]\nurgency = { local = \"priority\", options = { hot = \"high\" }, default = \"hot\" \
          }\n",
            "5:45 error the partner's \"urgency\" has no option \"hot\" | there are: \"low\", \"normal\", \"high\"",
        ),
        (
            statuses,
            "[types.statuses]\nclosed = \"Done\"\nopen = [\"Open\", \"In Progress\"]\n",
            "5:1 error the \
          partner doesn't publish a status \"closed\" | there is only \"open\"",
        ),
    ] {
        assert_eq!(secondary(published, lines), [problem], "{lines}");
    }
    let found = secondary(fields, "[types.fields]\nsummary = { local = \"title\", direction = \"receive\" }\n");
    assert_eq!(found, [] as [&str; 0], "narrowing is fine");
}

#[test]
fn a_required_field_that_nothing_fills_is_an_error_with_its_remedy() {
    let schema = folder();
    let text = "[[types]]\nalias = \"bug\"\nlocal = \"Bug\"\n[types.fields]\nx = { local = \"title\", direction = \
                \"send\" }\n";
    let against = Against { side: Side::Primary, schema: &schema, published: None };
    assert_eq!(
        shown(text, against),
        ["3:9 error our tracker creates no \"Bug\" without \"title\", and nothing that comes is written there | map \
          it, or add to [types.fields]: our-title = { local = \"title\", constant = \"…\" }"]
    );
    let remedied = format!("{text}our-title = {{ local = \"title\", constant = \"From Acme\" }}\n");
    assert_eq!(shown(&remedied, against), [] as [&str; 0]);
    let sent = text.replace("local = \"Bug\"", "local = \"Bug\"\ndirection = \"send\"");
    assert_eq!(shown(&sent, against), [] as [&str; 0]);
}

#[test]
fn an_issue_of_ours_has_one_alias_only() {
    let schema = folder();
    let against = Against { side: Side::Primary, schema: &schema, published: None };
    let of = |alias: &str, more: &str| {
        format!("[[types]]\nalias = \"{alias}\"\nlocal = \"Bug\"\n{more}\n[types.fields]\nsummary = \"title\"\n")
    };
    let twice = of("bug", "") + &of("defect", "");
    assert_eq!(errors(&twice, against)[0].message, "our \"Bug\" already goes to the partner as \"bug\"");
    let told_apart = of("bug", "when = 'labels contains \"x\"'") + &of("defect", "");
    assert_eq!(errors(&told_apart, against), []);
    let received = of("bug", "") + &of("defect", "direction = \"receive\"");
    assert_eq!(errors(&received, against), []);
    let same = of("bug", "") + &of("bug", "direction = \"receive\"");
    assert_eq!(errors(&same, against)[0].message, "the alias \"bug\" is used twice");
}
