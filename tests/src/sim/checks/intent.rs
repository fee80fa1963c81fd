//! I1: what we send of an issue, and that it is on its way, are one commit.

use std::collections::BTreeMap;

use ferry_core::delivery::OutboxRow;
use ferry_core::ids::PairId;
use ferry_core::message::{Body, Change};
use ferry_core::pair::Pair;
use ferry_core::ports::{Mutation, Wire};
use ferry_core::shared::View;
use ferry_core::tables;

use super::state::{Shadow, puts};
use super::{Check, End, Event};

pub(super) struct AtomicIntent {
    wire: Box<dyn Wire>,
}

impl AtomicIntent {
    pub fn new(wire: Box<dyn Wire>) -> Self {
        Self { wire }
    }
}

impl Check for AtomicIntent {
    fn name(&self) -> &'static str {
        "I1 atomic intent"
    }

    fn event(&mut self, _: End, event: &Event, before: &Shadow) -> Result<(), String> {
        let Event::Commit(mutations) = event else { return Ok(()) };
        let sent = sent(mutations, &*self.wire);
        let pairs: BTreeMap<PairId, Pair> = puts(mutations, &tables::PAIRS).into_iter().collect();
        for (id, pair) in &pairs {
            let Some(unsettled) = &pair.unsettled else { continue };
            if sent.get(id).map(|(_, fields)| fields) == Some(unsettled) {
                continue;
            }
            let was = before.get(&tables::PAIRS, id).and_then(|pair| pair.unsettled);
            if was.as_ref() != Some(unsettled) {
                return Err(format!("pair {id} has a change on its way that no message of the same commit carries"));
            }
        }
        for (id, (base, fields)) in &sent {
            let pair = pairs.get(id);
            // Settled in the same commit, by a change of the partner that met it.
            let known = pair.is_some_and(|pair| pair.version > *base || pair.unsettled.as_ref() == Some(fields));
            if !known {
                return Err(format!("a message about pair {id} leaves that its record knows nothing of"));
            }
        }
        Ok(())
    }
}

/// The changes of fields that a commit appends to the outbox, and the versions
/// that they build on.
fn sent(mutations: &[Mutation], wire: &dyn Wire) -> BTreeMap<PairId, (u64, View)> {
    let mut sent = BTreeMap::new();
    for (_, row) in puts(mutations, &tables::OUTBOX) {
        let OutboxRow::Message(bytes) = row else { continue };
        let change = match wire.decode(&bytes).unwrap().body {
            Body::Issue(issue) => issue.change,
            Body::Change(change) => change,
            _ => continue,
        };
        let Change { pair, base, fields, .. } = change;
        if !fields.is_empty() {
            sent.insert(pair, (base, fields));
        }
    }
    sent
}
