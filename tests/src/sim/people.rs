//! What people do at a tracker, and what they would remember.

use std::cell::RefCell;

use ferry_core::ids::IssueId;
use ferry_core::model::{Issue, Markup, RichText, Value, Visibility};
use ferry_core::pair::ItemKind;

use super::history::{History, Written};
use super::step::{Deed, End, Part, Pick};
use crate::memory::Tracker;

/// Does what a person does.
pub(super) fn do_deed(end: End, tracker: &Tracker, history: &RefCell<History>, deed: &Deed) {
    let word = history.borrow_mut().word();
    let mut person = Person { end, tracker, history: &mut history.borrow_mut(), word };
    if let Deed::Create { task } = deed {
        return person.creates(*task);
    }
    if let Deed::BringBack(pick) = deed {
        let away = tracker.elsewhere();
        let issue = usize::from(*pick).checked_rem(away.len()).map(|place| away[place].clone());
        return issue.iter().for_each(|issue| tracker.person_brings_back(issue));
    }
    let Some(issue) = nth_issue(tracker, picked(deed)) else { return };
    match deed {
        Deed::Create { .. } | Deed::BringBack(_) => {}
        Deed::Edit(_, part) => person.edits(&issue, *part),
        Deed::Label(_, which) => person.labels(&issue, *which),
        Deed::Choose(_, which) => {
            tracker.person_chooses(&issue.id, "priority", ["high", "normal", "low"][usize::from(*which) % 3]);
        }
        Deed::Move(_, which) => tracker.person_moves(&issue.id, ["New", "Open", "Closed"][usize::from(*which) % 3]),
        Deed::Retype(_) => tracker.person_retypes(&issue.id, if issue.issue_type == "Bug" { "Task" } else { "Bug" }),
        Deed::Comment(_) => drop(tracker.person_comments(&issue.id, "Ann", &format!("c{word}"))),
        Deed::CommentInternally(_) => {
            drop(tracker.person_comments_internally(&issue.id, "Ann", &format!("CANARY-{word}")));
        }
        Deed::EditComment(_, which) | Deed::TurnComment(_, which) => {
            person.edits_comment(&issue, *which, matches!(deed, Deed::TurnComment(..)));
        }
        Deed::DeleteComment(_, which) => person.deletes_comment(&issue, *which),
        Deed::Attach(_, size) => person.attaches(&issue, *size),
        Deed::Detach(_, which) => person.detaches(&issue, *which),
        Deed::Delete(_) => tracker.person_deletes(&issue.id),
        Deed::TakeAway(_) => tracker.person_takes_away(&issue.id),
        Deed::Merge(_, into) => {
            let into = nth_issue(tracker, *into).map_or_else(|| issue.id.clone(), |into| into.id);
            tracker.person_merges(&issue.id, &into);
        }
        Deed::EditQuietly(_, part) => person.edits_quietly(&issue, *part),
        Deed::Vanish(_) => tracker.vanishes(&issue.id),
    }
}

/// What picks the issue that a deed is about.
fn picked(deed: &Deed) -> Pick {
    match deed {
        Deed::Create { .. } => 0,
        Deed::Edit(pick, _)
        | Deed::Label(pick, _)
        | Deed::Choose(pick, _)
        | Deed::Move(pick, _)
        | Deed::Retype(pick)
        | Deed::Comment(pick)
        | Deed::CommentInternally(pick)
        | Deed::EditComment(pick, _)
        | Deed::TurnComment(pick, _)
        | Deed::DeleteComment(pick, _)
        | Deed::Attach(pick, _)
        | Deed::Detach(pick, _)
        | Deed::Delete(pick)
        | Deed::TakeAway(pick)
        | Deed::BringBack(pick)
        | Deed::Merge(pick, _)
        | Deed::EditQuietly(pick, _)
        | Deed::Vanish(pick) => *pick,
    }
}

/// Somebody at a tracker, with a number that nobody wrote before.
struct Person<'p> {
    end: End,
    tracker: &'p Tracker,
    history: &'p mut History,
    word: u32,
}

impl Person<'_> {
    fn creates(&mut self, task: bool) {
        let title = format!("t{}", self.word);
        let kind = if task { "Task" } else { "Bug" };
        let issue = self.tracker.person_creates_a(kind, &[("title", Value::Text(title.clone()))]);
        let (end, replaced) = (self.end, String::new());
        self.history.written.push(Written { end, issue, part: Part::Title, value: title, replaced });
    }

    fn edits(&mut self, issue: &Issue, part: Part) {
        self.writes(issue, part, Tracker::person_edits);
    }

    fn edits_quietly(&mut self, issue: &Issue, part: Part) {
        self.writes(issue, part, Tracker::edited_quietly);
    }

    fn writes(&mut self, issue: &Issue, part: Part, write: fn(&Tracker, &IssueId, &str, Value)) {
        let value = value(part, self.word);
        let replaced = issue.field(part.name()).map(text).unwrap_or_default();
        let written = Written { end: self.end, issue: issue.id.clone(), part, value: text(&value), replaced };
        write(self.tracker, &issue.id, part.name(), value);
        self.history.written.push(written);
    }

    fn labels(&mut self, issue: &Issue, which: u8) {
        let mut labels = match issue.field("labels") {
            Some(Value::Labels(labels)) => labels.clone(),
            _ => Vec::new(),
        };
        let label = format!("l{}", which % 5);
        let there = labels.contains(&label);
        self.history.labelled.insert((issue.id.clone(), label.clone(), self.end), !there);
        if there {
            labels.retain(|there| *there != label);
        } else {
            labels.push(label);
        }
        self.tracker.person_edits(&issue.id, "labels", Value::Labels(labels));
    }

    /// Their own comment, which may turn internal; what is internal stays so,
    /// and its words are canaries.
    fn edits_comment(&self, issue: &Issue, which: Pick, turns: bool) {
        let Some(place) = usize::from(which).checked_rem(issue.comments.len()) else { return };
        let comment = &issue.comments[place];
        if comment.effect.is_some() {
            return;
        }
        let internal = turns || comment.visibility != Visibility::Public;
        if turns {
            self.tracker.person_sets_visibility(&issue.id, &comment.id, Visibility::Internal);
        }
        let text = if internal { format!("CANARY-{}", self.word) } else { format!("c{}", self.word) };
        self.tracker.person_edits_comment(&issue.id, &comment.id, &text);
    }

    fn deletes_comment(&mut self, issue: &Issue, which: Pick) {
        let Some(place) = usize::from(which).checked_rem(issue.comments.len()) else { return };
        let comment = &issue.comments[place];
        self.tracker.person_deletes_comment(&issue.id, &comment.id);
        if comment.effect.is_some() {
            let name = ItemKind::Comment.with(&comment.id);
            self.history.copies_deleted.insert((self.end, issue.id.clone(), name));
        }
    }

    fn attaches(&self, issue: &Issue, size: u16) {
        let name = format!("a{}", self.word);
        let content: Vec<u8> = name.bytes().cycle().take(usize::from(size % 4_000)).collect();
        self.tracker.person_attaches(&issue.id, "Ann", &name, &content);
    }

    fn detaches(&mut self, issue: &Issue, which: Pick) {
        let Some(place) = usize::from(which).checked_rem(issue.attachments.len()) else { return };
        let attachment = &issue.attachments[place];
        self.tracker.person_detaches(&issue.id, &attachment.id);
        if attachment.effect.is_some() {
            let name = ItemKind::Attachment.with(&attachment.id);
            self.history.copies_deleted.insert((self.end, issue.id.clone(), name));
        }
    }
}

/// One of a tracker's issues.
pub(super) fn nth_issue(tracker: &Tracker, pick: Pick) -> Option<Issue> {
    let issues = tracker.issues();
    let place = usize::from(pick).checked_rem(issues.len())?;
    issues.into_iter().nth(place)
}

/// A value that no other edit writes.
fn value(part: Part, word: u32) -> Value {
    match part {
        Part::Title => Value::Text(format!("t{word}")),
        Part::Description => {
            let source = format!("d{word} and more words than are kept whole in a record, \r\nin two lines  \r\n");
            Value::RichText(RichText { markup: Markup::Markdown, source })
        }
        Part::Points => Value::Number(word.to_string()),
        Part::Due => {
            let (year, month, day) = (2000 + word / 336, 1 + word / 28 % 12, 1 + word % 28);
            Value::Date(format!("{year}-{month:02}-{day:02}"))
        }
    }
}

/// A value as people compare it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Number(text) | Value::Date(text) => text.clone(),
        Value::RichText(text) => normalised(&text.source),
        _ => String::new(),
    }
}

/// As the tracker stores texts where it normalises.
pub(super) fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}
