//! Copies of the partner's items that no record of ours tells of: a restore
//! lost it. They are found again by their keys.

use super::super::super::batch::Batch;
use crate::ids::{EffectKey, ItemId, PairId};
use crate::model::Issue;
use crate::pair::{Copy, ItemKind, ItemName, Wanted};
use crate::planted::{Bug, planted};

/// Finds them in an issue as it is now, by how their keys begin. Who knows of
/// the original gets its copy back; a copy without an original goes, once the
/// partner has told all that it has.
pub(super) fn find(keys: &str, batch: &mut Batch<'_>, id: PairId, issue: &Issue) {
    let Some(pair) = batch.pair(id) else { return };
    let comments = issue.comments.iter().map(|it| (ItemKind::Comment, &it.id, &it.effect));
    let all = comments.chain(issue.attachments.iter().map(|it| (ItemKind::Attachment, &it.id, &it.effect)));
    let is_known = |kind: ItemKind, local: &ItemId| {
        pair.copies.iter().any(|(item, copy)| item.kind == kind && copy.local.as_ref() == Some(local))
    };
    let lost: Vec<(ItemName, EffectKey)> = all
        .filter_map(|(kind, local, effect)| Some((kind, local, effect.as_ref()?)))
        .filter(|(kind, local, key)| key.0.starts_with(keys) && !is_known(*kind, local))
        .map(|(kind, local, key)| (kind.with(local), key.clone()))
        .collect();
    if lost.is_empty() || planted(Bug::CopiesForgotten) {
        return;
    }
    let Some(pair) = batch.pair_mut(id) else { return };
    for (ItemName { kind, id: local }, key) in lost {
        if let Some(copy) = pair.copies.values_mut().find(|copy| copy.key == key && copy.local.is_none()) {
            copy.local = Some(local);
        } else if !pair.items_awaited {
            let name = kind.with(&ItemId(format!("orphan {local}")));
            pair.copies.insert(name, Copy { key, local: Some(local), wanted: Wanted::Gone, again: 0 });
        }
    }
}
