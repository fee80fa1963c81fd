//! What the engine wants written, from the interface, and what became of it.

use ferry::bindings::engine::ferry::tracker::model as wit;
use ferry_core::ids::{BlobName, EffectKey, IssueId, ItemId, Revision, Timestamp};
use ferry_core::model::{self as core, Content, Markup, Target, Value};

use super::issue;

pub(super) fn effect(effect: wit::Effect) -> core::Effect {
    core::Effect {
        key: EffectKey(effect.key),
        target: match effect.target {
            wit::Target::Nothing => Target::Nothing,
            wit::Target::Existing(id) => Target::Existing(IssueId(id)),
            wit::Target::MadeBy(key) => Target::MadeBy(EffectKey(key)),
        },
        expected: effect.expected.map(Revision),
        content: content(effect.content),
    }
}

fn content(content: wit::Content) -> Content {
    match content {
        wit::Content::Create(new) => Content::Create(core::NewIssue {
            issue_type: new.issue_type,
            parent: new.parent.map(IssueId),
            fields: fields(new.fields),
        }),
        wit::Content::SetFields(changed) => Content::SetFields(fields(changed)),
        wit::Content::Transition((status, required)) => Content::Transition(status, fields(required)),
        wit::Content::SetType(name) => Content::SetType(name),
        wit::Content::AddComment(new) => Content::AddComment(core::NewComment {
            body: rich_text(new.body),
            author: new.author.map(user),
            created: new.created.map(Timestamp),
        }),
        wit::Content::EditComment((id, body)) => Content::EditComment(ItemId(id), rich_text(body)),
        wit::Content::DeleteComment(id) => Content::DeleteComment(ItemId(id)),
        wit::Content::AddAttachment(new) => Content::AddAttachment(core::NewAttachment {
            name: new.name,
            media_type: new.media_type,
            size: new.size,
            blob: BlobName(new.blob),
        }),
        wit::Content::DeleteAttachment(id) => Content::DeleteAttachment(ItemId(id)),
        other => panic!("the core wants nothing of the kind: {other:?}"),
    }
}

fn fields(fields: Vec<wit::Field>) -> Vec<core::Field> {
    fields.into_iter().map(|field| core::Field { name: field.name, value: value(field.value) }).collect()
}

fn value(value: wit::Value) -> Value {
    match value {
        wit::Value::Absent => Value::Absent,
        wit::Value::Text(text) => Value::Text(text),
        wit::Value::RichText(text) => Value::RichText(rich_text(text)),
        wit::Value::Number(text) => Value::Number(text),
        wit::Value::Boolean(yes) => Value::Boolean(yes),
        wit::Value::Date(text) => Value::Date(text),
        wit::Value::DateTime(text) => Value::DateTime(Timestamp(text)),
        wit::Value::DurationSeconds(seconds) => Value::DurationSeconds(seconds),
        wit::Value::Choice(it) => Value::Choice(option(it)),
        wit::Value::Choices(all) => Value::Choices(all.into_iter().map(option).collect()),
        wit::Value::User(it) => Value::User(user(it)),
        wit::Value::Users(all) => Value::Users(all.into_iter().map(user).collect()),
        wit::Value::Labels(labels) => Value::Labels(labels),
        wit::Value::Other(text) => Value::Other(text),
    }
}

fn option(option: wit::OptionValue) -> core::OptionValue {
    core::OptionValue { id: option.id, label: option.label }
}

fn user(user: wit::User) -> core::User {
    core::User { id: user.id, name: user.name, email: user.email }
}

fn rich_text(text: wit::RichText) -> core::RichText {
    let markup = match text.markup {
        wit::Markup::Plain => Markup::Plain,
        wit::Markup::Markdown => Markup::Markdown,
        wit::Markup::GithubMarkdown => Markup::GithubMarkdown,
        wit::Markup::GitlabMarkdown => Markup::GitlabMarkdown,
        wit::Markup::JiraWiki => Markup::JiraWiki,
        wit::Markup::AtlassianDocument => Markup::AtlassianDocument,
        wit::Markup::Textile => Markup::Textile,
        wit::Markup::TracWiki => Markup::TracWiki,
        wit::Markup::Rst => Markup::Rst,
        wit::Markup::Html => Markup::Html,
    };
    core::RichText { markup, source: text.source }
}

pub(super) fn applied(applied: core::Applied) -> wit::Applied {
    wit::Applied {
        issue: applied.issue.0,
        issue_key: applied.issue_key.0,
        url: applied.url,
        revision: applied.revision.0,
        replaced: applied.replaced.into_iter().map(issue::field).collect(),
        item: applied.item.map(|id| id.0),
        dropped: applied.dropped.into_iter().map(issue::problem).collect(),
    }
}

pub(super) fn found(found: core::Found) -> wit::Found {
    wit::Found { issue: found.issue.0, item: found.item.map(|id| id.0) }
}
