//! Copies of the partner's items that no record of ours tells of: a restore
//! lost it. They are found again by their keys.

use super::super::super::batch::Batch;
use crate::ids::{EffectKey, ItemId, PairId};
use crate::model::Issue;
use crate::pair::{Copy, Wanted};
use crate::planted::{Bug, planted};

/// Finds them in an issue as it is now, by how their keys begin. Who knows of
/// the original gets its copy back; a copy without an original goes, once the
/// partner has told all that it has.
pub(super) fn find(keys: &str, batch: &mut Batch<'_>, id: PairId, issue: &Issue) {
    let Some(pair) = batch.pair(id) else { return };
    let comments = issue.comments.iter().map(|it| (&it.id, &it.effect, false));
    let all = comments.chain(issue.attachments.iter().map(|it| (&it.id, &it.effect, true)));
    let lost: Vec<(ItemId, EffectKey, bool)> = all
        .filter_map(|(local, effect, attachment)| Some((local, effect.as_ref()?, attachment)))
        .filter(|(_, key, _)| key.0.starts_with(keys))
        .filter(|(local, ..)| !pair.copies.values().any(|copy| copy.local.as_ref() == Some(*local)))
        .map(|(local, key, attachment)| (local.clone(), key.clone(), attachment))
        .collect();
    if lost.is_empty() || planted(Bug::CopiesForgotten) {
        return;
    }
    let Some(pair) = batch.pair_mut(id) else { return };
    for (local, key, attachment) in lost {
        if let Some(copy) = pair.copies.values_mut().find(|copy| copy.key == key && copy.local.is_none()) {
            copy.local = Some(local);
        } else if !pair.items_awaited {
            let orphan = Copy { key, attachment, local: Some(local.clone()), wanted: Wanted::Gone };
            pair.copies.insert(ItemId(format!("orphan {local}")), orphan);
        }
    }
}
