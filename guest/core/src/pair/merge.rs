//! The three-way merge on the agreed view, computed alike on both sides.

use std::collections::BTreeSet;

use crate::ids::Alias;
use crate::planted::{Bug, planted};
use crate::scope::{Policy, Side};
use crate::shared::{Shared, View};

/// A value that lost against another, for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The field.
    pub alias: Alias,
    /// The value that stands.
    pub won: Shared,
    /// The value that doesn't.
    pub lost: Shared,
}

/// Lays a change over a view.
pub fn overlay(view: &mut View, change: View) {
    view.extend(change);
}

/// What two changes on the same agreed view come to, and what lost.
pub fn merge(agreed: &View, primary: &View, secondary: &View, policy: Policy) -> (View, Vec<Lost>) {
    let mut merged = primary.clone();
    let mut lost = Vec::new();
    for (alias, theirs) in secondary {
        let Some(ours) = primary.get(alias) else {
            merged.insert(alias.clone(), theirs.clone());
            continue;
        };
        let base = agreed.get(alias).unwrap_or(&Shared::Absent);
        let (value, loser) = decide(base, ours, theirs, policy);
        lost.extend(loser.map(|loser| Lost { alias: alias.clone(), won: value.clone(), lost: loser }));
        merged.insert(alias.clone(), value);
    }
    (merged, lost)
}

/// What the primary's and the secondary's value on the same base come to, and
/// the value that lost.
pub fn decide(base: &Shared, primary: &Shared, secondary: &Shared, policy: Policy) -> (Shared, Option<Shared>) {
    if primary == secondary {
        return (primary.clone(), None);
    }
    if let Some(set) = merge_set(base, primary, secondary) {
        return (set, None);
    }
    match policy {
        Policy::PrimaryWins => (primary.clone(), Some(secondary.clone())),
    }
}

/// As `decide`, from the point of view of one side.
pub fn decide_here(
    side: Side,
    base: &Shared,
    ours: &Shared,
    theirs: &Shared,
    policy: Policy,
) -> (Shared, Option<Shared>) {
    match side {
        Side::Secondary if planted(Bug::OursPrevail) => decide(base, ours, theirs, policy),
        Side::Primary => decide(base, ours, theirs, policy),
        Side::Secondary => decide(base, theirs, ours, policy),
    }
}

/// Two changes of one set: the additions and the removals of both. None where
/// it isn't a set.
pub fn merge_set(base: &Shared, one: &Shared, other: &Shared) -> Option<Shared> {
    fn both<T: Ord + Clone>(base: &BTreeSet<T>, one: &BTreeSet<T>, other: &BTreeSet<T>) -> BTreeSet<T> {
        let kept =
            base.iter().filter(|item| one.contains(item) && other.contains(item) || planted(Bug::RemovalsForgotten));
        let added = one.iter().chain(other).filter(|item| !base.contains(item));
        kept.chain(added).cloned().collect()
    }
    macro_rules! sets {
        ($($kind:ident),*) => {
            match (one, other) {
                $((Shared::$kind(_) | Shared::Absent, Shared::$kind(_)) | (Shared::$kind(_), Shared::Absent) => {
                    let empty = BTreeSet::new();
                    let of = |value| match value { &Shared::$kind(ref set) => set, _ => &empty };
                    Some(Shared::$kind(both(of(base), of(one), of(other))))
                })*
                _ => None,
            }
        };
    }
    sets!(Options, People, Labels)
}
