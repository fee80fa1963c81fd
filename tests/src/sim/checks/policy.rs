//! I8: conflicts have the winner that the policy names, and sets are merged.

use std::collections::{BTreeMap, BTreeSet};

use ferry_core::ids::IssueId;
use ferry_core::model::{Issue, Value};
use ferry_core::pair::Conflict;
use ferry_core::tables;

use super::super::people::normalised;
use super::state::{Ended, Shadow, puts};
use super::{Check, End, Event};

/// Looks where nothing was put back: a reunion decides by versions.
#[derive(Default)]
pub(super) struct Policy {
    restored: bool,
    /// What lost at the secondary, over nothing that was parked.
    lost: Vec<Conflict>,
}

impl Check for Policy {
    fn name(&self) -> &'static str {
        "I8 convergence"
    }

    fn event(&mut self, end: End, event: &Event, before: &Shadow) -> Result<(), String> {
        match event {
            Event::Restored(_) => self.restored = true,
            Event::Commit(mutations) if end == End::Bob => {
                for (_, conflict) in puts(mutations, &tables::CONFLICTS) {
                    let pair = before.get(&tables::PAIRS, &conflict.pair);
                    if !pair.is_some_and(|pair| pair.parked.contains_key(&conflict.alias)) {
                        self.lost.push(conflict);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        if self.restored || ended.history.tracker_restored {
            return Ok(());
        }
        let written = &ended.history.written;
        let replaced: BTreeSet<&String> = written.iter().map(|it| &it.replaced).collect();
        let primarys: BTreeMap<&String, &IssueId> = (written.iter())
            .filter(|written| written.end == End::Alice && !replaced.contains(&written.value))
            .map(|written| (&written.value, &written.issue))
            .collect();
        for conflict in &self.lost {
            let (won, lost) = (normalised(&conflict.won.to_text()), normalised(&conflict.lost.to_text()));
            if let Some(issue) = primarys.get(&lost).filter(|_| won != lost) {
                return Err(format!("{lost:?}, written at the primary into {issue}, lost at the secondary"));
            }
        }
        End::BOTH.into_iter().try_for_each(|end| labels(ended, end))
    }
}

/// No label comes back that everybody who ever put it on took off again.
fn labels(ended: &Ended<'_>, end: End) -> Result<(), String> {
    for (id, pair) in &ended.pairs[end as usize] {
        let shown = |end: End, issue: &IssueId| ended.side(end).tracker.issue(issue).map(|issue| labels_of(&issue));
        let left = pair.left_here || pair.left_there;
        let Some(here) = pair.issue.as_ref().filter(|_| !left) else { continue };
        let theirs = ended.pair(end.other(), id).and_then(|pair| pair.issue.as_ref());
        for label in shown(end, &here.id).unwrap_or_default() {
            let last = |end: End, issue: &IssueId| ended.history.labelled.get(&(issue.clone(), label.clone(), end));
            let both = [last(end, &here.id), theirs.and_then(|theirs| last(end.other(), &theirs.id))];
            let put = both.into_iter().flatten().any(|there| *there);
            let taken = both.into_iter().flatten().any(|there| !*there);
            if taken && !put {
                return Err(format!("{} of {end:?} shows the label {label}, which was taken off", here.key));
            }
        }
    }
    Ok(())
}

fn labels_of(issue: &Issue) -> Vec<String> {
    match issue.field("labels") {
        Some(Value::Labels(labels)) => labels.clone(),
        _ => Vec::new(),
    }
}
