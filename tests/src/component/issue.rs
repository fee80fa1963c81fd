//! Issues as the core has them, for the interface.

use ferry::bindings::engine::ferry::tracker::model as wit;
use ferry_core::model::{self as core, Markup, Value, Visibility};
use ferry_core::ports::TrackerFault;

pub(super) fn page(page: core::ChangePage) -> wit::ChangePage {
    let unreadable =
        |it: core::Unreadable| wit::UnreadableIssue { issue: it.issue.0, key: it.key.0, reason: it.reason };
    wit::ChangePage {
        issues: page.issues.into_iter().map(issue).collect(),
        gone: page.gone.into_iter().map(departure).collect(),
        unreadable: page.unreadable.into_iter().map(unreadable).collect(),
        next: page.next.0,
        more: page.more,
    }
}

pub(super) fn issue(issue: core::Issue) -> wit::Issue {
    wit::Issue {
        id: issue.id.0,
        key: issue.key.0,
        url: issue.url,
        revision: issue.revision.0,
        created: issue.created.0,
        updated: issue.updated.0,
        issue_type: issue.issue_type,
        status: issue.status,
        parent: issue.parent.map(|id| id.0),
        fields: issue.fields.into_iter().map(field).collect(),
        comments: issue.comments.into_iter().map(comment).collect(),
        attachments: issue.attachments.into_iter().map(attachment).collect(),
        links: Vec::new(),
        worklogs: Vec::new(),
        incomplete: issue.incomplete,
        effect: issue.effect.map(|key| key.0),
    }
}

pub(super) fn field(field: core::Field) -> wit::Field {
    wit::Field { name: field.name, value: value(field.value) }
}

fn value(value: Value) -> wit::Value {
    match value {
        Value::Absent => wit::Value::Absent,
        Value::Text(text) => wit::Value::Text(text),
        Value::RichText(text) => wit::Value::RichText(rich_text(text)),
        Value::Number(text) => wit::Value::Number(text),
        Value::Boolean(yes) => wit::Value::Boolean(yes),
        Value::Date(text) => wit::Value::Date(text),
        Value::DateTime(time) => wit::Value::DateTime(time.0),
        Value::DurationSeconds(seconds) => wit::Value::DurationSeconds(seconds),
        Value::Choice(it) => wit::Value::Choice(option(it)),
        Value::Choices(all) => wit::Value::Choices(all.into_iter().map(option).collect()),
        Value::User(it) => wit::Value::User(user(it)),
        Value::Users(all) => wit::Value::Users(all.into_iter().map(user).collect()),
        Value::Labels(labels) => wit::Value::Labels(labels),
        Value::Other(text) => wit::Value::Other(text),
    }
}

pub(super) fn option(option: core::OptionValue) -> wit::OptionValue {
    wit::OptionValue { id: option.id, label: option.label }
}

pub(super) fn user(user: core::User) -> wit::User {
    wit::User { id: user.id, name: user.name, email: user.email }
}

fn rich_text(text: core::RichText) -> wit::RichText {
    wit::RichText { markup: markup(text.markup), source: text.source }
}

pub(super) fn markup(markup: Markup) -> wit::Markup {
    match markup {
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
    }
}

fn visibility(visibility: Visibility) -> wit::Visibility {
    match visibility {
        Visibility::Public => wit::Visibility::Public,
        Visibility::Internal => wit::Visibility::Internal,
        Visibility::Restricted(group) => wit::Visibility::Restricted(group),
        Visibility::Unknown => wit::Visibility::Unknown,
    }
}

fn comment(comment: core::Comment) -> wit::Comment {
    wit::Comment {
        id: comment.id.0,
        author: user(comment.author),
        created: comment.created.0,
        updated: comment.updated.0,
        body: rich_text(comment.body),
        visibility: visibility(comment.visibility),
        effect: comment.effect.map(|key| key.0),
    }
}

fn attachment(attachment: core::Attachment) -> wit::Attachment {
    wit::Attachment {
        id: attachment.id.0,
        name: attachment.name,
        media_type: attachment.media_type,
        size: attachment.size,
        created: attachment.created.0,
        author: user(attachment.author),
        visibility: visibility(attachment.visibility),
        effect: attachment.effect.map(|key| key.0),
    }
}

fn departure(departure: core::Departure) -> wit::Departure {
    let reason = match departure.reason {
        core::DepartureReason::Deleted => wit::Reason::Deleted,
        core::DepartureReason::Moved(to) => wit::Reason::Moved(to.0),
        core::DepartureReason::Merged(into) => wit::Reason::Merged(into.0),
        core::DepartureReason::Hidden => wit::Reason::Hidden,
    };
    wit::Departure { issue: departure.issue.0, reason }
}

pub(super) fn problem(problem: core::FieldProblem) -> wit::FieldProblem {
    wit::FieldProblem { field: problem.field, reason: problem.reason }
}

pub(super) fn fault(fault: TrackerFault) -> wit::Fault {
    match fault {
        TrackerFault::RetryLater(seconds) => wit::Fault::RetryLater(seconds),
        TrackerFault::Unauthenticated(reason) => wit::Fault::Unauthenticated(reason),
        TrackerFault::Denied(reason) => wit::Fault::Denied(reason),
        TrackerFault::NotFound => wit::Fault::NotFound,
        TrackerFault::Stale => wit::Fault::Stale,
        TrackerFault::Invalid(problems) => wit::Fault::Invalid(problems.into_iter().map(problem).collect()),
        TrackerFault::Unreadable(reason) => wit::Fault::Unreadable(reason),
        TrackerFault::TooLarge(bytes) => wit::Fault::TooLarge(bytes),
        TrackerFault::UnknownOutcome(reason) => wit::Fault::UnknownOutcome(reason),
        TrackerFault::Unsupported(reason) => wit::Fault::Unsupported(reason),
        TrackerFault::Other(reason) => wit::Fault::Other(reason),
    }
}
