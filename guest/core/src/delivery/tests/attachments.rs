//! Content that travels in pieces.

use crate::delivery::trial::Pair;
use crate::delivery::{arrived, broken, release};
use crate::digest::of;
use crate::limits::CHUNK_BYTES;
use crate::tables;

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

fn over(pair: &Pair) {
    assert_eq!(pair.secondary.draft().scan(&tables::TRANSFERS, None, 9).unwrap(), []);
    pair.settle(1);
    assert!(pair.secondary.blobs.map.borrow().is_empty(), "content is left behind at the receiver");
    assert!(pair.primary.blobs.map.borrow().is_empty(), "content is left behind at the sender");
}

#[test]
fn content_of_any_size_arrives_is_kept_until_released_and_leaves_nothing() {
    let chunk = CHUNK_BYTES as usize;
    for size in [0, 1, chunk - 1, chunk, chunk + 1, 11 * chunk + 5] {
        let pair = Pair::connected();
        let bytes = content(size);
        let (digest, _) = pair.primary.attach(&bytes);
        pair.settle(3);
        let blob = arrived(&pair.secondary.draft(), &digest, size as u64).unwrap().unwrap();
        assert_eq!(pair.secondary.blobs.map.borrow()[&blob], bytes);
        assert!(pair.secondary.heard().is_empty(), "pieces don't go through the inbox");
        assert_eq!(arrived(&pair.secondary.draft(), &digest, size as u64 + 1).unwrap(), None);
        let mut draft = pair.secondary.draft();
        release(&mut draft, &digest, size as u64).unwrap();
        draft.commit().unwrap();
        over(&pair);
    }
}

#[test]
fn content_that_several_attachments_share_is_kept_until_the_last_is_released() {
    let pair = Pair::connected();
    let bytes = content(3_000_000);
    let (digest, _) = pair.primary.attach(&bytes);
    pair.primary.attach(&bytes);
    pair.settle(3);
    let free = || {
        let mut draft = pair.secondary.draft();
        release(&mut draft, &digest, 3_000_000).unwrap();
        draft.commit().unwrap();
    };
    free();
    assert!(arrived(&pair.secondary.draft(), &digest, 3_000_000).unwrap().is_some());
    free();
    over(&pair);
}

#[test]
fn content_that_is_released_before_it_came_is_let_go_when_it_has() {
    let pair = Pair::connected();
    let (digest, _) = pair.primary.attach(&content(2_500_000));
    let mut draft = pair.secondary.draft();
    release(&mut draft, &digest, 2_500_000).unwrap();
    draft.commit().unwrap();
    pair.settle(3);
    over(&pair);
}

#[test]
fn content_without_its_digest_is_thrown_away_and_comes_anew() {
    let pair = Pair::connected();
    let bytes = content(1_500_000);
    let digest = of(&bytes);
    let (_, blob) = pair.primary.attach(&bytes);
    pair.primary.blobs.map.borrow_mut().get_mut(&blob).unwrap()[7] ^= 1;
    pair.settle(3);
    assert_eq!(arrived(&pair.secondary.draft(), &digest, 1_500_000).unwrap(), None);
    assert!(broken(&pair.secondary.draft(), &digest).unwrap().unwrap().contains("digest"));
    let mut draft = pair.secondary.draft();
    release(&mut draft, &digest, 1_500_000).unwrap();
    draft.commit().unwrap();
    over(&pair);
    pair.primary.attach(&bytes);
    pair.settle(3);
    assert!(arrived(&pair.secondary.draft(), &digest, 1_500_000).unwrap().is_some());
}

#[test]
fn content_that_a_crash_left_behind_is_swept_and_no_other() {
    use crate::ports::Blobs;
    let pair = Pair::connected();
    let (digest, _) = pair.primary.attach(&content(2_500_000));
    let orphan = pair.primary.blobs.create().unwrap();
    pair.pass(crate::limits::SWEEP_MS);
    pair.primary.send();
    assert_eq!(pair.primary.blobs.map.borrow().len(), 1);
    assert!(!pair.primary.blobs.map.borrow().contains_key(&orphan));
    pair.settle(2);
    pair.pass(crate::limits::SWEEP_MS);
    pair.settle(1);
    assert!(arrived(&pair.secondary.draft(), &digest, 2_500_000).unwrap().is_some());
}

#[test]
fn a_crash_around_sealing_content_does_no_harm() {
    for happened in [false, true] {
        for at in 0..6 {
            let pair = Pair::connected();
            let (digest, _) = pair.primary.attach(&content(2_500_000));
            pair.primary.send();
            pair.secondary.store.fail.set(Some((at, happened)));
            for _ in 0..4 {
                let _ = pair.secondary.tick();
            }
            pair.settle(2);
            assert!(arrived(&pair.secondary.draft(), &digest, 2_500_000).unwrap().is_some(), "crash at {at}");
        }
    }
}
