//! What is written to the tracker, and what became of it.

use ferry_core::ids::{IssueId, IssueKey, ItemId, Revision};
use ferry_core::model::{self as core, Content, Markup, RichText, Target, Value};

use super::issue;
use crate::bindings::ferry::tracker::model as wit;

pub(crate) fn effect(effect: &core::Effect) -> wit::Effect {
    wit::Effect {
        key: effect.key.0.clone(),
        target: match &effect.target {
            Target::Nothing => wit::Target::Nothing,
            Target::Existing(id) => wit::Target::Existing(id.0.clone()),
            Target::MadeBy(key) => wit::Target::MadeBy(key.0.clone()),
        },
        expected: effect.expected.as_ref().map(|revision| revision.0.clone()),
        content: content(&effect.content),
    }
}

fn content(content: &Content) -> wit::Content {
    match content {
        Content::Create(new) => wit::Content::Create(wit::NewIssue {
            issue_type: new.issue_type.clone(),
            parent: new.parent.as_ref().map(|id| id.0.clone()),
            fields: fields(&new.fields),
        }),
        Content::SetFields(changed) => wit::Content::SetFields(fields(changed)),
        Content::Transition(status, required) => wit::Content::Transition((status.clone(), fields(required))),
        Content::SetType(name) => wit::Content::SetType(name.clone()),
        Content::AddComment(new) => wit::Content::AddComment(wit::NewComment {
            body: rich_text(&new.body),
            author: new.author.as_ref().map(user),
            created: new.created.as_ref().map(|time| time.0.clone()),
            visibility: wit::Visibility::Public,
        }),
        Content::EditComment(id, body) => wit::Content::EditComment((id.0.clone(), rich_text(body))),
        Content::DeleteComment(id) => wit::Content::DeleteComment(id.0.clone()),
        Content::AddAttachment(new) => wit::Content::AddAttachment(wit::NewAttachment {
            name: new.name.clone(),
            media_type: new.media_type.clone(),
            size: new.size,
            blob: new.blob.0.clone(),
        }),
        Content::DeleteAttachment(id) => wit::Content::DeleteAttachment(id.0.clone()),
    }
}

fn fields(fields: &[core::Field]) -> Vec<wit::Field> {
    fields.iter().map(|field| wit::Field { name: field.name.clone(), value: value(&field.value) }).collect()
}

fn value(value: &Value) -> wit::Value {
    match value {
        Value::Absent => wit::Value::Absent,
        Value::Text(text) => wit::Value::Text(text.clone()),
        Value::RichText(text) => wit::Value::RichText(rich_text(text)),
        Value::Number(text) => wit::Value::Number(text.clone()),
        Value::Boolean(yes) => wit::Value::Boolean(*yes),
        Value::Date(text) => wit::Value::Date(text.clone()),
        Value::DateTime(time) => wit::Value::DateTime(time.0.clone()),
        Value::DurationSeconds(seconds) => wit::Value::DurationSeconds(*seconds),
        Value::Choice(it) => wit::Value::Choice(option(it)),
        Value::Choices(all) => wit::Value::Choices(all.iter().map(option).collect()),
        Value::User(it) => wit::Value::User(user(it)),
        Value::Users(all) => wit::Value::Users(all.iter().map(user).collect()),
        Value::Labels(labels) => wit::Value::Labels(labels.clone()),
        Value::Other(text) => wit::Value::Other(text.clone()),
    }
}

fn option(option: &core::OptionValue) -> wit::OptionValue {
    wit::OptionValue { id: option.id.clone(), label: option.label.clone() }
}

fn user(user: &core::User) -> wit::User {
    wit::User { id: user.id.clone(), name: user.name.clone(), email: user.email.clone() }
}

fn rich_text(text: &RichText) -> wit::RichText {
    let markup = match text.markup {
        Markup::Plain => wit::Markup::Plain,
        Markup::Markdown => wit::Markup::Markdown,
        Markup::GithubMarkdown => wit::Markup::GithubMarkdown,
        Markup::GitlabMarkdown => wit::Markup::GitlabMarkdown,
        Markup::JiraWiki => wit::Markup::JiraWiki,
        Markup::AtlassianDocument => wit::Markup::AtlassianDocument,
        Markup::Textile => wit::Markup::Textile,
        Markup::TracWiki => wit::Markup::TracWiki,
        Markup::Rst => wit::Markup::Rst,
        Markup::Html => wit::Markup::Html,
    };
    wit::RichText { markup, source: text.source.clone() }
}

pub(crate) fn applied(applied: wit::Applied) -> core::Applied {
    core::Applied {
        issue: IssueId(applied.issue),
        issue_key: IssueKey(applied.issue_key),
        url: applied.url,
        revision: Revision(applied.revision),
        replaced: applied.replaced.into_iter().map(issue::field).collect(),
        item: applied.item.map(ItemId),
        dropped: applied.dropped.into_iter().map(issue::problem).collect(),
    }
}

pub(crate) fn found(found: wit::Found) -> core::Found {
    core::Found { issue: IssueId(found.issue), item: found.item.map(ItemId) }
}
