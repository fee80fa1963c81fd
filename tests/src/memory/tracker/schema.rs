//! A schema with a field of every kind, and types with and without a workflow.

use ferry_core::model::{FieldKind, FieldSchema, OptionValue, ProjectSchema, Transition, TypeSchema};

/// `Bug` has a workflow (New → Open → Closed → Open), `Task` reaches every
/// status from every other. Both have the same fields: `title` and
/// `description`, and one of each further kind.
pub fn example_schema() -> ProjectSchema {
    let statuses = || vec!["New".to_owned(), "Open".to_owned(), "Closed".to_owned()];
    let step = |name: &str, source: &str, target: &str| Transition {
        name: name.to_owned(),
        source: source.to_owned(),
        target: target.to_owned(),
        required: Vec::new(),
    };
    let workflow =
        vec![step("Accept", "New", "Open"), step("Close", "Open", "Closed"), step("Reopen", "Closed", "Open")];
    let of = |name: &str, transitions| TypeSchema {
        name: name.to_owned(),
        fields: fields(),
        statuses: statuses(),
        transitions,
    };
    ProjectSchema { types: vec![of("Bug", workflow), of("Task", Vec::new())], link_kinds: Vec::new(), complete: true }
}

fn fields() -> Vec<FieldSchema> {
    let of = |name: &str, kind, options: &[&str]| FieldSchema {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        required: name == "title",
        writable: true,
        options: options.iter().map(|label| option(label)).collect(),
    };
    vec![
        of("title", FieldKind::Text, &[]),
        of("description", FieldKind::RichText, &[]),
        of("labels", FieldKind::Labels, &[]),
        of("assignee", FieldKind::User, &[]),
        of("watchers", FieldKind::Users, &[]),
        of("priority", FieldKind::Choice, &["high", "normal", "low"]),
        of("platforms", FieldKind::Choices, &["linux", "macos", "windows"]),
        of("points", FieldKind::Number, &[]),
        of("blocked", FieldKind::Boolean, &[]),
        of("due", FieldKind::Date, &[]),
        of("seen", FieldKind::DateTime, &[]),
        of("effort", FieldKind::Duration, &[]),
        of("release", FieldKind::Version, &["1.0", "2.0"]),
        of("fixed-in", FieldKind::Versions, &["1.0", "2.0"]),
        of("component", FieldKind::Component, &["core", "web"]),
        of("components", FieldKind::Components, &["core", "web"]),
    ]
}

/// An option whose id is not its label, as trackers have them.
fn option(label: &str) -> OptionValue {
    OptionValue { id: format!("o-{label}"), label: label.to_owned() }
}
