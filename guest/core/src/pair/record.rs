//! The record of a pair, and what hangs on it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::held::{Counted, Held};
use super::items::{Copy, ItemName, Ours, Wanted};
use super::origin::{EARLIER, Past};
use super::print::{Print, print_parts};
use crate::ids::{Alias, Cursor, EffectKey, IssueId, IssueKey, PairId, Revision};
use crate::message::Reference;
use crate::scope::Side;
use crate::shared::{Shared, View};
use crate::time::Time;

/// A local issue and its counterpart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The side that the issue came from.
    pub origin: Side,
    /// The issue here, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<LocalIssue>,
    /// The issue at the partner, once we know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<Reference>,
    /// The version of the agreed view; 0 before first contact is settled.
    pub version: u64,
    /// What both sides last settled.
    pub agreed: View,
    /// Our change on that version, on its way: at most one at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsettled: Option<View>,
    /// Local edits made meanwhile.
    #[serde(default, skip_serializing_if = "View::is_empty")]
    pub waiting: View,
    /// What our tracker held at the last pull or write.
    pub seen: BTreeMap<Alias, Seen>,
    /// What could not be applied, by field or by item.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parked: BTreeMap<Alias, ParkedValue>,
    /// The parts that the partner said are parked there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked_there: Vec<Alias>,
    /// Our comments and attachments that the partner was told of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ours: BTreeMap<ItemName, Ours>,
    /// The partner's, by its ids of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<ItemName, Copy>,
    /// Our tracker doesn't show the issue now: nothing is written to it until
    /// it does.
    #[serde(default)]
    pub unseen: bool,
    /// A sweep of our tracker didn't find the issue, and nothing said that it
    /// left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
    /// The issue left our tracker or our scope.
    #[serde(default)]
    pub left_here: bool,
    /// The issue left the partner's tracker or scope.
    #[serde(default)]
    pub left_there: bool,
    /// Raised by a person's *create anew* alone.
    #[serde(default)]
    pub generation: u32,
    /// The version of the configuration under which it was last looked at.
    pub configuration: u32,
    /// The number of our last message about it.
    pub last_sent: u64,
    /// After a restore: the partner is to be told of all our comments and
    /// attachments.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub items_due: bool,
    /// After a restore: we are to hear of all the partner's, and until then
    /// don't know which of those here are copies of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub items_awaited: bool,
    /// The partner's items that were let go of while the issue was away, or that
    /// our tracker lost: it is asked for them again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub missed: BTreeSet<ItemName>,
    /// What is held back until a person says that it may go on.
    #[serde(default, skip_serializing_if = "Held::is_nothing")]
    pub held: Held,
    /// When it was last counted as changed.
    #[serde(default, skip_serializing_if = "Counted::is_never")]
    pub counted: Counted,
    /// The counter of the epoch in which both sides last compared it; 0 where
    /// they never had to.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reunited: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The issue of a pair in our tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalIssue {
    /// The tracker's id of it.
    pub id: IssueId,
    /// What people call it.
    pub key: IssueKey,
    /// Where people look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The state that seen-here is of.
    pub revision: Revision,
    /// The fields that our write set, where one led to that state: what the
    /// tracker made of them is its rendering, anything else is an edit.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub wrote: BTreeSet<Alias>,
    /// What its tracker said of its times.
    #[serde(default, skip_serializing_if = "is_default")]
    pub past: Past,
}

fn is_default(past: &Past) -> bool {
    *past == Past::default()
}

/// What our tracker held in one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Recognises the raw value. Only what differs from it is a local change.
    #[serde(with = "serde_bytes")]
    pub raw: [u8; 16],
    /// The shared value that the raw one stands for: what it was mapped from
    /// or to, which a default or a changed table may make another.
    pub shown: Print,
    /// The mapping had no shared value for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmapped: bool,
}

/// A part that was not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedValue {
    /// The value it stands for; none for items and whole issues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Print>,
    /// A person said to leave it.
    #[serde(default)]
    pub skipped: bool,
}

/// The write that is being made to a pair's issue. Everything else about it
/// can be computed again from the pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Since when.
    pub since: Time,
    /// The revision it was to be made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Revision>,
    /// When it was last looked for with a search that lags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<Time>,
    /// How much time the search has had, in milliseconds.
    #[serde(default)]
    pub waited_ms: u64,
}

/// Something that waits for a person, here or at the partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Of which pair; none for an issue that never became one.
    pub pair: Option<PairId>,
    /// The issue's key, for people.
    pub issue: String,
    /// The field's alias, `comment:ID`, `attachment:ID` or `issue`.
    pub part: Alias,
    /// The kind of fault, a word.
    pub kind: String,
    /// Why and what to do, for people.
    pub reason: String,
    /// Since when.
    pub since: Time,
    /// Whether it is at the partner.
    pub partner: bool,
}

/// Where the scan of our tracker stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// The adapter's cursor; none for a scan from the start.
    pub cursor: Option<Cursor>,
    /// The version and revision of the configuration that it goes by: another
    /// one looks at every issue anew.
    #[serde(default)]
    pub configuration: (u32, u64),
    /// Whether a scan from the start is still going on.
    pub initial: bool,
    /// How many issues it has seen.
    pub done: u64,
    /// Issues that can't be understood now.
    #[serde(default)]
    pub unreadable: BTreeMap<IssueId, String>,
    /// Copies of the partner's issues that no record of ours tells of, by the
    /// keys that made them: they wait until the partner tells of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub strays: BTreeMap<EffectKey, LocalIssue>,
    /// After a restore: what isn't seen in this scan is gone.
    #[serde(default)]
    pub reunited: bool,
    /// Which tracker it was, to notice another one.
    #[serde(default)]
    pub instance: Option<String>,
    /// Where the sweep stands that looks for what no change told of.
    #[serde(default, skip_serializing_if = "is_first")]
    pub sweep: Sweep,
    /// Our tracker was put back: before both sides compare what they know, it
    /// is asked what it still has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub put_back: bool,
}

fn is_first(sweep: &Sweep) -> bool {
    *sweep == Sweep::default()
}

/// A slow look at everything, page by page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// When the next page is due; none before the first sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// Pairs after this one, where it looks at pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<PairId>,
    /// Issues after this one, where it looks for some without a pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueId>,
    /// Whether all pairs were looked at.
    #[serde(default)]
    pub issues: bool,
    /// Whether something was missing: it is looked for again sooner.
    #[serde(default)]
    pub missing: bool,
}

/// What was counted, ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Conflicts that were settled.
    pub conflicts: u64,
}

/// Names a parked part in the store and for people.
pub fn parked_id(pair: Option<PairId>, issue: &str, part: &Alias, partner: bool) -> String {
    let pair = pair.map_or([0; 16], |pair| pair.0);
    let owner = if pair == [0; 16] { issue } else { "" };
    let print = print_parts(&[&pair, owner.as_bytes(), part.0.as_bytes(), &[u8::from(partner)]]);
    crate::digest::hex(print.get(..5).unwrap_or_default())
}

impl Pair {
    /// A pair that nobody has settled yet.
    pub fn new(origin: Side, configuration: u32) -> Self {
        Self {
            origin,
            issue: None,
            partner: None,
            version: 0,
            agreed: View::new(),
            unsettled: None,
            waiting: View::new(),
            seen: BTreeMap::new(),
            parked: BTreeMap::new(),
            parked_there: Vec::new(),
            ours: BTreeMap::new(),
            copies: BTreeMap::new(),
            unseen: false,
            missing: false,
            left_here: false,
            left_there: false,
            generation: 0,
            configuration,
            last_sent: 0,
            items_due: false,
            missed: BTreeSet::new(),
            items_awaited: false,
            held: Held::default(),
            counted: Counted::default(),
            reunited: 0,
        }
    }

    /// What our tracker should show of a field: the agreed view, overlaid by
    /// our unsettled change, overlaid by waiting edits.
    pub fn target(&self, alias: &Alias) -> &Shared {
        self.waiting.get(alias).unwrap_or_else(|| self.settling(alias))
    }

    /// What the field will be once our unsettled change is settled.
    pub fn settling(&self, alias: &Alias) -> &Shared {
        let unsettled = self.unsettled.as_ref().and_then(|change| change.get(alias));
        unsettled.unwrap_or_else(|| self.agreed_on(alias))
    }

    /// What both sides last settled.
    pub fn agreed_on(&self, alias: &Alias) -> &Shared {
        self.agreed.get(alias).unwrap_or(&Shared::Absent)
    }

    /// The fields of which a target is known, and those that our tracker shows
    /// and that have none: they are to be empty.
    pub fn targets(&self) -> impl Iterator<Item = &Alias> {
        let mut aliases: Vec<&Alias> = self.agreed.keys().chain(self.waiting.keys()).chain(self.seen.keys()).collect();
        aliases.extend(self.unsettled.iter().flatten().map(|(alias, _)| alias));
        aliases.sort_unstable();
        aliases.dedup();
        aliases.into_iter()
    }

    /// Whether our tracker shows the field's target, as far as we know.
    pub fn shows_target(&self, alias: &Alias) -> bool {
        let target = self.target(alias);
        self.seen.get(alias).map_or_else(|| target.is_empty(), |seen| seen.shown.is(target))
    }

    /// Whether a part is parked with the value that it should show.
    pub fn is_parked(&self, part: &Alias) -> bool {
        self.parked
            .get(part)
            .is_some_and(|parked| parked.value.as_ref().is_none_or(|value| value.is(self.target(part))))
    }

    /// The fields that are to be written to our tracker.
    pub fn due_fields(&self) -> impl Iterator<Item = &Alias> {
        self.targets().filter(|alias| !self.shows_target(alias) && !self.is_parked(alias))
    }

    /// The partner's items that are to be written to our tracker.
    pub fn due_items(&self) -> impl Iterator<Item = (&ItemName, &Copy)> {
        self.copies.iter().filter(|(item, copy)| copy.wanted != Wanted::Done && !self.parked.contains_key(&item.part()))
    }

    /// Whether something is to be written to our tracker.
    pub fn is_due(&self) -> bool {
        if self.left_here || self.unseen || self.is_held() || self.held.writes {
            return false;
        }
        let creation = self.issue.is_none() && !self.left_there;
        creation || self.issue.is_some() && (self.due_fields().next().is_some() || self.due_items().next().is_some())
    }

    /// Whether something is to be written that alters or removes what is there.
    pub fn alters(&self) -> bool {
        let is_there = |(_, copy): (&ItemName, &Copy)| copy.local.is_some();
        self.is_due() && self.issue.is_some() && (self.due_fields().next().is_some() || self.due_items().any(is_there))
    }

    /// Whether nothing at all is written to the issue.
    fn is_held(&self) -> bool {
        [ISSUE, EARLIER].iter().any(|part| self.parked.contains_key(&Alias::from(*part)))
    }

    /// Whether a person said to leave the issue as it is.
    pub fn is_skipped(&self) -> bool {
        self.parked.get(&Alias::from(ISSUE)).is_some_and(|parked| parked.skipped)
    }

    /// What people call the issue: our key, or the partner's.
    pub fn name(&self) -> String {
        let ours = self.issue.as_ref().map(|issue| issue.key.0.clone());
        ours.or_else(|| self.partner.as_ref().map(|partner| partner.key.clone())).unwrap_or_default()
    }
}

/// The part that stands for all of an issue.
pub const ISSUE: &str = "issue";
