//! Loss, repetition, reordering, crashes.

use crate::delivery::trial::Pair;
use crate::limits::{ACKNOWLEDGE_MS, GAP_MS, HEARTBEAT_MS, RESEND_MS, SWEEP_MS};
use crate::tables;

fn outbox(pair: &Pair) -> usize {
    pair.primary.draft().scan(&tables::OUTBOX, None, 1000).unwrap().len()
}

#[test]
fn messages_arrive_in_one_parcel_and_are_forgotten_once_acknowledged() {
    let pair = Pair::connected();
    pair.primary.say(&["one", "two", "three"]);
    let report = pair.primary.send();
    assert_eq!((report.sent, report.parcels), (3, 1));
    assert_eq!(pair.secondary.receive().received, 3);
    assert_eq!(pair.secondary.heard(), ["one", "two", "three"]);
    pair.secondary.send();
    assert_eq!(outbox(&pair), 3);
    pair.primary.receive();
    assert_eq!(outbox(&pair), 0);
    assert!(pair.primary.draft().scan(&tables::PARCELS, None, 9).unwrap().iter().all(|(_, row)| row.first == 0));
}

#[test]
fn silence_follows_once_everything_is_acknowledged() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.secondary.say(&["uno"]);
    pair.settle(3);
    let commits = (pair.primary.store.commits.get(), pair.secondary.store.commits.get());
    pair.settle(5);
    assert!(pair.there().is_empty() && pair.back().is_empty());
    assert_eq!(commits, (pair.primary.store.commits.get(), pair.secondary.store.commits.get()));
}

#[test]
fn a_lost_parcel_is_sent_again_with_the_same_bytes_and_not_before_its_time() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    let bytes = pair.there();
    pair.lose_there();
    pair.pass(RESEND_MS - 1);
    assert_eq!(pair.primary.send().parcels, 0);
    pair.pass(RESEND_MS);
    assert_eq!(pair.primary.send().parcels, 1);
    assert_eq!(pair.there(), bytes);
    pair.lose_there();
    pair.pass(RESEND_MS);
    assert_eq!(pair.primary.send().parcels, 0, "the wait doubles");
    pair.pass(2 * RESEND_MS);
    assert_eq!(pair.primary.send().parcels, 1);
}

#[test]
fn a_parcel_that_still_lies_there_is_not_sent_again() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    let puts = pair.primary.channel.sends.borrow().puts;
    for _ in 0..10 {
        pair.pass(10 * RESEND_MS);
        pair.primary.send();
    }
    assert_eq!(pair.primary.channel.sends.borrow().puts, puts);
}

#[test]
fn a_reported_gap_is_closed_soon_but_not_with_every_tick() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    pair.lose_there();
    pair.primary.say(&["two"]);
    pair.primary.send();
    pair.secondary.receive();
    assert_eq!(pair.secondary.heard(), ["two"]);
    pair.secondary.send();
    pair.primary.receive();
    assert_eq!(pair.primary.send().parcels, 0, "it may only be late");
    pair.pass(GAP_MS);
    assert_eq!(pair.primary.send().parcels, 1);
    pair.lose_there();
    assert_eq!(pair.primary.send().parcels, 0);
    pair.pass(GAP_MS);
    assert_eq!(pair.primary.send().parcels, 0);
    pair.pass(2 * RESEND_MS + RESEND_MS);
    pair.settle(2);
    assert_eq!(pair.secondary.heard(), ["one", "two"]);
    assert_eq!(outbox(&pair), 0);
}

#[test]
fn a_parcel_that_comes_again_changes_nothing_and_is_acknowledged_again() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    let copy = pair.primary.channel.sends.borrow().files.clone();
    pair.secondary.receive();
    pair.secondary.send();
    pair.lose_back();
    pair.primary.channel.sends.borrow_mut().files.extend(copy);
    assert_eq!(pair.secondary.receive().received, 0);
    assert_eq!(pair.secondary.heard(), ["one"]);
    assert_eq!(pair.secondary.send().parcels, 1);
    pair.primary.receive();
    assert_eq!(outbox(&pair), 0);
}

#[test]
fn acknowledgements_are_not_acknowledged() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.settle(2);
    for _ in 0..5 {
        pair.pass(2 * ACKNOWLEDGE_MS);
        pair.settle(1);
    }
    let last = pair.secondary.draft().get(&tables::INCOMING, &()).unwrap().unwrap();
    assert_eq!(last.unanswered, None);
    assert!(pair.there().is_empty() && pair.back().is_empty());
}

#[test]
fn an_acknowledgement_waits_for_company_unless_the_run_ends() {
    use crate::engine::send;
    let pair = Pair::connected();
    pair.secondary.call(|engine| send::step(engine, 9, false)).unwrap();
    pair.primary.say(&["one"]);
    pair.primary.send();
    pair.secondary.receive();
    let early = pair.secondary.call(|engine| send::step(engine, 9, false)).unwrap();
    assert_eq!((early.parcels, early.wake_after_ms), (0, Some(ACKNOWLEDGE_MS)));
    pair.pass(ACKNOWLEDGE_MS);
    assert_eq!(pair.secondary.call(|engine| send::step(engine, 9, false)).unwrap().parcels, 1);
}

#[test]
fn a_heartbeat_leaves_when_nothing_else_does_and_replaces_the_one_before() {
    use crate::engine::send;
    let pair = Pair::connected();
    let beat = || pair.primary.call(|engine| send::step(engine, 9, false)).unwrap().parcels;
    beat();
    assert_eq!(beat(), 0);
    for _ in 0..3 {
        pair.pass(HEARTBEAT_MS);
        assert_eq!(beat(), 1);
        assert_eq!(pair.there().len(), 1, "no heap of old positions");
    }
    assert_eq!(pair.primary.draft().scan(&tables::PARCELS, None, 9).unwrap().len(), 1);
}

#[test]
fn what_a_crash_left_on_the_channel_is_swept() {
    let pair = Pair::connected();
    let name = crate::delivery::token::Token::parcels(&pair.primary.state().sync, crate::scope::Side::Primary)
        .name(&crate::digest::of(b"old"));
    pair.primary.channel.sends.borrow_mut().files.insert(name, (b"old".to_vec(), false));
    pair.pass(SWEEP_MS);
    pair.primary.send();
    assert!(pair.there().is_empty());
}

#[test]
fn a_channel_that_is_away_is_trouble_and_nothing_is_lost() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.channel.away.set(true);
    let report = pair.primary.send();
    assert!(report.trouble.unwrap().passing);
    pair.pass(2 * RESEND_MS);
    assert!(pair.primary.send().wake_after_ms.unwrap() > 0, "nobody tries without a pause");
    assert!(pair.primary.receive().trouble.unwrap().passing);
    pair.primary.channel.away.set(false);
    pair.settle(2);
    assert_eq!(pair.secondary.heard(), ["one"]);
}

#[test]
fn what_can_not_be_cleared_away_is_not_opened_again() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    pair.secondary.channel.stuck.set(true);
    assert!(!pair.secondary.receive().trouble.unwrap().passing);
    assert_eq!(pair.secondary.receive().parcels, 0);
    pair.secondary.channel.stuck.set(false);
    pair.secondary.receive();
    assert!(pair.there().is_empty());
    assert_eq!(pair.secondary.draft().scan(&tables::DISPOSALS, None, 9).unwrap().len(), 0);
}

#[test]
fn a_crash_at_any_commit_loses_and_doubles_nothing() {
    for happened in [false, true] {
        for at in 0..12 {
            let pair = Pair::connected();
            pair.primary.say(&["one", "two"]);
            pair.secondary.say(&["uno"]);
            pair.primary.store.fail.set(Some((at, happened)));
            pair.secondary.store.fail.set(Some((at, happened)));
            for _ in 0..6 {
                let _ = pair.secondary.tick();
                let _ = pair.primary.tick();
            }
            pair.pass(3 * RESEND_MS);
            pair.settle(3);
            assert_eq!(pair.secondary.heard(), ["one", "two"], "crash at {at}");
            assert_eq!(pair.primary.heard(), ["uno"], "crash at {at}");
            assert_eq!(outbox(&pair), 0, "crash at {at}");
        }
    }
}

#[test]
fn much_is_packed_into_few_parcels_and_a_silent_partner_gets_no_more_than_fits_in_flight() {
    let pair = Pair::connected();
    let word = "x".repeat(1 << 20);
    for _ in 0..40 {
        pair.primary.say(&[&word, &word]);
    }
    let first = pair.primary.call(|engine| crate::engine::send::step(engine, 3, true)).unwrap();
    assert_eq!((first.sent, first.parcels, first.work_left), (12, 3, true));
    let rest = pair.primary.send();
    assert!(!rest.work_left);
    let bytes: usize = pair.there().values().map(Vec::len).sum();
    assert!((60 << 20..72 << 20).contains(&bytes), "{bytes} bytes in flight");
    pair.settle(3);
    assert_eq!(pair.secondary.heard().len(), 80);
}
