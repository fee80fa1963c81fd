//! The rules for a pair. Each was a counterexample in an exhaustive search of
//! small worlds while it was missing.
//!
//! *Target* is the agreed view, overlaid by our unsettled change, overlaid by
//! our waiting edits: what our tracker should show.

use std::cmp::Ordering;

use super::merge::{Lost, decide_here, merge, overlay};
use super::print::Print;
use super::record::{Pair, Seen};
use crate::ids::Alias;
use crate::planted::{Bug, planted};
use crate::scope::{Policy, Side};
use crate::shared::{Shared, View};

/// What our tracker shows of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The field.
    pub alias: Alias,
    /// Recognises the raw value.
    pub raw: [u8; 16],
    /// The value in shared terms; none where the mapping has none for it.
    pub shown: Option<Shared>,
    /// Whether a local edit of it may travel.
    pub sends: bool,
}

/// Who we are and how conflicts are decided.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Which end we are.
    pub side: Side,
    /// Who prevails.
    pub policy: Policy,
}

/// The partner's change builds on a version that can't be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the partner's change builds on version {theirs}, and ours is {ours}")]
pub struct OutOfStep {
    /// The version it names.
    pub theirs: u64,
    /// The version here.
    pub ours: u64,
}

impl Rules {
    /// **Pull**: takes what the tracker shows as seen-here. What differs from
    /// what was seen is a local change, unless it is the target. Answers what
    /// lost where something settled had not reached the tracker when a person
    /// edited it.
    pub fn observe(self, pair: &mut Pair, observation: &Observation) -> Option<Lost> {
        let Observation { alias, raw, shown, sends } = observation;
        let before = pair.seen.get(alias);
        if before.is_some_and(|seen| seen.raw == *raw && (!seen.unmapped || shown.is_none())) {
            return None;
        }
        let first = before.is_none();
        let shown_before = before.map_or_else(Print::absent, |seen| seen.shown.clone());
        let target = pair.target(alias).clone();
        let Some(shown) = shown.as_ref().filter(|_| *sends) else {
            // It stands for the target until the target moves: what may not
            // travel is neither sent nor undone.
            let seen = Seen { raw: *raw, shown: Print::of(&target), unmapped: shown.is_none() };
            pair.seen.insert(alias.clone(), seen);
            return None;
        };
        pair.seen.insert(alias.clone(), Seen { raw: *raw, shown: Print::of(shown), unmapped: false });
        if same(shown, &target) {
            pair.parked.remove(alias);
            return None;
        }
        if first && shown.is_empty() {
            // Nobody emptied it: it never had a value here.
            return None;
        }
        if shown_before.is(&target) {
            wait(pair, alias, shown.clone());
            return None;
        }
        if pair.is_parked(alias) {
            pair.parked.remove(alias);
            wait(pair, alias, shown.clone());
            return Some(Lost { alias: alias.clone(), won: shown.clone(), lost: target });
        }
        let base = shown_before.whole().cloned().unwrap_or(Shared::Absent);
        let (value, lost) = decide_here(self.side, &base, shown, &target, self.policy);
        if !same(&value, &target) {
            wait(pair, alias, value.clone());
        }
        lost.map(|lost| Lost { alias: alias.clone(), won: value, lost })
    }

    /// **Change received**: `fields` are those that the configuration puts in
    /// scope. Answers what lost.
    ///
    /// # Errors
    /// The change builds on a version that can't be; nothing changed.
    pub fn receive(self, pair: &mut Pair, base: u64, fields: View) -> Result<Vec<Lost>, OutOfStep> {
        if pair.unsettled.is_some() && base == pair.version + 1 {
            settle(pair);
        }
        if base != pair.version {
            return Err(OutOfStep { theirs: base, ours: pair.version });
        }
        let settling: View = pair.waiting.keys().map(|alias| (alias.clone(), pair.settling(alias).clone())).collect();
        let (effective, mut lost) = match pair.unsettled.take() {
            None => (fields, Vec::new()),
            Some(ours) => {
                let (primary, secondary) = match self.side {
                    Side::Primary => (&ours, &fields),
                    Side::Secondary => (&fields, &ours),
                };
                match planted(Bug::OursForgotten) {
                    true => (fields, Vec::new()),
                    false => merge(&pair.agreed, primary, secondary, self.policy),
                }
            }
        };
        overlay(&mut pair.agreed, effective);
        pair.version += 1;
        if planted(Bug::WaitingForgotten) {
            pair.waiting.clear();
        }
        lost.extend(self.rebase(pair, &settling));
        unpark(pair);
        Ok(lost)
    }

    /// **Reunion** after a restore: from how the pair stood on both sides, each
    /// computes the same. The higher version's view stands, at equal versions
    /// the primary's, on a version above both. Our edits that were never
    /// settled wait again. Answers what lost.
    pub fn reunite(self, pair: &mut Pair, version: u64, agreed: View) -> Vec<Lost> {
        let stands = match pair.version.cmp(&version) {
            Ordering::Greater => !planted(Bug::LowerStands),
            Ordering::Less => planted(Bug::LowerStands),
            Ordering::Equal => self.side == Side::Primary,
        };
        let sent = pair.unsettled.take().unwrap_or_default();
        let mut edits = sent.clone();
        overlay(&mut edits, std::mem::take(&mut pair.waiting));
        if planted(Bug::EditsForgotten) {
            edits.clear();
        }
        // Where the partner settled what we sent, later edits build on that.
        let settled = |alias: &Alias| {
            let theirs = agreed.get(alias).filter(|_| !stands)?;
            sent.get(alias).filter(|ours| same(ours, theirs))
        };
        let base = |alias: &Alias| settled(alias).unwrap_or(pair.agreed_on(alias)).clone();
        let before: View = edits.keys().map(|alias| (alias.clone(), base(alias))).collect();
        pair.waiting = edits;
        pair.version = pair.version.max(version).saturating_add(1);
        let mut lost = Vec::new();
        if !stands {
            let ours = std::mem::replace(&mut pair.agreed, agreed);
            for (alias, lost_value) in ours {
                let won = pair.agreed_on(&alias).clone();
                // What the partner took of ours replaced what was agreed before.
                let taken = sent.get(&alias).is_some_and(|ours| same(ours, &won));
                if !taken && !same(&lost_value, &won) && !lost_value.is_empty() {
                    lost.push(Lost { alias, won, lost: lost_value });
                }
            }
        }
        lost.extend(self.rebase(pair, &before));
        unpark(pair);
        lost
    }

    /// Lays waiting edits on the version that was just settled.
    fn rebase(self, pair: &mut Pair, before: &View) -> Vec<Lost> {
        let mut lost = Vec::new();
        for (alias, ours) in std::mem::take(&mut pair.waiting) {
            let base = before.get(&alias).unwrap_or(&Shared::Absent);
            let now = pair.agreed.get(&alias).unwrap_or(&Shared::Absent);
            if same(now, &ours) {
                continue;
            }
            if same(now, base) || planted(Bug::RebasedBlindly) {
                pair.waiting.insert(alias, ours);
                continue;
            }
            let (value, loser) = decide_here(self.side, base, &ours, now, self.policy);
            lost.extend(loser.map(|loser| Lost { alias: alias.clone(), won: value.clone(), lost: loser }));
            if !same(&value, now) {
                pair.waiting.insert(alias, value);
            }
        }
        lost
    }
}

/// **Outcome received**: settles our change, where it names the version that
/// it leads to; any other outcome is old. Answers whether it did.
pub fn settle_ours(pair: &mut Pair, settled: u64) -> bool {
    let ours = pair.unsettled.is_some() && (settled == pair.version + 1 || planted(Bug::StaleOutcomeSettles));
    if ours {
        settle(pair);
    }
    ours
}

/// Makes waiting edits our unsettled change, where there is none; those that
/// the configuration doesn't let travel wait on. Answers it: it goes into the
/// outbox in the same commit.
pub fn promote(pair: &mut Pair, travels: impl Fn(&Alias) -> bool) -> Option<View> {
    if pair.unsettled.is_some() || !pair.waiting.keys().any(&travels) {
        return None;
    }
    let (change, waiting) = std::mem::take(&mut pair.waiting).into_iter().partition(|(alias, _)| travels(alias));
    let change: View = change;
    pair.waiting = waiting;
    pair.unsettled = Some(change.clone());
    if planted(Bug::AgreedWhenSent) {
        overlay(&mut pair.agreed, change.clone());
    }
    Some(change)
}

fn settle(pair: &mut Pair) {
    if let Some(ours) = pair.unsettled.take() {
        overlay(&mut pair.agreed, ours);
        pair.version += 1;
    }
}

/// A local edit waits, unless it is what is being settled anyway.
fn wait(pair: &mut Pair, alias: &Alias, value: Shared) {
    if same(pair.settling(alias), &value) {
        pair.waiting.remove(alias);
    } else {
        pair.waiting.insert(alias.clone(), value);
    }
}

/// A park ends when the target no longer is the value that it stands for.
fn unpark(pair: &mut Pair) {
    let over: Vec<Alias> = pair
        .parked
        .iter()
        .filter(|(part, parked)| parked.value.as_ref().is_some_and(|value| !value.is(pair.target(part))))
        .map(|(part, _)| part.clone())
        .collect();
    for part in over {
        pair.parked.remove(&part);
    }
}

/// Whether two values are the same; everything empty is.
pub fn same(one: &Shared, other: &Shared) -> bool {
    one == other || one.is_empty() && other.is_empty()
}
