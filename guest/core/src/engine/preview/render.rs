//! Effects and messages as people read them.

use super::{Direction, Planned, PlannedPart};
use crate::engine::Engine;
use crate::ids::IssueId;
use crate::message::{Body, Change, Item, Reference};
use crate::model::{Content, Effect, Field, Issue, Value};
use crate::tables;

/// Adds an effect to what would be written, effects on one issue together.
pub(super) fn incoming(entries: &mut Vec<Planned>, effect: &Effect, issue: &IssueId, known: Option<&Issue>) {
    let key = known.map_or_else(|| issue.0.clone(), |known| known.key.0.clone());
    let action = if matches!(effect.content, Content::Create(_)) { "create" } else { "update" };
    let same = entries.last_mut().filter(|last| last.key == key);
    let entry = match same {
        Some(entry) => entry,
        None => {
            let direction = Direction::Incoming;
            entries.push(Planned { direction, key, action, parts: Vec::new(), message: Vec::new() });
            let Some(entry) = entries.last_mut() else { return };
            entry
        }
    };
    entry.parts.extend(parts(&effect.content, known));
}

fn parts(content: &Content, known: Option<&Issue>) -> Vec<PlannedPart> {
    let part = |name: &str, before: String, after: String| PlannedPart { name: name.to_owned(), before, after };
    let before = |field: &Field| known.and_then(|known| known.field(&field.name)).map(text).unwrap_or_default();
    let fields = |fields: &[Field]| -> Vec<PlannedPart> {
        fields.iter().map(|field| part(&field.name, before(field), text(&field.value))).collect()
    };
    match content {
        Content::Create(issue) => {
            let mut parts = vec![part("type", String::new(), issue.issue_type.clone())];
            parts.extend(fields(&issue.fields));
            parts
        }
        Content::SetFields(changed) => fields(changed),
        Content::Transition(status, required) => {
            let from = known.map(|known| known.status.clone()).unwrap_or_default();
            let mut parts = vec![part("status", from, status.clone())];
            parts.extend(fields(required));
            parts
        }
        Content::SetType(name) => {
            vec![part("type", known.map(|known| known.issue_type.clone()).unwrap_or_default(), name.clone())]
        }
        Content::AddComment(comment) => vec![part("comment", String::new(), comment.body.source.clone())],
        Content::EditComment(id, body) => {
            let comment = known.and_then(|known| known.comments.iter().find(|comment| comment.id == *id));
            let before = comment.map(|comment| comment.body.source.clone()).unwrap_or_default();
            vec![part("comment", before, body.source.clone())]
        }
        Content::DeleteComment(id) => vec![part("comment", id.0.clone(), String::new())],
        Content::AddAttachment(attachment) => vec![part("attachment", String::new(), attachment.name.clone())],
        Content::DeleteAttachment(id) => vec![part("attachment", id.0.clone(), String::new())],
    }
}

/// A message as it would leave; none where it isn't about an issue.
pub(super) fn outgoing(dry: &Engine<'_>, body: &Body, message: Vec<u8>) -> Option<Planned> {
    let (change, reference) = match body {
        Body::Issue(issue) => (&issue.change, Some(&issue.reference)),
        Body::Change(change) => (change, None),
        Body::Gone(gone) => {
            let key = name(dry, &gone.pair, None);
            let direction = Direction::Outgoing;
            return Some(Planned { direction, key, action: "tell that it is gone", parts: Vec::new(), message });
        }
        _ => return None,
    };
    Some(Planned {
        direction: Direction::Outgoing,
        key: name(dry, &change.pair, reference),
        action: if reference.is_some() && change.base == 0 { "create" } else { "update" },
        parts: leaving(change),
        message,
    })
}

fn name(dry: &Engine<'_>, pair: &crate::ids::PairId, reference: Option<&Reference>) -> String {
    let known = || dry.draft().get(&tables::PAIRS, pair).ok().flatten().map(|pair| pair.name());
    reference.map(|reference| reference.key.clone()).or_else(known).unwrap_or_default()
}

fn leaving(change: &Change) -> Vec<PlannedPart> {
    let part = |name: &str, before: &str, after: String| PlannedPart {
        name: name.to_owned(),
        before: before.to_owned(),
        after,
    };
    let fields = change.fields.iter().map(|(alias, value)| part(&alias.0, "", value.to_text()));
    let items = change.items.iter().map(|item| match item {
        Item::Comment(comment) => part("comment", "", comment.body.source.clone()),
        Item::CommentGone(id) => part("comment", &id.0, String::new()),
        Item::Attachment(attachment) => part("attachment", "", attachment.name.clone()),
        Item::AttachmentGone(id) => part("attachment", &id.0, String::new()),
    });
    fields.chain(items).collect()
}

fn text(value: &Value) -> String {
    let joined = |words: Vec<&str>| words.join(", ");
    match value {
        Value::Absent => String::new(),
        Value::Text(text) | Value::Number(text) | Value::Date(text) | Value::Other(text) => text.clone(),
        Value::RichText(text) => text.source.clone(),
        Value::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::DateTime(time) => time.0.clone(),
        Value::DurationSeconds(seconds) => format!("{seconds} s"),
        Value::Choice(option) => option.label.clone(),
        Value::Choices(options) => joined(options.iter().map(|option| option.label.as_str()).collect()),
        Value::User(user) => user.name.clone(),
        Value::Users(users) => joined(users.iter().map(|user| user.name.as_str()).collect()),
        Value::Labels(labels) => joined(labels.iter().map(String::as_str).collect()),
    }
}
