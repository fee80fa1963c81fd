#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::ids::{IssueId, IssueKey, Revision, Timestamp};
use crate::model::Field;

fn issue() -> Issue {
    let option = |label: &str| OptionValue { id: label.to_lowercase(), label: label.to_owned() };
    let field = |name: &str, value| Field { name: name.to_owned(), value };
    Issue {
        id: IssueId::from("1"),
        key: IssueKey::from("ACME-1"),
        url: None,
        revision: Revision::from("r"),
        created: Timestamp::from("2026-01-01T00:00:00Z"),
        updated: Timestamp::from("2026-01-01T00:00:00Z"),
        issue_type: "Bug".to_owned(),
        status: "In Progress".to_owned(),
        parent: None,
        fields: vec![
            field("summary", Value::Text("The Build is red".to_owned())),
            field("priority", Value::Choice(option("High"))),
            field("labels", Value::Labels(vec!["partner".to_owned(), "ci".to_owned()])),
            field("points", Value::Number("3".to_owned())),
            field("assignee", Value::Absent),
            field("Fix Version", Value::Choices(vec![option("1.0")])),
            field("hidden", Value::Boolean(true)),
        ],
        comments: vec![],
        attachments: vec![],
        incomplete: vec!["hidden".to_owned()],
        effect: None,
    }
}

fn holds(text: &str) -> bool {
    Filter::read(text).unwrap_or_else(|e| panic!("{text}: {e}")).holds(&issue())
}

#[test]
fn comparisons_hold_as_people_read_them() {
    for text in [
        r#"type = "Bug""#,
        r#"status == 'In Progress'"#,
        r#"key != "ACME-2""#,
        r#"labels contains "partner""#,
        r#"labels in ["x", "ci"]"#,
        r#"priority in ["High", "Urgent"]"#,
        r#"priority = "high""#,
        "points = 3",
        r#"assignee = """#,
        r#"summary matches "*build*red""#,
        r#"summary matches "the ?uild is *""#,
        r#"summary contains "Build""#,
        r#"`Fix Version` contains "1.0""#,
        r#"labels not contains "secret""#,
    ] {
        assert!(holds(text), "{text}");
    }
    for text in [
        r#"type = "bug""#,
        r#"labels = "partner""#,
        r#"labels contains "part""#,
        r#"priority not in ["High"]"#,
        r#"summary matches "build""#,
        r#"assignee != """#,
        r#"priority in []"#,
    ] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_both() {
    assert!(holds(r#"type = "Bug" or type = "Task" and key = "none""#));
    assert!(!holds(r#"(type = "Bug" or type = "Task") and key = "none""#));
    assert!(holds(r#"not type = "Task" and NOT (key = "none")"#));
}

#[test]
fn what_is_unknown_holds_neither_itself_nor_its_opposite() {
    for text in ["hidden = true", "not hidden = true", r#"missing = "x""#, r#"missing != "x""#] {
        assert!(!holds(text), "{text}");
    }
    assert!(holds(r#"hidden = true or type = "Bug""#));
    assert!(!holds(r#"hidden = true and type = "Bug""#));
}

#[test]
fn mistakes_are_shown_where_they_are() {
    for (text, at, message) in [
        ("", 0, "the filter ends too early"),
        ("priority", 8, "`priority` is compared with nothing"),
        ("priority = high", 11, "a value is missing; `high` is none"),
        ("priority = \"high", 11, "this quote is not closed"),
        ("priority in \"high\"", 12, "a list is missing after `in`"),
        ("priority in [\"high\" \"low\"]", 20, "the list is not closed"),
        ("(type = \"Bug\"", 13, "a parenthesis is not closed"),
        ("type = \"Bug\" type = \"Task\"", 13, "`type` is not expected here"),
        ("and type = \"Bug\"", 0, "a field's name is missing before `and`"),
        ("type ~ \"Bug\"", 5, "`~` has no meaning here"),
        ("é = \"x\" or =", 12, "a field's name is missing before `=`"),
    ] {
        let error = Filter::read(text).unwrap_err();
        assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
        assert!(!error.help.is_empty());
    }
}

#[test]
fn nesting_and_hostile_patterns_are_bounded() {
    let deep = format!("{}type = \"Bug\"", "not ".repeat(5000));
    assert_eq!(Filter::read(&deep).unwrap_err().message, "nested too deeply");
    let text = "a".repeat(20_000);
    assert!(!glob("*a*a*a*a*b", &text));
}
