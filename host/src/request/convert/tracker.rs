//! `ferry:tracker/model`.

use crate::control::tracker as model;
use crate::request::{Schema, SchemaField, SchemaTransition, SchemaType};

impl From<model::ProjectSchema> for Schema {
    fn from(schema: model::ProjectSchema) -> Self {
        Self {
            types: schema.types.into_iter().map(Into::into).collect(),
            link_kinds: schema.link_kinds,
            complete: schema.complete,
        }
    }
}

impl From<model::TypeSchema> for SchemaType {
    fn from(of: model::TypeSchema) -> Self {
        Self {
            name: of.name,
            fields: of.fields.into_iter().map(Into::into).collect(),
            statuses: of.statuses,
            transitions: of.transitions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<model::FieldSchema> for SchemaField {
    fn from(field: model::FieldSchema) -> Self {
        Self {
            name: field.name,
            label: field.label,
            kind: kind(field.kind).to_owned(),
            required: field.required,
            writable: field.writable,
            options: field.options.into_iter().map(|option| option.label).collect(),
        }
    }
}

impl From<model::Transition> for SchemaTransition {
    fn from(step: model::Transition) -> Self {
        Self { name: step.name, source: step.source, target: step.target, required: step.required }
    }
}

fn kind(kind: model::FieldKind) -> &'static str {
    use model::FieldKind;
    match kind {
        FieldKind::Text => "text",
        FieldKind::RichText => "rich-text",
        FieldKind::Number => "number",
        FieldKind::Boolean => "boolean",
        FieldKind::Date => "date",
        FieldKind::DateTime => "date-time",
        FieldKind::Duration => "duration",
        FieldKind::Choice => "choice",
        FieldKind::Choices => "choices",
        FieldKind::User => "user",
        FieldKind::Users => "users",
        FieldKind::Labels => "labels",
        FieldKind::Version => "version",
        FieldKind::Versions => "versions",
        FieldKind::Component => "component",
        FieldKind::Components => "components",
        FieldKind::Other => "other",
    }
}
