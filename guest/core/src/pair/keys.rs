//! Ids and effect keys: derived from what is created, never from a message
//! number, so that resends, restores and new epochs double nothing.

use crate::digest;
use crate::ids::{EffectKey, IssueId, ItemId, PairId, SyncId, Timestamp};
use crate::pair::print::print_parts;
use crate::scope::Side;

/// The pair of an issue, the same on both sides.
pub fn pair_id(sync: SyncId, origin: Side, issue: &IssueId, created: &Timestamp) -> PairId {
    PairId(print_parts(&[b"ferry pair", &sync.0, &[tag(origin)], issue.0.as_bytes(), created.0.as_bytes()]))
}

/// Creates a pair's issue at the side that isn't its origin. Only a person's
/// *create anew* raises the generation.
pub fn creation_key(pair: PairId, generation: u32) -> EffectKey {
    key(&[b"ferry issue", &pair.0, &generation.to_be_bytes()])
}

/// Creates the copy of a comment or an attachment.
pub fn item_key(pair: PairId, origin: Side, id: &ItemId, created: &Timestamp, generation: u32) -> EffectKey {
    let generation = generation.to_be_bytes();
    key(&[b"ferry item", &pair.0, &[tag(origin)], id.0.as_bytes(), created.0.as_bytes(), &generation])
}

/// Changes a part of an issue to what the agreed view of that version says.
pub fn change_key(pair: PairId, version: u64, part: &str) -> EffectKey {
    key(&[b"ferry change", &pair.0, &version.to_be_bytes(), part.as_bytes()])
}

fn tag(side: Side) -> u8 {
    match side {
        Side::Primary => b'p',
        Side::Secondary => b's',
    }
}

fn key(parts: &[&[u8]]) -> EffectKey {
    EffectKey(format!("f{}", digest::hex(&print_parts(parts))))
}
