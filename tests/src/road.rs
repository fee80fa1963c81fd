//! The whole road in memory: two sides get to know each other, agree, run, and
//! are compared.

use std::collections::BTreeMap;

use ferry_core::digest;
use ferry_core::engine::setup::Wanted;
use ferry_core::engine::tick::{Budget, Report};
use ferry_core::fault::Fault;
use ferry_core::ids::Digest;
use ferry_core::model::{Issue, Value, Visibility};
use ferry_core::state::{ChannelKind, Connection, Profile};

use crate::memory::Tracker;
use crate::{Side, World};

/// Rounds after which a world must have come to rest.
const ROUNDS_MAX: usize = 60;
/// Ticks of one `run --once`.
const TICKS_MAX: usize = 1_000;
/// Between two runs of a side, in milliseconds.
const PAUSE_MS: u64 = 2_000;

/// What one run of a side did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Numbered messages that came.
    pub received: u32,
    /// Effects carried out.
    pub applied: u32,
    /// Numbered messages that left for the first time.
    pub sent: u32,
}

impl Side {
    /// One tick of the daemon.
    ///
    /// # Errors
    /// The engine's.
    pub fn tick(&self) -> Result<Report, Fault> {
        self.tick_with(BUDGET)
    }

    /// What `run --once` does: ticks until there is nothing left to do.
    ///
    /// # Errors
    /// The engine's.
    pub fn run_once(&self) -> Result<Done, Fault> {
        let mut done = Done::default();
        for _ in 0..TICKS_MAX {
            let report = self.tick_with(Budget { finishing: true, ..BUDGET })?;
            done.received += report.received;
            done.applied += report.applied;
            done.sent += report.sent;
            if !report.work_left {
                return Ok(done);
            }
        }
        panic!("there is no end to it: {done:?}");
    }
}

/// What a tick may do when nothing limits it.
const BUDGET: Budget = Budget { effects: 500, parcels: 16, finishing: false, receive: true, pull: true };

/// What the primary asks for in tests.
pub fn wanted() -> Wanted {
    wanted_with(Profile::Modern)
}

/// What the primary asks for, with parcels sealed like that.
pub fn wanted_with(profile: Profile) -> Wanted {
    Wanted {
        name: "globex".to_owned(),
        description: "Issues of both".to_owned(),
        channel: ChannelKind::Folder,
        profile,
        strict: false,
        channel_hint: String::new(),
        passphrase: None,
        valid_hours: 168,
    }
}

impl World {
    /// Two sides that agreed on everything that both trackers have, running.
    pub fn connected(seed: u64) -> Self {
        Self::two(seed).and_connected()
    }

    /// The same, made of two that never spoke.
    pub fn and_connected(self) -> Self {
        self.connect();
        self
    }

    /// From nothing to two running sides.
    pub fn connect(&self) {
        self.connect_with(&wanted());
    }

    /// From nothing to two running sides that the primary wants so.
    pub fn connect_with(&self, wanted: &Wanted) {
        let (alice, bob) = (self.alice(), self.bob());
        let channel = if alice.by_mail.get() { ChannelKind::Mail } else { ChannelKind::Folder };
        let file = alice.engine(|engine| engine.create(&Wanted { channel, ..wanted.clone() })).unwrap();
        bob.engine(|engine| engine.join(&file, None)).unwrap();
        self.rest();
        for side in [alice, bob] {
            let state = side.engine(|engine| engine.overview()).unwrap().state;
            assert_eq!(state.connection, Connection::Passed, "{}", state.reason);
        }
        self.agree();
    }

    /// From two connected sides to two running ones.
    pub fn agree(&self) {
        let (alice, bob) = (self.alice(), self.bob());
        let example = alice.engine(|engine| engine.example()).unwrap();
        let verdict = alice.engine(|engine| engine.publish(Some(&example))).unwrap();
        assert!(verdict.version.is_some(), "{:?}", verdict.problems);
        self.rest();
        let answer = bob.engine(|engine| engine.example()).unwrap();
        let verdict = bob.engine(|engine| engine.adopt(Some(&answer))).unwrap();
        assert!(verdict.version.is_some(), "{:?}", verdict.problems);
        self.rest();
        bob.engine(|engine| engine.start()).unwrap();
        alice.engine(|engine| engine.start()).unwrap();
        self.rest();
    }

    /// Lets both sides run in turn until neither does anything. Answers how
    /// many rounds it took.
    pub fn rest(&self) -> usize {
        for round in 0..ROUNDS_MAX {
            let before = self.trace();
            self.bob().run_once().unwrap();
            self.clock.advance_ms(PAUSE_MS);
            self.alice().run_once().unwrap();
            self.clock.advance_ms(PAUSE_MS);
            if self.trace() == before {
                return round;
            }
        }
        panic!("no rest after {ROUNDS_MAX} rounds");
    }

    /// What changes as long as anything travels or is written.
    fn trace(&self) -> [u64; 4] {
        let of = |side: &Side| [side.channel.send.put_count(), side.tracker.sequence()];
        let ([a, b], [c, d]) = (of(self.alice()), of(self.bob()));
        [a, b, c, d]
    }

    /// Panics with the first difference unless both trackers show the same.
    pub fn assert_in_step(&self) {
        let (ours, theirs) = (shown(&self.alice().tracker), shown(&self.bob().tracker));
        for (title, issue) in &ours {
            assert_eq!(Some(issue), theirs.get(title), "{title:?} differs: alice's left, bob's right");
        }
        let only_there: Vec<_> = theirs.keys().filter(|title| !ours.contains_key(*title)).collect();
        assert!(only_there.is_empty(), "only bob has {only_there:?}");
    }
}

/// An issue as far as both sides share it, in words that both know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Type and status.
    pub kind: (String, String),
    /// Fields by name; options by label, people by name, sets in order.
    pub fields: BTreeMap<String, String>,
    /// What public comments say, in order.
    pub comments: Vec<String>,
    /// Public attachments: name and content.
    pub attachments: Vec<(String, Digest)>,
}

/// All issues of a tracker, by title. Panics where two have the same: tests
/// give each its own, so that a double is seen.
pub fn shown(tracker: &Tracker) -> BTreeMap<String, Shown> {
    let mut all = BTreeMap::new();
    for issue in tracker.issues() {
        let title = issue.field("title").map(words).unwrap_or_default();
        let doubled = all.insert(title.clone(), show(tracker, &issue));
        assert!(doubled.is_none(), "two issues are called {title:?}");
    }
    all
}

fn show(tracker: &Tracker, issue: &Issue) -> Shown {
    let public = |visibility: &Visibility| *visibility == Visibility::Public;
    let comments = issue.comments.iter().filter(|comment| public(&comment.visibility));
    let mut comments: Vec<String> = comments.map(|comment| comment.body.source.clone()).collect();
    comments.sort();
    let attachments = issue.attachments.iter().filter(|attachment| public(&attachment.visibility));
    let held = |id| digest::of(&tracker.content(&issue.id, id).unwrap());
    let mut attachments: Vec<_> = attachments.map(|of| (of.name.clone(), held(&of.id))).collect();
    attachments.sort();
    Shown {
        kind: (issue.issue_type.clone(), issue.status.clone()),
        fields: issue.fields.iter().map(|field| (field.name.clone(), words(&field.value))).collect(),
        comments,
        attachments,
    }
}

fn words(value: &Value) -> String {
    fn sorted<T>(items: &[T], word: impl Fn(&T) -> &str) -> String {
        let mut words: Vec<&str> = items.iter().map(word).collect();
        words.sort_unstable();
        words.join(", ")
    }
    match value {
        Value::Absent => String::new(),
        Value::Text(text) | Value::Number(text) | Value::Date(text) | Value::Other(text) => text.clone(),
        Value::RichText(text) => text.source.clone(),
        Value::Boolean(yes) => yes.to_string(),
        Value::DateTime(time) => time.0.clone(),
        Value::DurationSeconds(seconds) => seconds.to_string(),
        Value::Choice(option) => option.label.clone(),
        Value::Choices(options) => sorted(options, |option| &option.label),
        Value::User(user) => user.name.clone(),
        Value::Users(users) => sorted(users, |user| &user.name),
        Value::Labels(labels) => sorted(labels, |label| label),
    }
}
