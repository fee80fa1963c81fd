//! I2: a number is taken once. I6: an effect key makes one thing.

use std::collections::BTreeSet;

use ferry_core::delivery::InboxRow;
use ferry_core::ids::{EffectKey, Epoch};
use ferry_core::model::Target;
use ferry_core::store::Table;
use ferry_core::tables;

use super::state::{Ended, Shadow, puts};
use super::{Check, End, Event};

#[derive(Default)]
pub(super) struct AtMostOnce {
    taken: BTreeSet<(End, Epoch, u64)>,
}

impl Check for AtMostOnce {
    fn name(&self) -> &'static str {
        "I2 at most once"
    }

    fn event(&mut self, end: End, event: &Event, before: &Shadow) -> Result<(), String> {
        if matches!(event, Event::Restored(_)) {
            // What was taken since the copy was made may come again.
            self.taken.retain(|(taker, _, _)| *taker != end);
        }
        let Event::Commit(mutations) = event else { return Ok(()) };
        let inbox: [&Table<u64, InboxRow>; 2] = [&tables::INBOX, &tables::NOTICES];
        let numbers: Vec<u64> =
            inbox.into_iter().flat_map(|table| puts(mutations, table)).map(|(number, _)| number).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let incoming = puts(mutations, &tables::INCOMING).pop().map(|(_, incoming)| incoming);
        let Some(incoming) = incoming.or_else(|| before.get(&tables::INCOMING, &())) else {
            return Err("messages were taken into a store that has no stream".to_owned());
        };
        for number in numbers {
            if !self.taken.insert((end, incoming.epoch, number)) {
                return Err(format!("{end:?} took message {number} twice"));
            }
            if !incoming.spans.iter().any(|span| (span.first..=span.last).contains(&number)) {
                return Err(format!("{end:?} took message {number} and does not know that it has it"));
            }
        }
        Ok(())
    }
}

pub(super) struct NoDoubles;

impl Check for NoDoubles {
    fn name(&self) -> &'static str {
        "I6 no doubles"
    }

    /// Before a write its intent is durable, so that it is never made again
    /// without asking whether it happened.
    fn event(&mut self, end: End, event: &Event, before: &Shadow) -> Result<(), String> {
        let Event::Wrote(effects) = event else { return Ok(()) };
        for effect in effects {
            let issue = |key: &EffectKey| before.get(&tables::NAMES, &format!("e{key}"));
            let pair = match &effect.target {
                Target::Nothing => issue(&effect.key),
                Target::MadeBy(key) => issue(key),
                Target::Existing(id) => before.get(&tables::LOCAL, id),
            };
            let intent = pair.and_then(|pair| before.get(&tables::INTENTS, &pair));
            if intent.is_none() {
                return Err(format!("{end:?} writes {:?} without an intent", effect.target));
            }
        }
        Ok(())
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        for end in End::BOTH {
            let mut keys: BTreeSet<EffectKey> = BTreeSet::new();
            for issue in ended.side(end).tracker.issues() {
                let items = issue.comments.iter().map(|comment| &comment.effect);
                let items = items.chain(issue.attachments.iter().map(|attachment| &attachment.effect));
                for key in std::iter::once(&issue.effect).chain(items).flatten() {
                    if !keys.insert(key.clone()) {
                        return Err(format!("{end:?}: {} holds something that is there already", issue.key));
                    }
                }
            }
        }
        Ok(())
    }
}
