//! Issues as the tracker shows them. Strings are moved, not copied.

use ferry_core::ids::{Cursor, EffectKey, IssueId, IssueKey, ItemId, Revision, Timestamp};
use ferry_core::model::{self as core, Markup, RichText, Value, Visibility};
use ferry_core::ports::TrackerFault;

use crate::bindings::ferry::tracker::model as wit;

pub(crate) fn page(page: wit::ChangePage) -> core::ChangePage {
    core::ChangePage {
        issues: page.issues.into_iter().map(issue).collect(),
        gone: page.gone.into_iter().map(departure).collect(),
        unreadable: page
            .unreadable
            .into_iter()
            .map(|it| core::Unreadable { issue: IssueId(it.issue), key: IssueKey(it.key), reason: it.reason })
            .collect(),
        next: Cursor(page.next),
        more: page.more,
    }
}

pub(crate) fn issue(issue: wit::Issue) -> core::Issue {
    core::Issue {
        id: IssueId(issue.id),
        key: IssueKey(issue.key),
        url: issue.url,
        revision: Revision(issue.revision),
        created: Timestamp(issue.created),
        updated: Timestamp(issue.updated),
        issue_type: issue.issue_type,
        status: issue.status,
        parent: issue.parent.map(IssueId),
        fields: issue.fields.into_iter().map(field).collect(),
        comments: issue.comments.into_iter().map(comment).collect(),
        attachments: issue.attachments.into_iter().map(attachment).collect(),
        incomplete: issue.incomplete,
        effect: issue.effect.map(EffectKey),
    }
}

pub(crate) fn field(field: wit::Field) -> core::Field {
    core::Field { name: field.name, value: value(field.value) }
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

pub(crate) fn option(option: wit::OptionValue) -> core::OptionValue {
    core::OptionValue { id: option.id, label: option.label }
}

pub(crate) fn user(user: wit::User) -> core::User {
    core::User { id: user.id, name: user.name, email: user.email }
}

fn rich_text(text: wit::RichText) -> RichText {
    RichText { markup: markup(text.markup), source: text.source }
}

pub(crate) fn markup(markup: wit::Markup) -> Markup {
    match markup {
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
    }
}

fn visibility(visibility: wit::Visibility) -> Visibility {
    match visibility {
        wit::Visibility::Public => Visibility::Public,
        wit::Visibility::Internal => Visibility::Internal,
        wit::Visibility::Restricted(group) => Visibility::Restricted(group),
        wit::Visibility::Unknown => Visibility::Unknown,
    }
}

fn comment(comment: wit::Comment) -> core::Comment {
    core::Comment {
        id: ItemId(comment.id),
        author: user(comment.author),
        created: Timestamp(comment.created),
        updated: Timestamp(comment.updated),
        body: rich_text(comment.body),
        visibility: visibility(comment.visibility),
        effect: comment.effect.map(EffectKey),
    }
}

fn attachment(attachment: wit::Attachment) -> core::Attachment {
    core::Attachment {
        id: ItemId(attachment.id),
        name: attachment.name,
        media_type: attachment.media_type,
        size: attachment.size,
        created: Timestamp(attachment.created),
        author: user(attachment.author),
        visibility: visibility(attachment.visibility),
        effect: attachment.effect.map(EffectKey),
    }
}

fn departure(departure: wit::Departure) -> core::Departure {
    let reason = match departure.reason {
        wit::Reason::Deleted => core::DepartureReason::Deleted,
        wit::Reason::Moved(to) => core::DepartureReason::Moved(IssueId(to)),
        wit::Reason::Merged(into) => core::DepartureReason::Merged(IssueId(into)),
        wit::Reason::Hidden => core::DepartureReason::Hidden,
    };
    core::Departure { issue: IssueId(departure.issue), reason }
}

pub(crate) fn problem(problem: wit::FieldProblem) -> core::FieldProblem {
    core::FieldProblem { field: problem.field, reason: problem.reason }
}

pub(crate) fn fault(fault: wit::Fault) -> TrackerFault {
    match fault {
        wit::Fault::RetryLater(seconds) => TrackerFault::RetryLater(seconds),
        wit::Fault::Unauthenticated(reason) => TrackerFault::Unauthenticated(reason),
        wit::Fault::Denied(reason) => TrackerFault::Denied(reason),
        wit::Fault::NotFound => TrackerFault::NotFound,
        wit::Fault::Stale => TrackerFault::Stale,
        wit::Fault::Invalid(problems) => TrackerFault::Invalid(problems.into_iter().map(problem).collect()),
        wit::Fault::Unreadable(reason) => TrackerFault::Unreadable(reason),
        wit::Fault::TooLarge(bytes) => TrackerFault::TooLarge(bytes),
        wit::Fault::UnknownOutcome(reason) => TrackerFault::UnknownOutcome(reason),
        wit::Fault::Unsupported(reason) => TrackerFault::Unsupported(reason),
        wit::Fault::Other(reason) => TrackerFault::Other(reason),
    }
}
