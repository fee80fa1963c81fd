//! What a tracker is and what its issues look like, for the interface.

use ferry::bindings::engine::ferry::tracker::model as wit;
use ferry_core::model::{self as core, FieldKind};

use super::issue;

pub(super) fn identity(identity: core::Identity) -> wit::Identity {
    let can = identity.abilities;
    let flags = [
        (can.comments, wit::Abilities::COMMENTS),
        (can.edit_comments, wit::Abilities::EDIT_COMMENTS),
        (can.delete_comments, wit::Abilities::DELETE_COMMENTS),
        (can.internal_comments, wit::Abilities::INTERNAL_COMMENTS),
        (can.attachments, wit::Abilities::ATTACHMENTS),
        (can.delete_attachments, wit::Abilities::DELETE_ATTACHMENTS),
        (can.workflow, wit::Abilities::WORKFLOW),
        (can.issue_keys, wit::Abilities::ISSUE_KEYS),
        (can.comment_keys, wit::Abilities::COMMENT_KEYS),
        (can.attachment_keys, wit::Abilities::ATTACHMENT_KEYS),
        (can.optimistic_writes, wit::Abilities::OPTIMISTIC_WRITES),
        (can.authorship, wit::Abilities::AUTHORSHIP),
    ];
    let held = flags.into_iter().filter(|(can, _)| *can).map(|(_, flag)| flag);
    wit::Identity {
        product: identity.product,
        version: identity.version,
        instance: identity.instance,
        account: issue::user(identity.account),
        abilities: held.fold(wit::Abilities::empty(), |all, flag| all | flag),
        markup: issue::markup(identity.markup),
        max_attachment_bytes: identity.max_attachment_bytes,
        timestamp_resolution_ms: identity.timestamp_resolution_ms,
        index_lag_ms: identity.index_lag_ms,
    }
}

pub(super) fn project(project: core::ProjectSchema) -> wit::ProjectSchema {
    wit::ProjectSchema {
        types: project.types.into_iter().map(issue_type).collect(),
        link_kinds: project.link_kinds,
        complete: project.complete,
    }
}

fn issue_type(of: core::TypeSchema) -> wit::TypeSchema {
    let step = |step: core::Transition| wit::Transition {
        name: step.name,
        source: step.source,
        target: step.target,
        required: step.required,
    };
    wit::TypeSchema {
        name: of.name,
        fields: of.fields.into_iter().map(field).collect(),
        statuses: of.statuses,
        transitions: of.transitions.into_iter().map(step).collect(),
    }
}

fn field(field: core::FieldSchema) -> wit::FieldSchema {
    wit::FieldSchema {
        name: field.name,
        label: field.label,
        kind: kind(field.kind),
        required: field.required,
        writable: field.writable,
        options: field.options.into_iter().map(issue::option).collect(),
    }
}

fn kind(kind: FieldKind) -> wit::FieldKind {
    match kind {
        FieldKind::Text => wit::FieldKind::Text,
        FieldKind::RichText => wit::FieldKind::RichText,
        FieldKind::Number => wit::FieldKind::Number,
        FieldKind::Boolean => wit::FieldKind::Boolean,
        FieldKind::Date => wit::FieldKind::Date,
        FieldKind::DateTime => wit::FieldKind::DateTime,
        FieldKind::Duration => wit::FieldKind::Duration,
        FieldKind::Choice => wit::FieldKind::Choice,
        FieldKind::Choices => wit::FieldKind::Choices,
        FieldKind::User => wit::FieldKind::User,
        FieldKind::Users => wit::FieldKind::Users,
        FieldKind::Labels => wit::FieldKind::Labels,
        FieldKind::Version => wit::FieldKind::Version,
        FieldKind::Versions => wit::FieldKind::Versions,
        FieldKind::Component => wit::FieldKind::Component,
        FieldKind::Components => wit::FieldKind::Components,
        FieldKind::Other => wit::FieldKind::Other,
    }
}

pub(super) fn person(person: wit::Person) -> core::PersonQuery {
    match person {
        wit::Person::Id(text) => core::PersonQuery::Id(text),
        wit::Person::Name(text) => core::PersonQuery::Name(text),
        wit::Person::Email(text) => core::PersonQuery::Email(text),
    }
}
