//! A new handshake for a synchronization that is there.

use crate::delivery::trial::{Home, Pair};
use crate::engine::invite::Again;
use crate::fault::Fault;
use crate::state::{Connection, Reunion, Status};
use crate::tables;

fn invite(home: &Home) -> Result<Vec<u8>, Fault> {
    let again = Again { channel_hint: String::new(), passphrase: None, valid_hours: 24 };
    home.call(|engine| engine.invite(&again))
}

fn join(home: &Home, file: &[u8]) -> Result<(), Fault> {
    home.call(|engine| engine.join(file, None)).map(drop)
}

/// Both run until the new handshake is through.
fn assert_goes_on(pair: &Pair) {
    for _ in 0..5 {
        pair.secondary.run();
        pair.primary.run();
    }
    let (ours, theirs) = (pair.primary.state(), pair.secondary.state());
    for state in [&ours, &theirs] {
        assert!(state.connected(), "{}", state.reason);
        // This wire can't read standings; that they were told is seen.
        assert_eq!((state.status, state.reunion), (Status::Stopped, Reunion::Told), "{}", state.reason);
        assert!(!state.compared && state.revoked.is_none());
    }
    assert_eq!(ours.partner.unwrap().fingerprint, theirs.fingerprint);
    assert_eq!(theirs.partner.unwrap().fingerprint, ours.fingerprint);
    pair.primary.say(&["on"]);
    pair.primary.send();
    pair.secondary.receive();
    assert_eq!(pair.secondary.heard(), ["on"]);
}

#[test]
fn revoked_keys_on_either_side_are_followed_by_new_ones() {
    for primary in [true, false] {
        let pair = Pair::connected();
        let revoking = if primary { &pair.primary } else { &pair.secondary };
        revoking.call(|engine| engine.revoke()).unwrap();
        pair.primary.say(&["of yesterday"]);
        for home in [&pair.primary, &pair.secondary, &pair.primary] {
            home.run();
        }
        let before = [pair.primary.state().fingerprint, pair.secondary.state().fingerprint];
        pair.pass(1);
        let file = invite(&pair.primary).unwrap();
        assert_eq!(pair.primary.state().status, Status::Handshake);
        join(&pair.secondary, &file).unwrap();
        assert_goes_on(&pair);
        assert!(!before.contains(&pair.primary.state().fingerprint), "the revoked key is in use");
        assert!(!before.contains(&pair.secondary.state().fingerprint));
    }
}

#[test]
fn a_rival_is_left_behind_by_a_new_file_whoever_was_first() {
    for first in [true, false] {
        let pair = Pair::strangers();
        let (file, rival) = (pair.invitation(), pair.rival());
        for home in if first { [&rival, &pair.secondary] } else { [&pair.secondary, &rival] } {
            join(home, &file).unwrap();
            home.run();
            pair.primary.run();
            home.run();
            pair.primary.run();
        }
        assert_eq!(pair.primary.state().status, Status::Suspended);
        pair.secondary.run();
        let refused = pair.secondary.state().connection == Connection::Refused;
        assert_eq!(refused, first, "{}", pair.secondary.state().reason);
        pair.pass(1);
        let file = invite(&pair.primary).unwrap();
        join(&pair.secondary, &file).unwrap();
        assert_goes_on(&pair);
    }
}

#[test]
fn a_secondary_that_lost_everything_joins_anew() {
    let pair = Pair::connected();
    pair.secondary.store.map.borrow_mut().clear();
    let file = invite(&pair.primary).unwrap();
    join(&pair.secondary, &file).unwrap();
    assert_goes_on(&pair);
}

#[test]
fn a_primary_put_back_to_before_the_handshake_invites_again() {
    let pair = Pair::strangers();
    let file = pair.invitation();
    let backup = pair.primary.store.map.borrow().clone();
    join(&pair.secondary, &file).unwrap();
    pair.settle(4);
    *pair.primary.store.map.borrow_mut() = backup;
    pair.pass(1);
    let file = invite(&pair.primary).unwrap();
    join(&pair.secondary, &file).unwrap();
    assert_goes_on(&pair);
}

#[test]
fn what_is_left_of_the_old_keys_changes_nothing() {
    let pair = Pair::connected();
    pair.secondary.say(&["late"]);
    pair.secondary.send();
    let late = pair.secondary.channel.sends.borrow().files.clone();
    pair.pass(1);
    let file = invite(&pair.primary).unwrap();
    join(&pair.secondary, &file).unwrap();
    for _ in 0..4 {
        pair.secondary.channel.sends.borrow_mut().files.extend(late.clone());
        pair.secondary.run();
        pair.primary.run();
    }
    assert_goes_on(&pair);
    assert!(!pair.primary.heard().contains(&"late".to_owned()));
}

#[test]
fn only_a_new_file_of_the_primary_leads_back() {
    let pair = Pair::strangers();
    let first = pair.invitation();
    join(&pair.secondary, &first).unwrap();
    pair.settle(4);
    let wrong = invite(&pair.secondary).unwrap_err();
    assert!(matches!(&wrong, Fault::NotAllowed(reason) if reason.contains("ask your partner")), "{wrong}");
    pair.pass(1);
    let second = invite(&pair.primary).unwrap();
    assert!(matches!(join(&pair.primary, &second), Err(Fault::NotAllowed(_))));
    assert!(matches!(join(&pair.secondary, &first), Err(Fault::NotAllowed(_))), "the first serves once");
    pair.pass(1);
    let third = invite(&pair.primary).unwrap();
    join(&pair.secondary, &third).unwrap();
    assert!(matches!(join(&pair.secondary, &second), Err(Fault::AlreadyUsed(_))), "it went back");
    assert!(matches!(join(&pair.secondary, &third), Err(Fault::AlreadyUsed(_))));
    assert_goes_on(&pair);
}

#[test]
fn a_file_that_nobody_joined_with_is_followed_by_another() {
    let pair = Pair::connected();
    invite(&pair.primary).unwrap();
    pair.pass(25 * 3_600_000);
    pair.primary.run();
    let state = pair.primary.state();
    assert!(state.reason.contains("ferry sync invite"), "{}", state.reason);
    let file = invite(&pair.primary).unwrap();
    join(&pair.secondary, &file).unwrap();
    assert_goes_on(&pair);
    assert_eq!(pair.primary.draft().scan(&tables::OUTBOX, None, 9).unwrap().len(), 1, "what was just said waits");
}
