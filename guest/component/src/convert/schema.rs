//! What the tracker is and what its issues look like.

use ferry_core::model::{self as core, FieldKind};

use super::issue;
use crate::bindings::ferry::tracker::model as wit;

pub(crate) fn identity(identity: wit::Identity) -> core::Identity {
    let can = |ability| identity.abilities.contains(ability);
    core::Identity {
        abilities: core::Abilities {
            comments: can(wit::Abilities::COMMENTS),
            edit_comments: can(wit::Abilities::EDIT_COMMENTS),
            delete_comments: can(wit::Abilities::DELETE_COMMENTS),
            internal_comments: can(wit::Abilities::INTERNAL_COMMENTS),
            attachments: can(wit::Abilities::ATTACHMENTS),
            delete_attachments: can(wit::Abilities::DELETE_ATTACHMENTS),
            workflow: can(wit::Abilities::WORKFLOW),
            issue_keys: can(wit::Abilities::ISSUE_KEYS),
            comment_keys: can(wit::Abilities::COMMENT_KEYS),
            attachment_keys: can(wit::Abilities::ATTACHMENT_KEYS),
            optimistic_writes: can(wit::Abilities::OPTIMISTIC_WRITES),
            authorship: can(wit::Abilities::AUTHORSHIP),
        },
        product: identity.product,
        version: identity.version,
        instance: identity.instance,
        account: issue::user(identity.account),
        markup: issue::markup(identity.markup),
        max_attachment_bytes: identity.max_attachment_bytes,
        timestamp_resolution_ms: identity.timestamp_resolution_ms,
        index_lag_ms: identity.index_lag_ms,
    }
}

pub(crate) fn project(project: wit::ProjectSchema) -> core::ProjectSchema {
    core::ProjectSchema {
        types: project.types.into_iter().map(issue_type).collect(),
        link_kinds: project.link_kinds,
        complete: project.complete,
    }
}

fn issue_type(of: wit::TypeSchema) -> core::TypeSchema {
    core::TypeSchema {
        name: of.name,
        fields: of.fields.into_iter().map(field).collect(),
        statuses: of.statuses,
        transitions: of
            .transitions
            .into_iter()
            .map(|step| core::Transition {
                name: step.name,
                source: step.source,
                target: step.target,
                required: step.required,
            })
            .collect(),
    }
}

fn field(field: wit::FieldSchema) -> core::FieldSchema {
    core::FieldSchema {
        name: field.name,
        label: field.label,
        kind: kind(field.kind),
        required: field.required,
        writable: field.writable,
        options: field.options.into_iter().map(issue::option).collect(),
    }
}

fn kind(kind: wit::FieldKind) -> FieldKind {
    match kind {
        wit::FieldKind::Text => FieldKind::Text,
        wit::FieldKind::RichText => FieldKind::RichText,
        wit::FieldKind::Number => FieldKind::Number,
        wit::FieldKind::Boolean => FieldKind::Boolean,
        wit::FieldKind::Date => FieldKind::Date,
        wit::FieldKind::DateTime => FieldKind::DateTime,
        wit::FieldKind::Duration => FieldKind::Duration,
        wit::FieldKind::Choice => FieldKind::Choice,
        wit::FieldKind::Choices => FieldKind::Choices,
        wit::FieldKind::User => FieldKind::User,
        wit::FieldKind::Users => FieldKind::Users,
        wit::FieldKind::Labels => FieldKind::Labels,
        wit::FieldKind::Version => FieldKind::Version,
        wit::FieldKind::Versions => FieldKind::Versions,
        wit::FieldKind::Component => FieldKind::Component,
        wit::FieldKind::Components => FieldKind::Components,
        wit::FieldKind::Other => FieldKind::Other,
    }
}

pub(crate) fn person(person: &core::PersonQuery) -> wit::Person {
    match person {
        core::PersonQuery::Id(text) => wit::Person::Id(text.clone()),
        core::PersonQuery::Name(text) => wit::Person::Name(text.clone()),
        core::PersonQuery::Email(text) => wit::Person::Email(text.clone()),
    }
}
