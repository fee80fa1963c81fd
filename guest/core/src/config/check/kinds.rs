//! Which kinds of field go together.

use crate::model::FieldKind;

/// Whether it holds one of a set of options.
pub(crate) fn is_choice(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Choice | FieldKind::Version | FieldKind::Component) || is_many(kind)
}

/// Whether it holds several of a set of options.
pub(crate) fn is_many(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Choices | FieldKind::Versions | FieldKind::Components)
}

/// Whether it holds people.
pub(crate) fn is_person(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::User | FieldKind::Users)
}

/// Whether a field of ours can answer one of that kind: both ways, or one way
/// where text takes in any kind.
pub(crate) fn compatible(shared: FieldKind, local: FieldKind, sends: bool, receives: bool) -> bool {
    use FieldKind::{Choice, Component, Labels, RichText, Text, Version};
    let text = |kind| matches!(kind, Text | RichText);
    let one = |kind| matches!(kind, Choice | Version | Component | Text);
    let many = |kind| is_many(kind) || kind == Labels;
    shared == local
        || (text(shared) && text(local))
        || (one(shared) && one(local))
        || (many(shared) && many(local))
        || (text(local) && !sends)
        || (text(shared) && !receives)
}

/// What people call a kind.
pub(crate) fn name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::RichText => "rich text",
        FieldKind::Number => "a number",
        FieldKind::Boolean => "yes or no",
        FieldKind::Date => "a date",
        FieldKind::DateTime => "a date and time",
        FieldKind::Duration => "a duration",
        FieldKind::Choice => "one option",
        FieldKind::Choices => "several options",
        FieldKind::User => "a person",
        FieldKind::Users => "people",
        FieldKind::Labels => "labels",
        FieldKind::Version => "a version",
        FieldKind::Versions => "versions",
        FieldKind::Component => "a component",
        FieldKind::Components => "components",
        FieldKind::Other => "a kind that Ferry carries unread",
    }
}
