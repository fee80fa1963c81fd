//! An outside that lies, by dice: what a tracker, a channel or a store may
//! hand to the engine, which trusts none of them.

use ferry_core::ids::{BlobName, Cursor, IssueId, ItemId, ParcelName, Revision, Timestamp};
use ferry_core::model::{
    Applied, ChangePage, Comment, Departure, DepartureReason, Effect, Field, Found, Identity, Issue, PersonQuery,
    ProjectSchema, User, Value,
};
use ferry_core::ports::{
    Channel, ChannelFault, Disposition, Entry, Listed, Mutation, Store, StoreFault, Tracker, TrackerFault,
};

use crate::dice::Dice;

/// Words that nobody expects.
const WORDS: &[&str] = &[
    "",
    "\0",
    "../../etc/passwd",
    "\u{202e}evil",
    "\r\nBcc: x",
    "${title}",
    "\"]\n[share]",
    "NaN",
    "-1",
    "99999999999999999999",
    "2026-13-99T99:99:99Z",
    "1970-01-01T00:00:00+99:99",
    "\u{1b}[2J",
    "title",
    "status",
    "Bug",
];

fn twist(dice: &Dice, text: &mut String) {
    if dice.strikes() {
        *text = match dice.below(WORDS.len() + 2) {
            n if n < WORDS.len() => WORDS[n].to_owned(),
            n if n == WORDS.len() => "x".repeat(70_000),
            _ => text.repeat(2),
        };
    }
}

/// A list with entries lost, doubled or turned round.
fn shake<T: Clone>(dice: &Dice, list: &mut Vec<T>) {
    if !dice.strikes() {
        return;
    }
    match dice.below(5) {
        0 => list.clear(),
        1 => drop(list.pop()),
        2 => list.extend_from_within(..),
        3 => list.reverse(),
        _ => list.truncate(dice.below(list.len() + 1)),
    }
}

/// A tracker that lies about what an honest one says.
pub struct LyingTracker<'a> {
    /// The honest one.
    pub honest: &'a dyn Tracker,
    /// When it lies, and how.
    pub dice: &'a Dice,
}

impl LyingTracker<'_> {
    fn fault(&self) -> Option<TrackerFault> {
        let dice = self.dice;
        if !dice.strikes() {
            return None;
        }
        Some(match dice.below(8) {
            0 => TrackerFault::RetryLater(Some(u32::MAX)),
            1 => TrackerFault::NotFound,
            2 => TrackerFault::Stale,
            3 => TrackerFault::Invalid(vec![]),
            4 => TrackerFault::UnknownOutcome(String::new()),
            5 => TrackerFault::TooLarge(0),
            6 => TrackerFault::Unsupported("\u{1b}[2J".to_owned()),
            _ => return None,
        })
    }

    fn field(&self, field: &mut Field) {
        let dice = self.dice;
        twist(dice, &mut field.name);
        if dice.strikes() {
            field.value = match dice.below(7) {
                0 => Value::Absent,
                1 => Value::Number(dice.of(WORDS).to_owned()),
                2 => Value::Date(dice.of(WORDS).to_owned()),
                3 => Value::DateTime(Timestamp(dice.of(WORDS).to_owned())),
                4 => Value::DurationSeconds(u64::MAX),
                5 => Value::Labels(WORDS.iter().map(|word| (*word).to_owned()).collect()),
                _ => Value::Users(vec![]),
            };
        }
    }

    fn issue(&self, issue: &mut Issue) {
        let dice = self.dice;
        let mut words = [&mut issue.id.0, &mut issue.key.0, &mut issue.created.0, &mut issue.updated.0];
        words.iter_mut().for_each(|word| twist(dice, word));
        let mut words = [&mut issue.issue_type, &mut issue.status, &mut issue.revision.0];
        words.iter_mut().for_each(|word| twist(dice, word));
        shake(dice, &mut issue.fields);
        issue.fields.iter_mut().for_each(|field| self.field(field));
        shake(dice, &mut issue.comments);
        issue.comments.iter_mut().for_each(|comment| self.comment(comment));
        if dice.strikes() {
            issue.effect = Some(ferry_core::ids::EffectKey(dice.of(WORDS).to_owned()));
            issue.incomplete = WORDS.iter().map(|word| (*word).to_owned()).collect();
        }
    }

    fn comment(&self, comment: &mut Comment) {
        twist(self.dice, &mut comment.id.0);
        twist(self.dice, &mut comment.created.0);
        twist(self.dice, &mut comment.body.source);
    }
}

impl Tracker for LyingTracker<'_> {
    fn identify(&self) -> Result<Identity, TrackerFault> {
        self.fault().map_or(Ok(()), Err)?;
        let mut identity = self.honest.identify()?;
        twist(self.dice, &mut identity.account.id);
        if self.dice.strikes() {
            identity.timestamp_resolution_ms = u32::MAX;
            identity.index_lag_ms = u32::MAX;
            identity.max_attachment_bytes = Some(0);
        }
        Ok(identity)
    }

    fn schema(&self) -> Result<ProjectSchema, TrackerFault> {
        self.fault().map_or(Ok(()), Err)?;
        let mut schema = self.honest.schema()?;
        shake(self.dice, &mut schema.types);
        for of in &mut schema.types {
            twist(self.dice, &mut of.name);
            shake(self.dice, &mut of.fields);
            shake(self.dice, &mut of.statuses);
            shake(self.dice, &mut of.transitions);
        }
        Ok(schema)
    }

    fn people(&self, whom: &[PersonQuery]) -> Vec<Result<Option<User>, TrackerFault>> {
        let mut answers = self.honest.people(whom);
        shake(self.dice, &mut answers);
        answers
    }

    fn changes(&self, since: Option<&Cursor>, limit: u32) -> Result<ChangePage, TrackerFault> {
        self.fault().map_or(Ok(()), Err)?;
        let mut page = self.honest.changes(since, limit)?;
        let dice = self.dice;
        shake(dice, &mut page.issues);
        page.issues.iter_mut().for_each(|issue| self.issue(issue));
        if dice.strikes() {
            let id = page.issues.first().map_or(IssueId(dice.of(WORDS).to_owned()), |issue| issue.id.clone());
            page.gone.push(Departure { issue: id.clone(), reason: DepartureReason::Merged(id) });
        }
        twist(dice, &mut page.next.0);
        // A page that is never the last: for as long as the dice say so.
        page.more ^= dice.strikes();
        Ok(page)
    }

    fn read(&self, ids: &[IssueId]) -> Vec<Result<Issue, TrackerFault>> {
        let mut answers = self.honest.read(ids);
        shake(self.dice, &mut answers);
        answers.iter_mut().flatten().for_each(|issue| self.issue(issue));
        answers
    }

    fn ids(&self, after: Option<&IssueId>, limit: u32) -> Result<Vec<IssueId>, TrackerFault> {
        let mut ids = self.honest.ids(after, limit)?;
        shake(self.dice, &mut ids);
        Ok(ids)
    }

    fn find(&self, effects: &[Effect]) -> Vec<Result<Vec<Found>, TrackerFault>> {
        let mut answers = self.honest.find(effects);
        shake(self.dice, &mut answers);
        answers.iter_mut().flatten().for_each(|found| shake(self.dice, found));
        answers
    }

    fn apply(&self, effects: &[Effect]) -> Vec<Result<Applied, TrackerFault>> {
        let mut answers = self.honest.apply(effects);
        for answer in &mut answers {
            if let Some(fault) = self.fault() {
                *answer = Err(fault);
            }
            let Ok(applied) = answer else { continue };
            twist(self.dice, &mut applied.issue.0);
            twist(self.dice, &mut applied.issue_key.0);
            twist(self.dice, &mut applied.revision.0);
            applied.replaced.iter_mut().for_each(|field| self.field(field));
            if self.dice.strikes() {
                applied.item = Some(ItemId(self.dice.of(WORDS).to_owned()));
                applied.revision = Revision(String::new());
            }
        }
        shake(self.dice, &mut answers);
        answers
    }

    fn fetch_attachment(&self, issue: &IssueId, attachment: &ItemId) -> Result<BlobName, TrackerFault> {
        self.fault().map_or(Ok(()), Err)?;
        let mut name = self.honest.fetch_attachment(issue, attachment)?;
        twist(self.dice, &mut name.0);
        Ok(name)
    }
}

/// A channel that lies about what lies on it.
pub struct LyingChannel<'a> {
    /// The honest one.
    pub honest: &'a dyn Channel,
    /// When it lies, and how.
    pub dice: &'a Dice,
}

impl LyingChannel<'_> {
    fn list(&self, mut listed: Vec<Listed>) -> Vec<Listed> {
        shake(self.dice, &mut listed);
        for one in &mut listed {
            twist(self.dice, &mut one.name.0);
            one.settled ^= self.dice.strikes();
            if self.dice.strikes() {
                one.size = self.dice.of(&[0, 1, 7_000_000, 7_000_001, u64::MAX]);
            }
        }
        listed
    }

    fn fault(&self) -> Result<(), ChannelFault> {
        let faults = [ChannelFault::NotFound, ChannelFault::Full, ChannelFault::RetryLater("never".to_owned())];
        if self.dice.strikes() { Err(self.dice.of(&faults)) } else { Ok(()) }
    }
}

impl Channel for LyingChannel<'_> {
    fn put(&self, to: Option<&str>, name: &ParcelName, content: &[u8]) -> Result<(), ChannelFault> {
        self.fault()?;
        self.honest.put(to, name, content)
    }

    fn withdraw(&self, names: &[ParcelName]) -> Result<(), ChannelFault> {
        self.fault()?;
        self.honest.withdraw(names)
    }

    fn sent(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        Ok(self.list(self.honest.sent(token, after, limit)?))
    }

    fn received(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        Ok(self.list(self.honest.received(token, after, limit)?))
    }

    fn read(&self, name: &ParcelName, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        self.fault()?;
        let mut bytes = self.honest.read(name, max_bytes)?;
        shake(self.dice, &mut bytes);
        Ok(bytes)
    }

    fn dispose(&self, names: &[ParcelName], disposition: Disposition) -> Result<(), ChannelFault> {
        self.fault()?;
        self.honest.dispose(names, disposition)
    }

    fn restore(&self, name: &ParcelName) -> Result<(), ChannelFault> {
        self.fault()?;
        self.honest.restore(name)
    }
}

/// A store that lost or altered some of what it held.
pub struct LyingStore<'a> {
    /// The honest one.
    pub honest: &'a dyn Store,
    /// When it lies, and how.
    pub dice: &'a Dice,
}

impl LyingStore<'_> {
    fn value(&self, value: &mut [u8]) {
        if self.dice.strikes() && !value.is_empty() {
            let at = self.dice.below(value.len());
            value[at] ^= 1 << self.dice.below(8);
        }
    }
}

impl Store for LyingStore<'_> {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        let mut values = self.honest.get(keys)?;
        values.iter_mut().flatten().for_each(|value| self.value(value));
        shake(self.dice, &mut values);
        Ok(values)
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Entry>, StoreFault> {
        let mut entries = self.honest.scan(start, end, limit)?;
        entries.iter_mut().for_each(|entry| self.value(&mut entry.value));
        if self.dice.strikes() && !entries.is_empty() {
            let at = self.dice.below(entries.len());
            self.value(&mut entries[at].key);
        }
        Ok(entries)
    }

    fn count(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        let count = self.honest.count(start, end)?;
        Ok(if self.dice.strikes() { u64::MAX } else { count })
    }

    fn commit(&self, mutations: Vec<Mutation>) -> Result<(), StoreFault> {
        if self.dice.strikes() {
            return Err(self.dice.of(&[StoreFault::RetryLater, StoreFault::Full, StoreFault::LostOwnership]));
        }
        self.honest.commit(mutations)
    }
}
