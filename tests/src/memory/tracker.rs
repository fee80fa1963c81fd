//! A small tracker: conditional writes, effect keys, comments, attachments,
//! a workflow, fields of every kind. Ids, revisions and cursors count up, so
//! that the same calls give the same answers.

mod apply;
mod people;
mod schema;
mod state;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use ferry_core::ids::{BlobName, Cursor, EffectKey, IssueId, ItemId};
use ferry_core::model::{
    Abilities, Applied, ChangePage, Content, Effect, Found, Identity, Issue, Markup, PersonQuery, ProjectSchema,
    Target, Unreadable, User,
};
use ferry_core::ports::{self, TrackerFault};
use ferry_core::time::Time;

use super::Blobs;
use super::journal::{self, Journal};
use crate::{Call, Clock, Fuse};
pub use people::Backup;
pub use schema::example_schema;
use state::{Event, State};

/// What a person does between a read and a write.
pub type Meanwhile = Box<dyn FnOnce(&Tracker)>;

/// What the tracker does that it shouldn't. Each is off at first.
#[derive(Default)]
pub struct Misbehaviour {
    /// The next calls fail with these, one each; nothing of them happens.
    pub fail_next: VecDeque<TrackerFault>,
    /// So many of the next calls of `apply` take effect, and their answers are
    /// lost.
    pub forget_answers: u32,
    /// Texts are stored as this leaves them.
    pub normalise: Option<fn(&str) -> String>,
    /// Writes of these fields are refused, with the reason.
    pub refuse: BTreeMap<String, String>,
    /// Writes of these fields are left out without a word, and found by
    /// reading back.
    pub drop_silently: BTreeSet<String>,
    /// These issues are there and can't be understood, for the reason.
    pub unreadable: BTreeMap<IssueId, String>,
    /// So many effects of the next call of `apply` take effect, and the rest is
    /// throttled.
    pub throttle_after: Option<u64>,
    /// Happens between the engine's read and its next write.
    pub meanwhile: Option<Meanwhile>,
}

/// A tracker in memory.
pub struct Tracker {
    fuse: Rc<Fuse>,
    clock: Rc<Clock>,
    blobs: Rc<Blobs>,
    journal: Rc<Journal>,
    state: RefCell<State>,
    /// What it can do; a test takes away what it wants to see missed.
    pub abilities: Cell<Abilities>,
    /// The times that it gives are rounded down to so many milliseconds.
    pub rounding_ms: Cell<u32>,
    /// Its search shows what was made only so many milliseconds later.
    pub index_lag_ms: Cell<u32>,
    /// What it does that it shouldn't.
    pub misbehaviour: RefCell<Misbehaviour>,
    /// The effects on issues that were carried out, and what each made, where it
    /// remembers all of them.
    remembered: RefCell<Option<BTreeMap<EffectKey, Option<ItemId>>>>,
}

impl Tracker {
    /// An empty one. Its issues are called `PROJECT-1` and so on.
    pub fn new(project: &str, fuse: Rc<Fuse>, clock: Rc<Clock>, blobs: Rc<Blobs>, journal: Rc<Journal>) -> Self {
        let abilities = Abilities {
            comments: true,
            edit_comments: true,
            delete_comments: true,
            internal_comments: true,
            attachments: true,
            delete_attachments: true,
            workflow: true,
            issue_keys: true,
            comment_keys: true,
            attachment_keys: true,
            optimistic_writes: true,
            authorship: true,
        };
        Self {
            fuse,
            clock,
            blobs,
            journal,
            state: RefCell::new(State::new(project)),
            abilities: Cell::new(abilities),
            rounding_ms: Cell::new(1),
            index_lag_ms: Cell::new(0),
            misbehaviour: RefCell::default(),
            remembered: RefCell::default(),
        }
    }

    /// From here on it carries out no effect whose key it knows, whatever has
    /// become of what the effect made.
    pub fn remember_keys(&self) {
        self.remembered.replace(Some(BTreeMap::new()));
    }

    /// An issue as it is answered: its times are rounded.
    fn told(&self, issue: &Issue) -> Issue {
        let rounding = u64::from(self.rounding_ms.get());
        let mut issue = issue.clone();
        if rounding > 1 {
            for time in [&mut issue.created, &mut issue.updated] {
                let ms = Time::parse(&time.0).expect("times are our own").0;
                time.0 = Time(ms / rounding * rounding).rfc3339();
            }
        }
        issue
    }

    /// What the search shows of an effect.
    fn search(&self, effect: &Effect) -> Vec<Found> {
        let state = self.state.borrow();
        let lag = u64::from(self.index_lag_ms.get());
        let young = |made: &Time| self.clock.now().since(*made) < lag;
        let shown = !state.made_at.get(&effect.key).is_some_and(young);
        if shown { found(&state, effect) } else { Vec::new() }
    }

    fn call(&self) -> Result<(), TrackerFault> {
        self.fuse.before(Call::Tracker);
        self.misbehaviour.borrow_mut().fail_next.pop_front().map_or(Ok(()), Err)
    }
}

/// Fills a page until one kind has reached the limit.
fn page(state: &State, since: u64, limit: usize, unreadable: &BTreeMap<IssueId, String>) -> ChangePage {
    let mut page =
        ChangePage { issues: vec![], gone: vec![], unreadable: vec![], next: Cursor(since.to_string()), more: false };
    for (sequence, event) in state.events_after(since) {
        if page.issues.len().max(page.gone.len()).max(page.unreadable.len()) >= limit {
            page.more = true;
            break;
        }
        page.next = Cursor(sequence.to_string());
        match event {
            Event::Gone(departure) => page.gone.push(departure.clone()),
            Event::Changed(issue) => match unreadable.get(&issue.id) {
                Some(reason) => page.unreadable.push(Unreadable {
                    issue: issue.id.clone(),
                    key: issue.key.clone(),
                    reason: reason.clone(),
                }),
                None => page.issues.push(issue.clone()),
            },
        }
    }
    page
}

impl ports::Tracker for Tracker {
    fn identify(&self) -> Result<Identity, TrackerFault> {
        self.call()?;
        let state = self.state.borrow();
        Ok(Identity {
            product: "Memory".to_owned(),
            version: "1".to_owned(),
            instance: state.instance.clone(),
            account: state.account.clone(),
            abilities: self.abilities.get(),
            markup: Markup::Markdown,
            max_attachment_bytes: None,
            timestamp_resolution_ms: self.rounding_ms.get(),
            index_lag_ms: self.index_lag_ms.get(),
        })
    }

    fn schema(&self) -> Result<ProjectSchema, TrackerFault> {
        self.call()?;
        Ok(self.state.borrow().schema.clone())
    }

    fn people(&self, whom: &[PersonQuery]) -> Vec<Result<Option<User>, TrackerFault>> {
        if let Err(fault) = self.call() {
            return vec![Err(fault); whom.len()];
        }
        let state = self.state.borrow();
        let fits = |user: &User, query: &PersonQuery| match query {
            PersonQuery::Id(id) => user.id == *id,
            PersonQuery::Name(name) => user.name == *name,
            PersonQuery::Email(email) => user.email.as_ref() == Some(email),
        };
        let only = |query: &PersonQuery| {
            let mut fitting = state.people.iter().filter(|user| fits(user, query));
            fitting.next().filter(|_| fitting.next().is_none()).cloned()
        };
        whom.iter().map(|query| Ok(only(query))).collect()
    }

    fn changes(&self, since: Option<&Cursor>, limit: u32) -> Result<ChangePage, TrackerFault> {
        self.call()?;
        let since = since.map_or(Ok(0), |cursor| cursor.0.parse());
        let since = since.map_err(|_| TrackerFault::Other("not a cursor of this tracker".to_owned()))?;
        let mut page = page(&self.state.borrow(), since, limit as usize, &self.misbehaviour.borrow().unreadable);
        page.issues.iter_mut().for_each(|issue| *issue = self.told(issue));
        Ok(page)
    }

    fn read(&self, ids: &[IssueId]) -> Vec<Result<Issue, TrackerFault>> {
        if let Err(fault) = self.call() {
            return vec![Err(fault); ids.len()];
        }
        let (state, misbehaviour) = (self.state.borrow(), self.misbehaviour.borrow());
        let read = |id: &IssueId| match misbehaviour.unreadable.get(id) {
            Some(reason) => Err(TrackerFault::Unreadable(reason.clone())),
            None => state.issue(id).map(|issue| self.told(issue)).ok_or(TrackerFault::NotFound),
        };
        ids.iter().map(read).collect()
    }

    fn ids(&self, after: Option<&IssueId>, limit: u32) -> Result<Vec<IssueId>, TrackerFault> {
        self.call()?;
        let state = self.state.borrow();
        let later = state.issues.keys().filter(|id| after.is_none_or(|after| *id > after));
        Ok(later.take(limit as usize).cloned().collect())
    }

    fn find(&self, effects: &[Effect]) -> Vec<Result<Vec<Found>, TrackerFault>> {
        if let Err(fault) = self.call() {
            return vec![Err(fault); effects.len()];
        }
        effects.iter().map(|effect| Ok(self.search(effect))).collect()
    }

    fn apply(&self, effects: &[Effect]) -> Vec<Result<Applied, TrackerFault>> {
        if let Err(fault) = self.call() {
            return vec![Err(fault); effects.len()];
        }
        self.journal.add(|| journal::Event::Wrote(effects.to_vec()));
        let meanwhile = self.misbehaviour.borrow_mut().meanwhile.take();
        if let Some(meanwhile) = meanwhile {
            meanwhile(self);
        }
        let results = self.carry_out(effects);
        self.fuse.after(Call::Tracker);
        let mut misbehaviour = self.misbehaviour.borrow_mut();
        if misbehaviour.forget_answers > 0 {
            misbehaviour.forget_answers -= 1;
            return vec![Err(TrackerFault::UnknownOutcome("the connection broke".to_owned())); effects.len()];
        }
        results
    }

    fn fetch_attachment(&self, issue: &IssueId, attachment: &ItemId) -> Result<BlobName, TrackerFault> {
        self.call()?;
        let content = self.content(issue, attachment).ok_or(TrackerFault::NotFound)?;
        Ok(self.blobs.put(content))
    }
}

fn found(state: &State, effect: &Effect) -> Vec<Found> {
    let key = Some(&effect.key);
    let at = |issue: &Issue, item: Option<ItemId>| Found { issue: issue.id.clone(), item };
    // Whoever moves an issue into another project doesn't hide it from a search.
    let issues = state.issues.values().chain(state.elsewhere.values()).map(|record| &record.issue);
    let issues = issues.filter(|issue| match &effect.target {
        Target::Nothing => issue.effect.as_ref() == key,
        Target::Existing(id) => issue.id == *id,
        Target::MadeBy(made_by) => issue.effect.as_ref() == Some(made_by),
    });
    match &effect.content {
        Content::Create(_) => issues.map(|issue| at(issue, None)).collect(),
        Content::AddComment(_) => issues
            .flat_map(|issue| {
                let made = issue.comments.iter().filter(|comment| comment.effect.as_ref() == key);
                made.map(move |comment| at(issue, Some(comment.id.clone())))
            })
            .collect(),
        Content::AddAttachment(_) => issues
            .flat_map(|issue| {
                let made = issue.attachments.iter().filter(|attachment| attachment.effect.as_ref() == key);
                made.map(move |attachment| at(issue, Some(attachment.id.clone())))
            })
            .collect(),
        _ => Vec::new(),
    }
}
