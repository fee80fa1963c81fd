//! The tracker, function by function.

use std::cell::RefCell;

use ferry_adapter::Adapter;
use ferry_adapter::model::{
    Abilities, Applied, ChangePage, Content, Cursor, Effect, Fault, Found, Identity, Issue, IssueId, Markup, Person,
    ProjectSchema, Target, User,
};
use ferry_adapter::outside::{Entry, Outside};

use crate::attachments;
use crate::document;
use crate::session::{Cache, Session};

/// Issues in the granted folder.
#[derive(Default)]
pub struct Tracker<O> {
    outside: O,
    cache: RefCell<Cache>,
}

impl<O: Outside> Tracker<O> {
    /// A tracker with that outside.
    pub fn new(outside: O) -> Self {
        Self { outside, cache: RefCell::default() }
    }

    fn open(&self) -> Result<Session<'_, O>, Fault> {
        Session::open(&self.outside, &mut self.cache.borrow_mut())
    }
}

/// One fault for each of many.
fn each<T: Clone, R>(count: usize, fault: &Fault, _: &T) -> Vec<Result<R, Fault>> {
    (0..count).map(|_| Err(fault.clone())).collect()
}

impl<O: Outside> Adapter for Tracker<O> {
    fn identify(&self) -> Result<Identity, Fault> {
        let session = self.open()?;
        session.commit()?;
        let account = session.project.known(&session.user).ok_or_else(|| {
            Fault::Denied(format!("{:?} isn't among the people of tracker.toml: add them there", session.user))
        })?;
        let mut abilities = Abilities::COMMENTS
            | Abilities::EDIT_COMMENTS
            | Abilities::DELETE_COMMENTS
            | Abilities::INTERNAL_COMMENTS
            | Abilities::ATTACHMENTS
            | Abilities::DELETE_ATTACHMENTS
            | Abilities::ISSUE_KEYS
            | Abilities::COMMENT_KEYS
            | Abilities::ATTACHMENT_KEYS
            | Abilities::OPTIMISTIC_WRITES
            | Abilities::AUTHORSHIP;
        if session.project.schema.types.iter().any(|issue_type| !issue_type.transitions.is_empty()) {
            abilities |= Abilities::WORKFLOW;
        }
        let instance = session.meta.borrow().instance.clone();
        Ok(Identity {
            product: "Markdown folder".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instance,
            account,
            abilities,
            markup: Markup::Markdown,
            max_attachment_bytes: None,
            timestamp_resolution_ms: 1,
            index_lag_ms: 0,
        })
    }

    fn schema(&self) -> Result<ProjectSchema, Fault> {
        Ok(self.open()?.project.schema.clone())
    }

    fn people(&self, whom: Vec<Person>) -> Vec<Result<Option<User>, Fault>> {
        match self.open() {
            Ok(session) => whom.iter().map(|whom| Ok(session.project.person(whom))).collect(),
            Err(fault) => each(whom.len(), &fault, &()),
        }
    }

    fn changes(&self, since: Option<Cursor>, limit: u32) -> Result<ChangePage, Fault> {
        let mut cache = self.cache.borrow_mut();
        let session = Session::open(&self.outside, &mut cache)?;
        session.changes(since.as_deref(), limit, &mut cache)
    }

    fn read(&self, ids: Vec<IssueId>) -> Vec<Result<Issue, Fault>> {
        match self.open().and_then(|session| session.read(&ids)) {
            Ok(issues) => issues,
            Err(fault) => each(ids.len(), &fault, &()),
        }
    }

    fn ids(&self, after: Option<IssueId>, limit: u32) -> Result<Vec<IssueId>, Fault> {
        let after = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let rows = self.open()?.index.rows(after, limit)?;
        Ok(rows.into_iter().map(|(number, _)| number.to_string()).collect())
    }

    fn find(&self, effects: Vec<Effect>) -> Vec<Result<Vec<Found>, Fault>> {
        match self.open().and_then(|session| session.find(&effects)) {
            Ok(found) => found,
            Err(fault) => each(effects.len(), &fault, &()),
        }
    }

    fn apply(&self, effects: Vec<Effect>) -> Vec<Result<Applied, Fault>> {
        match self.open().and_then(|session| session.apply(&effects)) {
            Ok(outcomes) => outcomes,
            Err(fault) => each(effects.len(), &fault, &()),
        }
    }

    fn fetch_attachment(&self, issue: IssueId, attachment: String) -> Result<String, Fault> {
        self.open()?.fetch(&issue, &attachment)
    }
}

impl<O: Outside> Session<'_, O> {
    fn read(&self, ids: &[IssueId]) -> Result<Vec<Result<Issue, Fault>>, Fault> {
        let numbers: Vec<Option<u64>> = ids.iter().map(|id| id.parse().ok()).collect();
        self.index.load(&numbers.iter().copied().flatten().collect::<Vec<_>>())?;
        let mut names = Vec::new();
        for number in numbers.iter().flatten() {
            names.push(self.index.row(*number)?.map(|row| row.name).unwrap_or_default());
        }
        let mut read = names.iter().zip(self.outside.read_files(&names));
        let mut issues = Vec::new();
        for number in numbers {
            let found = number.and_then(|number| read.next().map(|read| (number, read)));
            issues.push(match found {
                None => Err(Fault::NotFound),
                Some((number, _)) if self.index.row(number)?.is_none() => Err(Fault::NotFound),
                Some((number, (name, Ok((entry, bytes))))) => {
                    let entry = Entry { name: name.clone(), ..entry };
                    match self.look(&entry, &bytes, None)? {
                        Some(seen) if seen.number == number => seen.result.map_err(Fault::Unreadable),
                        _ => Err(Fault::RetryLater(Some(1))),
                    }
                }
                Some((number, (_, Err(fault)))) => Err(self.lost(number, fault)?),
            });
        }
        self.commit()?;
        Ok(issues)
    }

    fn find(&self, effects: &[Effect]) -> Result<Vec<Result<Vec<Found>, Fault>>, Fault> {
        let creates = |effect: &&Effect| !matches!(effect.target, Target::Existing(_));
        let keys: Vec<&str> = effects.iter().filter(creates).map(made_by).collect();
        if self.index.by_effects(&keys)?.iter().any(Option::is_none) {
            self.catch_up()?;
        }
        let found = effects.iter().map(|effect| self.find_one(effect)).collect();
        self.commit()?;
        Ok(found)
    }

    fn find_one(&self, effect: &Effect) -> Result<Vec<Found>, Fault> {
        let number = match &effect.target {
            Target::Existing(id) => id.parse().ok(),
            _ => self.index.by_effect(made_by(effect))?,
        };
        let Some(number) = number else { return Ok(Vec::new()) };
        let Some(row) = self.index.row(number)? else { return Ok(Vec::new()) };
        let (_, bytes) = match self.outside.read_files(std::slice::from_ref(&row.name)).pop() {
            Some(Ok(read)) => read,
            Some(Err(fault)) => return Err(self.lost(number, fault)?),
            None => return Ok(Vec::new()),
        };
        let document = match std::str::from_utf8(&bytes).ok().map(document::parse) {
            Some(Ok(document)) => document,
            // Broken or not, it was made.
            _ if matches!(effect.content, Content::Create(_)) => {
                return Ok(vec![Found { issue: number.to_string(), item: None }]);
            }
            _ => return Err(Fault::Unreadable(format!("{} can't be understood: mend it first", row.name))),
        };
        let by_us = |given: Option<&str>| given == Some(effect.key.as_str());
        let item = match &effect.content {
            Content::Create(_) if by_us(document.front.text("effect")) => None,
            Content::AddComment(_) => {
                let comment = document.comments.iter().find(|comment| by_us(comment.marker().value("effect")));
                let Some(comment) = comment else { return Ok(Vec::new()) };
                comment.id().map(str::to_owned)
            }
            Content::AddAttachment(_) => {
                let (files, ..) = self.files(Some(&row), &row.name, None, &document.attachments)?;
                let files =
                    files.iter().map(|file| attachments::attachment(file, &document.attachments, &self.project));
                let found = files.into_iter().find(|attachment| by_us(attachment.effect.as_deref()));
                let Some(attachment) = found else { return Ok(Vec::new()) };
                Some(attachment.id)
            }
            // The files keep no keys of anything else.
            _ => return Ok(Vec::new()),
        };
        Ok(vec![Found { issue: number.to_string(), item }])
    }

    fn fetch(&self, issue: &str, attachment: &str) -> Result<String, Fault> {
        let number = issue.parse().map_err(|_| Fault::NotFound)?;
        let row = self.index.row(number)?.ok_or(Fault::NotFound)?;
        let folder = row.folder.clone().ok_or(Fault::NotFound)?;
        let (_, bytes) = match self.outside.read_files(std::slice::from_ref(&row.name)).pop() {
            Some(Ok(read)) => read,
            Some(Err(fault)) => return Err(self.lost(number, fault)?),
            None => return Err(Fault::NotFound),
        };
        let document = std::str::from_utf8(&bytes).ok().and_then(|text| document::parse(text).ok());
        let marks = document.map(|document| document.attachments).unwrap_or_default();
        let (files, found, _) = self.files(Some(&row), &row.name, None, &marks)?;
        let folder = found.unwrap_or(folder);
        let is = |file: &&attachments::File| attachments::attachment(file, &marks, &self.project).id == attachment;
        let file = files.iter().find(is).ok_or(Fault::NotFound)?;
        Ok(self.outside.copy_to_blob(&format!("{folder}/{}", file.name))?)
    }
}

/// The key of the effect that made the issue which an effect is about.
fn made_by(effect: &Effect) -> &str {
    match &effect.target {
        Target::MadeBy(key) => key,
        _ => &effect.key,
    }
}
