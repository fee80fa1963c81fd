//! I13: what is done leaves nothing behind.

use ferry_core::tables;

use super::state::Ended;
use super::{Check, End};

pub(super) struct BoundedCost;

impl Check for BoundedCost {
    fn name(&self) -> &'static str {
        "I13 bounded cost"
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        for end in End::BOTH {
            let store = &ended.stores[end as usize];
            let left = [
                ("outbox", store.all(&tables::OUTBOX).len()),
                ("inbox", store.all(&tables::INBOX).len()),
                ("notices", store.all(&tables::NOTICES).len()),
                ("intents", store.all(&tables::INTENTS).len()),
                ("stale pairs", store.all(&tables::STALE).len()),
                ("disposals", store.all(&tables::DISPOSALS).len()),
                ("blobs to be removed", store.all(&tables::DISCARDS).len()),
                ("transfers", store.all(&tables::TRANSFERS).len()),
                ("keys that were replaced", store.get(&tables::RING, &()).and_then(|ring| ring.ours).iter().count()),
                ("blobs", ended.side(end).blobs.count()),
            ];
            // Content waits as long as what it belongs to is parked.
            let parked = ended.pairs[end as usize].values().any(|pair| !pair.parked.is_empty());
            let counts = |what: &str| !parked || !matches!(what, "transfers" | "blobs");
            if let Some((what, count)) = left.iter().find(|(what, count)| *count > 0 && counts(what)) {
                return Err(format!("{end:?} at rest holds {count} {what}"));
            }
        }
        Ok(())
    }
}
