//! What people do in the tracker, and what they see there.

use ferry_core::ids::{IssueId, ItemId, Revision, Timestamp};
use ferry_core::model::{
    Attachment, Comment, DepartureReason, Issue, Markup, OptionValue, ProjectSchema, RichText, User, Value, Visibility,
};

use super::Tracker;
use super::state::{Record, State};

/// A tracker as it was.
pub struct Backup(State);

impl Tracker {
    /// All issues, as people see them, in the order in which they were made.
    pub fn issues(&self) -> Vec<Issue> {
        self.state.borrow().issues.values().map(|record| record.issue.clone()).collect()
    }

    /// One issue as people see it.
    pub fn issue(&self, id: &IssueId) -> Option<Issue> {
        self.state.borrow().issue(id).cloned()
    }

    /// The only issue with that title.
    pub fn titled(&self, title: &str) -> Option<Issue> {
        let title = Value::Text(title.to_owned());
        let mut fitting = self.issues().into_iter().filter(|issue| issue.field("title") == Some(&title));
        let first = fitting.next()?;
        assert!(fitting.next().is_none(), "two issues are called {title:?}");
        Some(first)
    }

    /// How many changes there were, ever.
    pub fn sequence(&self) -> u64 {
        self.state.borrow().sequence
    }

    /// What an attachment holds.
    pub fn content(&self, issue: &IssueId, attachment: &ItemId) -> Option<Vec<u8>> {
        self.state.borrow().issues.get(issue)?.contents.get(attachment).cloned()
    }

    /// Somebody gets an account, with an e-mail address.
    pub fn person(&self, name: &str) -> User {
        let id = name.to_lowercase();
        let user = User { id: format!("u-{id}"), name: name.to_owned(), email: Some(format!("{id}@example.org")) };
        let mut state = self.state.borrow_mut();
        if !state.people.contains(&user) {
            state.people.push(user.clone());
        }
        user
    }

    /// Its operator gives it other types and fields.
    pub fn reshape(&self, change: impl FnOnce(&mut ProjectSchema)) {
        change(&mut self.state.borrow_mut().schema);
    }

    /// It is another tracker from now on: a copy, a restored backup.
    pub fn become_instance(&self, instance: &str) {
        instance.clone_into(&mut self.state.borrow_mut().instance);
    }

    /// A backup of it.
    pub fn backup(&self) -> Backup {
        Backup(self.state.borrow().clone())
    }

    /// Its operator puts a backup back. Nothing tells of it.
    pub fn put_back(&self, backup: &Backup) {
        self.state.borrow_mut().put_back(&backup.0);
    }

    /// An issue of the type `Bug` with that title.
    pub fn person_creates(&self, title: &str) -> IssueId {
        self.person_creates_a("Bug", &[("title", Value::Text(title.to_owned()))])
    }

    /// An issue of that type with those fields.
    pub fn person_creates_a(&self, issue_type: &str, fields: &[(&str, Value)]) -> IssueId {
        let now = self.timestamp();
        let id = self.state.borrow_mut().create(issue_type, now).expect("the type is in the schema");
        for (field, value) in fields {
            self.person_edits(&id, field, value.clone());
        }
        id
    }

    /// Somebody sets a field.
    pub fn person_edits(&self, issue: &IssueId, field: &str, value: Value) {
        self.change(issue, |record| record.set(field, value).expect("the type has the field"));
    }

    /// Something sets a field behind the tracker's back: the time of change
    /// doesn't move, and no change tells of it; the revision does.
    pub fn edited_quietly(&self, issue: &IssueId, field: &str, value: Value) {
        let mut state = self.state.borrow_mut();
        state.sequence += 1;
        let revision = Revision(format!("r{}", state.sequence));
        let record = record_of(&mut state, issue);
        record.set(field, value).expect("the type has the field");
        record.issue.revision = revision;
    }

    /// Somebody sets a field with options, by the option's label.
    pub fn person_chooses(&self, issue: &IssueId, field: &str, label: &str) {
        self.person_edits(issue, field, Value::Choice(self.option(field, label)));
    }

    /// The option of a field with that label.
    pub fn option(&self, field: &str, label: &str) -> OptionValue {
        let state = self.state.borrow();
        let fields = state.schema.types.iter().filter_map(|issue_type| issue_type.field(field));
        let mut options = fields.flat_map(|field| &field.options);
        options.find(|option| option.label == label).expect("the field has the option").clone()
    }

    /// Somebody moves it to another status; people may go any way.
    pub fn person_moves(&self, issue: &IssueId, status: &str) {
        self.change(issue, |record| status.clone_into(&mut record.issue.status));
    }

    /// Somebody makes it an issue of another type.
    pub fn person_retypes(&self, issue: &IssueId, issue_type: &str) {
        self.change(issue, |record| issue_type.clone_into(&mut record.issue.issue_type));
    }

    /// Somebody comments.
    pub fn person_comments(&self, issue: &IssueId, author: &str, text: &str) -> ItemId {
        self.comment_as(issue, author, text, Visibility::Public)
    }

    /// Somebody comments for colleagues only.
    pub fn person_comments_internally(&self, issue: &IssueId, author: &str, text: &str) -> ItemId {
        self.comment_as(issue, author, text, Visibility::Internal)
    }

    fn comment_as(&self, issue: &IssueId, author: &str, text: &str, visibility: Visibility) -> ItemId {
        let (now, author) = (self.timestamp(), self.person(author));
        self.change(issue, |record| {
            let id = record.comment_id();
            record.issue.comments.push(Comment {
                id: id.clone(),
                author,
                created: now.clone(),
                updated: now,
                body: markdown(text),
                visibility,
                effect: None,
            });
            id
        })
    }

    /// Somebody edits a comment.
    pub fn person_edits_comment(&self, issue: &IssueId, comment: &ItemId, text: &str) {
        let now = self.timestamp();
        self.change(issue, |record| {
            let comment = comment_of(record, comment);
            comment.body = markdown(text);
            comment.updated = now;
        });
    }

    /// Somebody hides a comment from outsiders, or shows it to them.
    pub fn person_sets_visibility(&self, issue: &IssueId, comment: &ItemId, visibility: Visibility) {
        self.change(issue, |record| comment_of(record, comment).visibility = visibility);
    }

    /// Somebody deletes a comment.
    pub fn person_deletes_comment(&self, issue: &IssueId, comment: &ItemId) {
        self.change(issue, |record| record.issue.comments.retain(|there| there.id != *comment));
    }

    /// Somebody attaches a file.
    pub fn person_attaches(&self, issue: &IssueId, author: &str, name: &str, content: &[u8]) -> ItemId {
        let (now, author) = (self.timestamp(), self.person(author));
        self.change(issue, |record| {
            let id = record.attachment_id();
            record.contents.insert(id.clone(), content.to_vec());
            record.issue.attachments.push(Attachment {
                id: id.clone(),
                name: name.to_owned(),
                media_type: "application/octet-stream".to_owned(),
                size: content.len() as u64,
                created: now,
                author,
                visibility: Visibility::Public,
                effect: None,
            });
            id
        })
    }

    /// Somebody attaches another content, under the id and the time that the old
    /// one had.
    pub fn person_attaches_anew(&self, issue: &IssueId, attachment: &ItemId, content: &[u8]) {
        self.change(issue, |record| {
            record.contents.insert(attachment.clone(), content.to_vec());
            let mut all = record.issue.attachments.iter_mut();
            let there = all.find(|there| there.id == *attachment).expect("nobody attaches anew what isn't there");
            there.size = content.len() as u64;
        });
    }

    /// Somebody deletes an attachment.
    pub fn person_detaches(&self, issue: &IssueId, attachment: &ItemId) {
        self.change(issue, |record| {
            record.issue.attachments.retain(|there| there.id != *attachment);
            record.contents.remove(attachment);
        });
    }

    /// Somebody mends what could not be understood.
    pub fn person_mends(&self, issue: &IssueId) {
        self.misbehaviour.borrow_mut().unreadable.remove(issue);
        if self.issue(issue).is_some() {
            self.change(issue, |_| ());
        }
    }

    /// Somebody deletes an issue.
    pub fn person_deletes(&self, issue: &IssueId) {
        self.state.borrow_mut().remove(issue, DepartureReason::Deleted);
    }

    /// Somebody hides an issue from the synchronization user.
    pub fn person_hides(&self, issue: &IssueId) {
        self.state.borrow_mut().remove(issue, DepartureReason::Hidden);
    }

    /// Somebody moves an issue into another project.
    pub fn person_takes_away(&self, issue: &IssueId) {
        let mut state = self.state.borrow_mut();
        let there = IssueId(format!("elsewhere-{issue}"));
        if let Some(record) = state.remove(issue, DepartureReason::Moved(there)) {
            state.elsewhere.insert(issue.clone(), record);
        }
    }

    /// Somebody moves it back.
    pub fn person_brings_back(&self, issue: &IssueId) {
        let now = self.timestamp();
        self.state.borrow_mut().bring_back(issue, now);
    }

    /// What was moved into another project.
    pub fn elsewhere(&self) -> Vec<IssueId> {
        self.state.borrow().elsewhere.keys().cloned().collect()
    }

    /// Somebody merges an issue into another one.
    pub fn person_merges(&self, issue: &IssueId, into: &IssueId) {
        self.state.borrow_mut().remove(issue, DepartureReason::Merged(into.clone()));
    }

    /// An issue is gone, and no change tells of it.
    pub fn vanishes(&self, issue: &IssueId) {
        self.state.borrow_mut().issues.remove(issue);
    }

    pub(super) fn timestamp(&self) -> Timestamp {
        Timestamp(self.clock.now().rfc3339())
    }

    fn change<T>(&self, issue: &IssueId, change: impl FnOnce(&mut Record) -> T) -> T {
        let now = self.timestamp();
        let mut state = self.state.borrow_mut();
        let outcome = change(record_of(&mut state, issue));
        state.touch(issue, now);
        outcome
    }
}

fn record_of<'a>(state: &'a mut State, issue: &IssueId) -> &'a mut Record {
    state.issues.get_mut(issue).expect("people edit what is there")
}

fn comment_of<'a>(record: &'a mut Record, comment: &ItemId) -> &'a mut Comment {
    record.issue.comments.iter_mut().find(|there| there.id == *comment).expect("people edit what is there")
}

fn markdown(text: &str) -> RichText {
    RichText { markup: Markup::Markdown, source: text.to_owned() }
}
