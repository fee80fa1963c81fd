//! Damaged, half-written and foreign parcels.

use crate::delivery::trial::Pair;
use crate::delivery::{quarantine, quarantined, reopen};
use crate::limits::{GAP_MS, RESEND_MS};
use crate::ports::Channel;
use crate::tables;

/// Alters one byte of everything that lies from the primary to the secondary.
fn flip(pair: &Pair) {
    for (bytes, _) in pair.primary.channel.sends.borrow_mut().files.values_mut() {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }
}

#[test]
fn a_damaged_parcel_is_quarantined_and_its_messages_come_in_smaller_ones() {
    let pair = Pair::connected();
    pair.primary.say(&["one", "two", "three"]);
    pair.primary.send();
    let old = pair.there();
    flip(&pair);
    let report = pair.secondary.receive();
    assert_eq!((report.received, report.refused), (0, 1));
    assert!(pair.secondary.heard().is_empty());
    assert_eq!(pair.secondary.channel.receives.borrow().rejected.len(), 1);
    pair.secondary.send();
    pair.primary.receive();
    let report = pair.primary.send();
    assert_eq!((report.sent, report.parcels), (0, 2), "nothing is numbered anew");
    assert!(old.keys().all(|name| !pair.there().contains_key(name)));
    pair.settle(2);
    assert_eq!(pair.secondary.heard(), ["one", "two", "three"]);
    assert_eq!(pair.secondary.call(quarantined).unwrap(), 0, "what was in it came");
    assert_eq!(pair.secondary.call(|engine| quarantine(engine, None, 9)).unwrap().len(), 1, "it is kept");
    assert_eq!(pair.primary.draft().scan(&tables::OUTBOX, None, 9).unwrap().len(), 0);
}

#[test]
fn the_right_bytes_under_a_quarantined_name_are_taken() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    let good = pair.primary.channel.sends.borrow().files.clone();
    flip(&pair);
    pair.secondary.receive();
    pair.primary.channel.sends.borrow_mut().files = good;
    pair.secondary.receive();
    assert_eq!(pair.secondary.heard(), ["one"]);
    assert_eq!(pair.secondary.call(quarantined).unwrap(), 0);
}

#[test]
fn a_half_written_parcel_is_waited_for() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    let good = pair.primary.channel.sends.borrow().files.clone();
    for (bytes, settled) in pair.primary.channel.sends.borrow_mut().files.values_mut() {
        bytes.truncate(10);
        *settled = false;
    }
    let commits = pair.secondary.store.commits.get();
    let report = pair.secondary.receive();
    assert_eq!((report.parcels, report.refused), (0, 0));
    assert_eq!(pair.secondary.store.commits.get(), commits + 1, "else it is blamed for whatever breaks off later");
    pair.primary.channel.sends.borrow_mut().files = good;
    pair.secondary.receive();
    assert_eq!(pair.secondary.heard(), ["one"]);
}

#[test]
fn a_channel_that_damages_everything_is_not_fed_without_end() {
    let pair = Pair::connected();
    pair.primary.say(&["one", "two"]);
    for _ in 0..50 {
        pair.primary.tick().unwrap();
        flip(&pair);
        pair.secondary.tick().unwrap();
        pair.pass(GAP_MS);
    }
    let puts = pair.primary.channel.sends.borrow().puts;
    assert!(puts < 25, "{puts} parcels in {} s", 50 * GAP_MS / 1000);
    pair.pass(20 * RESEND_MS);
    pair.settle(4);
    assert_eq!(pair.secondary.heard(), ["one", "two"]);
}

#[test]
fn our_own_parcel_that_comes_back_is_refused() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    let bytes = pair.there().into_values().next().unwrap();
    let token = crate::delivery::token::Token::parcels(&pair.primary.state().sync, crate::scope::Side::Secondary);
    pair.secondary.channel.put(None, &token.name(&crate::digest::of(&bytes)), &bytes).unwrap();
    let report = pair.primary.receive();
    assert_eq!((report.received, report.refused), (0, 1));
    assert!(pair.primary.heard().is_empty());
}

#[test]
fn a_refused_parcel_is_looked_at_again_on_request() {
    let pair = Pair::connected();
    pair.primary.say(&["one"]);
    pair.primary.send();
    flip(&pair);
    pair.secondary.receive();
    let (digest, row) = pair.secondary.call(|engine| quarantine(engine, None, 9)).unwrap().pop().unwrap();
    assert!(row.reason.contains("not those that its name tells"), "{}", row.reason);
    assert_eq!(pair.secondary.call(|engine| reopen(engine, &[digest])).unwrap(), 1);
    assert_eq!(pair.secondary.call(quarantined).unwrap(), 0);
    assert_eq!(pair.secondary.receive().refused, 1, "and refused again");
    assert!(pair.secondary.call(|engine| reopen(engine, &[crate::digest::of(b"no")])).is_err());
}
