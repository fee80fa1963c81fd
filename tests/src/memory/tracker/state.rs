//! What the tracker keeps.

use std::collections::BTreeMap;

use ferry_core::ids::{EffectKey, IssueId, IssueKey, ItemId, Revision, Timestamp};
use ferry_core::model::{Departure, DepartureReason, Field, Issue, ProjectSchema, TypeSchema, User, Value};
use ferry_core::time::Time;

use super::example_schema;

/// One issue with what hangs on it.
#[derive(Clone)]
pub(super) struct Record {
    pub issue: Issue,
    pub contents: BTreeMap<ItemId, Vec<u8>>,
    pub changed: u64,
    /// How many comments it ever had.
    pub comments: u64,
    /// How many attachments it ever had.
    pub attachments: u64,
}

#[derive(Clone)]
pub(super) struct State {
    pub project: String,
    pub instance: String,
    pub account: User,
    pub people: Vec<User>,
    pub schema: ProjectSchema,
    pub issues: BTreeMap<IssueId, Record>,
    gone: BTreeMap<u64, Departure>,
    /// What was moved into another project.
    pub elsewhere: BTreeMap<IssueId, Record>,
    pub sequence: u64,
    made: u64,
    /// When effects were carried out.
    pub made_at: BTreeMap<EffectKey, Time>,
}

/// Something that `changes` tells of.
pub(super) enum Event<'a> {
    Changed(&'a Issue),
    Gone(&'a Departure),
}

impl State {
    pub fn new(project: &str) -> Self {
        let account = User { id: "ferry".to_owned(), name: "Ferry".to_owned(), email: None };
        Self {
            project: project.to_owned(),
            instance: format!("memory-{project}"),
            people: vec![account.clone()],
            account,
            schema: example_schema(),
            issues: BTreeMap::new(),
            gone: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            sequence: 0,
            made: 0,
            made_at: BTreeMap::new(),
        }
    }

    pub fn issue(&self, id: &IssueId) -> Option<&Issue> {
        self.issues.get(id).map(|record| &record.issue)
    }

    pub fn type_of(&self, issue: &Issue) -> Option<&TypeSchema> {
        self.schema.issue_type(&issue.issue_type)
    }

    pub fn events_after(&self, since: u64) -> BTreeMap<u64, Event<'_>> {
        let changed = self.issues.values().filter(|record| record.changed > since);
        let changed = changed.map(|record| (record.changed, Event::Changed(&record.issue)));
        let gone = self.gone.range(since + 1..).map(|(sequence, departure)| (*sequence, Event::Gone(departure)));
        changed.chain(gone).collect()
    }

    /// A new issue of that type in its first status, all its fields empty.
    pub fn create(&mut self, issue_type: &str, now: Timestamp) -> Option<IssueId> {
        let schema = self.schema.issue_type(issue_type)?;
        let fields = schema.fields.iter().map(|field| Field { name: field.name.clone(), value: Value::Absent });
        let (fields, status) = (fields.collect(), schema.statuses.first()?.clone());
        self.made += 1;
        let id = IssueId(format!("{:08}", self.made));
        let issue = Issue {
            id: id.clone(),
            key: IssueKey(format!("{}-{}", self.project, self.made)),
            url: Some(format!("https://{}.example/{}", self.project.to_lowercase(), self.made)),
            revision: Revision(String::new()),
            created: now.clone(),
            updated: now.clone(),
            issue_type: issue_type.to_owned(),
            status,
            parent: None,
            fields,
            comments: Vec::new(),
            attachments: Vec::new(),
            incomplete: Vec::new(),
            effect: None,
        };
        self.issues
            .insert(id.clone(), Record { issue, contents: BTreeMap::new(), changed: 0, comments: 0, attachments: 0 });
        self.touch(&id, now);
        Some(id)
    }

    /// The issue changed: another revision, another place in the changes.
    pub fn touch(&mut self, id: &IssueId, now: Timestamp) {
        self.sequence += 1;
        if let Some(record) = self.issues.get_mut(id) {
            record.changed = self.sequence;
            record.issue.revision = Revision(format!("r{}", self.sequence));
            record.issue.updated = now;
        }
    }

    /// Everything is as it was in a copy. Time goes on: what changes from now on
    /// has a later place in the changes.
    pub fn put_back(&mut self, copy: &Self) {
        let mut back = Self { sequence: self.sequence, ..copy.clone() };
        for (id, record) in &mut back.issues {
            // Comments and attachments are numbered by what no backup holds;
            // issues are not.
            let Some(now) = self.issues.get(id) else { continue };
            record.comments = record.comments.max(now.comments);
            record.attachments = record.attachments.max(now.attachments);
        }
        *self = back;
    }

    pub fn remove(&mut self, id: &IssueId, reason: DepartureReason) -> Option<Record> {
        let record = self.issues.remove(id)?;
        self.sequence += 1;
        self.gone.insert(self.sequence, Departure { issue: id.clone(), reason });
        Some(record)
    }

    /// What was moved away comes back, as it was.
    pub fn bring_back(&mut self, id: &IssueId, now: Timestamp) {
        if let Some(record) = self.elsewhere.remove(id) {
            self.gone.retain(|_, departure| departure.issue != *id);
            self.issues.insert(id.clone(), record);
            self.touch(id, now);
        }
    }
}

impl Record {
    /// An id for a comment, unique among the issue's comments alone.
    pub fn comment_id(&mut self) -> ItemId {
        self.comments += 1;
        ItemId(self.comments.to_string())
    }

    /// An id for an attachment, unique among the issue's attachments alone.
    pub fn attachment_id(&mut self) -> ItemId {
        self.attachments += 1;
        ItemId(self.attachments.to_string())
    }

    /// Sets a field and answers what it held.
    pub fn set(&mut self, name: &str, value: Value) -> Option<Value> {
        let field = self.issue.fields.iter_mut().find(|field| field.name == name)?;
        Some(std::mem::replace(&mut field.value, value))
    }
}
