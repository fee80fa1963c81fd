//! Effects by the issue that they happen to.

use std::collections::BTreeMap;

use ferry_adapter::model::{Content, Effect, Fault, Target};
use ferry_adapter::outside::Outside;

use super::Outcome;
use crate::session::Session;

/// The effects on one issue.
#[derive(Clone)]
pub(super) struct Group {
    pub number: u64,
    /// The key of the effect that makes it; none where it is there.
    pub made_by: Option<String>,
    pub effects: Vec<usize>,
}

impl<O: Outside> Session<'_, O> {
    /// Effects by the issue that they happen to.
    pub(super) fn groups(&self, effects: &[Effect], outcomes: &mut [Option<Outcome>]) -> Result<Vec<Group>, Fault> {
        let keys: Vec<&str> = effects.iter().map(maker).collect();
        let made = self.index.by_effects(&keys)?;
        let mut groups: Vec<Group> = Vec::new();
        let mut by_number: BTreeMap<u64, usize> = BTreeMap::new();
        let mut by_effect: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, (effect, made)) in effects.iter().zip(made).enumerate() {
            let number = match &effect.target {
                Target::Existing(id) => id.parse().ok(),
                // What it made may be gone since: the folder was put back.
                _ => match made {
                    Some(made) if self.index.row(made)?.is_some() => Some(made),
                    _ => None,
                },
            };
            let creates = matches!(effect.content, Content::Create(_));
            let place = match (number, by_effect.get(maker(effect))) {
                (_, Some(place)) => *place,
                (Some(number), None) => *by_number.entry(number).or_insert_with(|| {
                    groups.push(Group { number, made_by: None, effects: Vec::new() });
                    groups.len() - 1
                }),
                (None, None) if creates => {
                    let number = self.take_number();
                    groups.push(Group { number, made_by: Some(effect.key.clone()), effects: Vec::new() });
                    by_effect.insert(&effect.key, groups.len() - 1);
                    groups.len() - 1
                }
                (None, None) => {
                    answer(outcomes, at, Err(Fault::NotFound));
                    continue;
                }
            };
            if let Some(group) = groups.get_mut(place) {
                group.effects.push(at);
            }
        }
        let numbers: Vec<u64> = groups.iter().filter(|group| group.made_by.is_none()).map(|g| g.number).collect();
        self.index.load(&numbers)?;
        let mut there = Vec::new();
        for group in groups {
            let fault = match &group.made_by {
                Some(_) => None,
                None => match self.index.row(group.number)? {
                    None => Some(Fault::NotFound),
                    // Another issue's file took its place: it may come back.
                    Some(row) if row.name.is_empty() => Some(Fault::RetryLater(Some(1))),
                    Some(_) => None,
                },
            };
            match fault {
                Some(fault) => group.effects.iter().for_each(|at| answer(outcomes, *at, Err(fault.clone()))),
                None => there.push(group),
            }
        }
        Ok(there)
    }

    pub(super) fn take_number(&self) -> u64 {
        let mut meta = self.meta.borrow_mut();
        let number = meta.next;
        meta.next = number.saturating_add(1);
        number
    }

    pub(super) fn names(&self, groups: &[Group]) -> Result<Vec<String>, Fault> {
        let there = groups.iter().filter(|group| group.made_by.is_none());
        there.map(|group| Ok(self.index.row(group.number)?.map(|row| row.name).unwrap_or_default())).collect()
    }
}

/// The key of the effect that makes the issue which an effect is about.
fn maker(effect: &Effect) -> &str {
    match &effect.target {
        Target::MadeBy(key) => key,
        _ => &effect.key,
    }
}

/// Answers an effect.
pub(super) fn answer(outcomes: &mut [Option<Outcome>], at: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(at) {
        *slot = Some(outcome);
    }
}
