//! Schemas of trackers as they are, for tests.

use crate::model::{FieldKind, FieldSchema, OptionValue, ProjectSchema, TypeSchema};

/// A field that may be written and isn't required.
pub(crate) fn field(name: &str, kind: FieldKind, options: &[&str]) -> FieldSchema {
    let option = |(place, label): (usize, &&str)| OptionValue { id: place.to_string(), label: (*label).to_owned() };
    FieldSchema {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        required: false,
        writable: true,
        options: options.iter().enumerate().map(option).collect(),
    }
}

pub(crate) fn required(field: FieldSchema) -> FieldSchema {
    FieldSchema { required: true, ..field }
}

pub(crate) fn read_only(field: FieldSchema) -> FieldSchema {
    FieldSchema { writable: false, ..field }
}

pub(crate) fn issue_type(name: &str, fields: Vec<FieldSchema>, statuses: &[&str]) -> TypeSchema {
    let statuses = statuses.iter().map(|status| (*status).to_owned()).collect();
    TypeSchema { name: name.to_owned(), fields, statuses, transitions: Vec::new() }
}

pub(crate) fn project(types: Vec<TypeSchema>) -> ProjectSchema {
    ProjectSchema { types, link_kinds: Vec::new(), complete: true }
}

/// A folder of Markdown files.
pub(crate) fn folder() -> ProjectSchema {
    let fields = || {
        vec![
            required(field("title", FieldKind::Text, &[])),
            field("description", FieldKind::RichText, &[]),
            field("priority", FieldKind::Choice, &["low", "normal", "high"]),
            field("labels", FieldKind::Labels, &[]),
            field("assignee", FieldKind::User, &[]),
            field("watchers", FieldKind::Users, &[]),
            field("points", FieldKind::Number, &[]),
            field("due", FieldKind::Date, &[]),
            field("starts", FieldKind::DateTime, &[]),
            field("spent", FieldKind::Duration, &[]),
            field("regression", FieldKind::Boolean, &[]),
            field("fix-version", FieldKind::Version, &["1.0", "2.0"]),
            field("components", FieldKind::Components, &["ui", "core"]),
            field("teams", FieldKind::Choices, &["red", "blue"]),
            field("raw", FieldKind::Other, &[]),
        ]
    };
    project(vec![
        issue_type("Task", fields(), &["Open", "In Progress", "Done"]),
        issue_type("Bug", fields(), &["Open", "In Progress", "Done"]),
    ])
}

/// A tracker that people bought: other names, custom fields, a workflow.
pub(crate) fn bought() -> ProjectSchema {
    let custom = |name: &str, label: &str, kind, options: &[&str]| FieldSchema {
        label: label.to_owned(),
        ..field(name, kind, options)
    };
    let fields = vec![
        required(custom("summary", "Summary", FieldKind::Text, &[])),
        custom("description", "Description", FieldKind::RichText, &[]),
        required(custom("priority", "Priority", FieldKind::Choice, &["Minor", "Medium", "Major", "Blocker"])),
        custom("labels", "Labels", FieldKind::Labels, &[]),
        custom("assignee", "Assignee", FieldKind::User, &[]),
        read_only(custom("created", "Created", FieldKind::DateTime, &[])),
        read_only(custom("reporter", "Reporter", FieldKind::User, &[])),
        custom("customfield_10010", "Story Points", FieldKind::Number, &[]),
        custom("customfield_10020", "External ID", FieldKind::Text, &[]),
        required(custom("customfield_10030", "Severity", FieldKind::Choice, &["S1", "S2"])),
        custom("fixVersions", "Fix Versions", FieldKind::Versions, &["2026.1"]),
    ];
    let statuses = ["To Do", "In Progress", "In Review", "Resolved", "Closed"];
    project(vec![
        issue_type("Defect", fields.clone(), &statuses),
        issue_type("Story", fields.clone(), &statuses),
        issue_type("Task", fields, &statuses),
    ])
}

/// A tracker that knows next to nothing.
pub(crate) fn plain() -> ProjectSchema {
    let fields = vec![
        required(field("subject", FieldKind::Text, &[])),
        field("body", FieldKind::Text, &[]),
        field("tags", FieldKind::Labels, &[]),
    ];
    project(vec![issue_type("ticket", fields, &["new", "closed"])])
}
