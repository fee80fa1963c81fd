//! Ids and effect keys: derived from what is created, never from a message
//! number, so that resends, restores and new epochs double nothing.

use crate::digest;
use crate::ids::{EffectKey, IssueId, PairId, SyncId, Timestamp};
use crate::pair::items::ItemName;
use crate::pair::print::print_parts;
use crate::scope::Side;

/// The pair of an issue, the same on both sides.
pub fn pair_id(sync: SyncId, origin: Side, issue: &IssueId, created: &Timestamp) -> PairId {
    PairId(print_parts(&[b"ferry pair", &sync.0, &[tag(origin)], issue.0.as_bytes(), created.0.as_bytes()]))
}

/// Creates a pair's issue at the side that isn't its origin. Only a person's
/// *create anew* raises the generation. It begins alike for all issues that
/// came from there, so that a copy is recognised by who lost its record.
pub fn creation_key(sync: SyncId, origin: Side, pair: PairId, generation: u32) -> EffectKey {
    led(b"ferry issues", &sync.0, origin, &[b"ferry issue", &pair.0, &generation.to_be_bytes()])
}

/// Whether a key is of the copy of an issue that came from that side.
pub fn is_issue_of(sync: SyncId, origin: Side, key: &EffectKey) -> bool {
    key.0.starts_with(&lead(b"ferry issues", &sync.0, origin))
}

/// Creates the copy of a comment or an attachment. It begins alike for all of
/// one side's in a pair, so that a copy is recognised by who lost its record.
/// What is made anew since it was told of `again` has another key each time.
pub fn item_key(
    pair: PairId,
    origin: Side,
    item: &ItemName,
    created: &Timestamp,
    generation: u32,
    again: u32,
) -> EffectKey {
    let (side, kind, id) = ([tag(origin)], item.kind.word().as_bytes(), item.id.0.as_bytes());
    let (generation, created, again) = (generation.to_be_bytes(), created.0.as_bytes(), again.to_be_bytes());
    let mut parts: Vec<&[u8]> = vec![b"ferry item", &pair.0, &side, kind, id, created, &generation];
    if again != [0; 4] {
        parts.push(&again);
    }
    led(b"ferry items", &pair.0, origin, &parts)
}

/// How the keys begin of all copies of what hangs on a pair's issue at that
/// side.
pub fn item_keys(pair: PairId, origin: Side) -> String {
    lead(b"ferry items", &pair.0, origin)
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

/// A key that begins as all of its kind.
fn led(kind: &[u8], of: &[u8], origin: Side, parts: &[&[u8]]) -> EffectKey {
    let own = print_parts(parts);
    EffectKey(format!("{}{}", lead(kind, of, origin), digest::hex(own.get(..12).unwrap_or_default())))
}

fn lead(kind: &[u8], of: &[u8], origin: Side) -> String {
    let print = print_parts(&[kind, of, &[tag(origin)]]);
    format!("f{}", digest::hex(print.get(..4).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ItemId;
    use crate::pair::items::ItemKind;

    #[test]
    fn the_key_of_a_copy_stays_as_trackers_hold_it_until_it_is_made_anew() {
        let pair = PairId(std::array::from_fn(|place| u8::try_from(place).unwrap_or(0)));
        let item = ItemKind::Attachment.with(&ItemId::from("9"));
        let key = |again| item_key(pair, Side::Secondary, &item, &Timestamp::from("2026-03-01T09:00:00Z"), 0, again);
        assert_eq!(key(0).0, "ff415eee8d5e6d1b2bcf36bb898ce3bca");
        assert_eq!(key(1).0, "ff415eee8ce2c7d08b29695eae8537fd5");
        assert!(key(2) != key(1) && key(2).0.starts_with(&item_keys(pair, Side::Secondary)));
    }
}
