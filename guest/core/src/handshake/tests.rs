//! The handshake on trial: loss, repetition, rivals, expiry.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::delivery::trial::{Pair, wanted};
use crate::engine::invite::Again;
use crate::engine::setup::Wanted;
use crate::fault::Fault;
use crate::handshake::{Keys, Passphrase, Secret, Seed};
use crate::ids::Fingerprint;
use crate::keys::{Ring, Spare};
use crate::limits::{RESEND_MS, RESEND_MS_MAX};
use crate::ports::{Entry, Mutation, Sealing};
use crate::state::{Certificate, Connection, Status};
use crate::tables;

const DAY: u64 = 86_400_000;

fn joined() -> Pair {
    let pair = Pair::strangers();
    let file = pair.invitation();
    pair.secondary.call(|engine| engine.join(&file, None)).unwrap();
    pair
}

#[test]
fn hello_ping_and_pong_connect_the_two_and_leave_nothing_behind() {
    let pair = joined();
    assert_eq!(pair.primary.state().connection, Connection::Waiting);
    pair.secondary.tick().unwrap();
    assert_eq!(pair.secondary.state().connection, Connection::HelloSent);
    pair.primary.tick().unwrap();
    assert_eq!(pair.primary.state().connection, Connection::PingSent);
    pair.secondary.tick().unwrap();
    pair.primary.tick().unwrap();
    for side in [&pair.primary, &pair.secondary] {
        let state = side.state();
        assert_eq!((state.connection, state.status), (Connection::Passed, Status::Stopped));
        assert!(state.reason.contains("compare the phrase"), "{}", state.reason);
    }
    pair.settle(3);
    assert!(pair.there().is_empty() && pair.back().is_empty());
    assert_eq!(pair.primary.state().partner.unwrap().fingerprint, pair.secondary.state().fingerprint);
}

#[test]
fn a_lost_hello_ping_or_pong_heals() {
    for lost in 0..3 {
        let pair = joined();
        for step in 0..3 {
            if step % 2 == 0 {
                pair.secondary.tick().unwrap()
            } else {
                pair.primary.tick().unwrap()
            };
            if step == lost {
                pair.lose_there();
                pair.lose_back();
            }
        }
        assert!(!pair.primary.state().connected(), "{lost}");
        pair.pass(2 * RESEND_MS);
        pair.settle(3);
        assert!(pair.primary.state().connected() && pair.secondary.state().connected(), "{lost}");
    }
}

#[test]
fn a_crash_at_any_commit_of_the_handshake_heals() {
    for happened in [false, true] {
        for at in 0..8 {
            let pair = joined();
            pair.primary.store.fail.set(Some((at, happened)));
            pair.secondary.store.fail.set(Some((at, happened)));
            for _ in 0..5 {
                let _ = pair.secondary.tick();
                let _ = pair.primary.tick();
            }
            pair.pass(3 * RESEND_MS);
            pair.settle(3);
            assert!(pair.primary.state().connected() && pair.secondary.state().connected(), "crash at {at}");
        }
    }
}

#[test]
fn the_same_hello_again_is_answered_with_the_same_ping_in_any_status() {
    let pair = joined();
    pair.secondary.tick().unwrap();
    let hello = pair.secondary.channel.sends.borrow().files.clone();
    pair.settle(3);
    let partner = pair.primary.state().partner;
    pair.secondary.channel.sends.borrow_mut().files.extend(hello);
    pair.primary.tick().unwrap();
    assert_eq!(pair.there().len(), 1);
    pair.secondary.tick().unwrap();
    assert_eq!(pair.back().len(), 1, "the ping is answered again");
    pair.settle(3);
    assert!(pair.primary.state().connected());
    assert_eq!(pair.primary.state().partner.map(|p| p.fingerprint), partner.map(|p| p.fingerprint));
    assert!(pair.there().is_empty() && pair.back().is_empty());
}

#[test]
fn a_rival_is_refused_and_suspends_the_primary() {
    let pair = Pair::strangers();
    let file = pair.invitation();
    pair.secondary.call(|engine| engine.join(&file, None)).unwrap();
    pair.settle(3);
    let rival = pair.rival();
    rival.call(|engine| engine.join(&file, None)).unwrap();
    rival.tick().unwrap();
    pair.primary.tick().unwrap();
    let state = pair.primary.state();
    assert_eq!(state.status, Status::Suspended);
    assert!(state.reason.contains("compare the phrase"), "{}", state.reason);
    assert_eq!(state.partner.unwrap().fingerprint, pair.secondary.state().fingerprint, "the first stays");
    pair.primary.tick().unwrap();
    pair.secondary.tick().unwrap();
    rival.tick().unwrap();
    assert_eq!(rival.state().connection, Connection::Refused);
    assert!(rival.state().reason.contains("somebody else"), "{}", rival.state().reason);
    assert_eq!(pair.secondary.state().connection, Connection::Passed, "not meant for the partner");
}

#[test]
fn where_the_phrase_is_the_same_a_suspended_primary_goes_on() {
    // The rival comes after the connection test, or in the middle of it.
    for passed in [true, false] {
        let pair = Pair::strangers();
        let file = pair.invitation();
        pair.secondary.call(|engine| engine.join(&file, None)).unwrap();
        pair.secondary.tick().unwrap();
        pair.primary.tick().unwrap();
        if passed {
            pair.settle(3);
        }
        let rival = pair.rival();
        rival.call(|engine| engine.join(&file, None)).unwrap();
        rival.tick().unwrap();
        pair.primary.tick().unwrap();
        assert_eq!(pair.primary.state().status, Status::Suspended);
        assert!(matches!(pair.primary.call(|engine| engine.start()), Err(Fault::NotAllowed(_))));
        pair.primary.call(|engine| engine.compared()).unwrap();
        let stands = if passed { Status::Stopped } else { Status::Handshake };
        assert_eq!(pair.primary.state().status, stands, "nothing was agreed yet, and can be now");
        pair.pass(2 * RESEND_MS);
        pair.settle(4);
        let state = pair.primary.state();
        assert!(state.connected() && state.status == Status::Stopped, "{passed}: {}", state.reason);
        assert_eq!(state.partner.unwrap().fingerprint, pair.secondary.state().fingerprint);
    }
}

#[test]
fn who_comes_too_late_is_told_so() {
    let pair = joined();
    pair.secondary.tick().unwrap();
    pair.pass(8 * DAY);
    pair.primary.tick().unwrap();
    assert!(pair.primary.state().reason.contains("expired"), "{}", pair.primary.state().reason);
    pair.primary.tick().unwrap();
    pair.secondary.tick().unwrap();
    assert_eq!(pair.secondary.state().connection, Connection::Refused);
    assert!(pair.secondary.state().reason.contains("expired"));
    assert!(pair.primary.state().partner.is_none());
}

#[test]
fn an_expired_file_can_not_be_joined_and_says_since_when() {
    let pair = Pair::strangers();
    let file = pair.invitation();
    pair.pass(8 * DAY);
    assert!(pair.secondary.call(|engine| engine.inspect(&file, None)).unwrap().expired);
    let fault = pair.secondary.call(|engine| engine.join(&file, None)).unwrap_err();
    assert!(matches!(&fault, Fault::Expired(reason) if reason.contains("1970-01-19")), "{fault:?}");
}

#[test]
fn a_hello_without_the_invitation_is_ignored() {
    let pair = joined();
    let other = Pair::strangers();
    other.primary.call(|_| Ok(())).unwrap();
    let file = other.invitation();
    let stranger = pair.rival();
    stranger.call(|engine| engine.join(&file, None)).unwrap();
    stranger.tick().unwrap();
    let bytes = pair.back().into_values().next().unwrap();
    pair.lose_back();
    let token = crate::delivery::token::Token::hello(&pair.primary.state().sync);
    let name = token.name(&crate::digest::of(&bytes));
    pair.secondary.channel.sends.borrow_mut().files.insert(name, (bytes, true));
    pair.primary.tick().unwrap();
    assert_eq!(pair.primary.state().connection, Connection::Waiting);
    assert_eq!(pair.primary.channel.receives.borrow().rejected.len(), 1);
    assert!(pair.there().is_empty(), "a stranger is told nothing");
}

#[test]
fn waiting_for_an_answer_costs_little_and_never_ends() {
    let pair = joined();
    for _ in 0..6 {
        pair.secondary.tick().unwrap();
        pair.lose_back();
        pair.pass(RESEND_MS_MAX);
    }
    assert_eq!(pair.secondary.channel.sends.borrow().puts, 6);
    pair.settle(4);
    assert!(pair.secondary.state().connected());
}

#[test]
fn nothing_can_be_created_or_joined_twice() {
    let pair = Pair::strangers();
    let file = pair.invitation();
    let again = pair.primary.call(|engine| engine.create(&wanted())).unwrap_err();
    assert!(matches!(again, Fault::NotAllowed(_)));
    let own = pair.primary.call(|engine| engine.join(&file, None)).unwrap_err();
    assert!(matches!(&own, Fault::NotAllowed(reason) if reason.contains("made here")), "{own:?}");
    pair.secondary.call(|engine| engine.join(&file, None)).unwrap();
    let twice = pair.secondary.call(|engine| engine.join(&file, None)).unwrap_err();
    assert!(matches!(&twice, Fault::NotAllowed(reason) if reason.contains("already")), "{twice:?}");
}

#[test]
fn an_altered_file_and_wrong_wishes_are_refused_with_what_is_wrong() {
    let pair = Pair::strangers();
    let wrong = Wanted { name: "  ".to_owned(), valid_hours: 0, ..wanted() };
    let fault = pair.primary.call(|engine| engine.create(&wrong)).unwrap_err();
    assert!(matches!(&fault, Fault::Invalid(mistakes) if mistakes.len() == 2), "{fault:?}");
    let mut file = pair.invitation();
    file[50] ^= 1;
    let fault = pair.secondary.call(|engine| engine.inspect(&file, None)).unwrap_err();
    assert!(matches!(fault, Fault::WrongPartner(_)));
}

#[test]
fn no_record_prints_a_secret() {
    const TELLTALE: [u8; 32] = [171; 32];
    let pair = joined();
    pair.secondary.tick().unwrap();
    let mut greeting = pair.secondary.draft().get(&tables::GREETING, &()).unwrap().unwrap();
    (greeting.secret, greeting.nonce) = (Some(Secret(TELLTALE)), None);
    greeting.hello.as_mut().unwrap().seed = Seed(TELLTALE);
    let keys = Keys { secret: TELLTALE.to_vec(), certificate: Certificate(Vec::new()) };
    let row = Entry { key: b"keys".to_vec(), value: TELLTALE.to_vec() };
    let ours = Spare { keys: keys.clone(), fingerprint: Fingerprint([0; 32]), expires: None, renewal: Vec::new() };
    let ring = Ring { ours: Some(ours), theirs: None };
    let sealing = Sealing { keys: &keys, partner: &keys.certificate, profile: wanted().profile };
    let passphrase = Some(Passphrase("171".to_owned()));
    let wanted = Wanted { passphrase: passphrase.clone(), ..wanted() };
    let again = Again { channel_hint: String::new(), passphrase, valid_hours: 1 };
    let printed = format!("{greeting:?} {ring:?} {:?} {sealing:?} {wanted:?} {again:?}", Mutation::Put(row));
    assert!(!printed.contains("171"), "{printed}");
}
