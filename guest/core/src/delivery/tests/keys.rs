//! Keys that are replaced, expire, or are revoked, while parcels are on their
//! way.

use crate::delivery::trial::Pair;
use crate::delivery::trial::{Home, PlainWire, VALID_MS};
use crate::engine::keys::KeyState;
use crate::fault::Fault;
use crate::ids::Fingerprint;
use crate::keys::Turn;
use crate::limits::{KEY_WARNING_MS, RESEND_MS_MAX};
use crate::message::{Body, Numbered};
use crate::ports::Wire as _;
use crate::state::{Revoked, Status};
use crate::tables;

/// Both run so many times.
fn rounds(pair: &Pair, count: usize) {
    for _ in 0..count {
        pair.secondary.run();
        pair.primary.run();
    }
}

/// The fingerprint that a side seals under, and the one it holds of its partner.
fn held(home: &Home) -> (Fingerprint, Fingerprint) {
    let state = home.state();
    (state.fingerprint, state.partner.unwrap().fingerprint)
}

/// Each holds what the other seals under, and nobody holds keys that were
/// replaced.
fn assert_in_step(pair: &Pair) {
    let ((ours, theirs), (there, back)) = (held(&pair.primary), held(&pair.secondary));
    assert_eq!((ours, theirs), (back, there));
    for home in [&pair.primary, &pair.secondary] {
        assert_eq!(home.state().turn, Turn::None);
        let ring = home.draft().get(&tables::RING, &()).unwrap().unwrap_or_default();
        assert_eq!(ring.ours, None, "a replaced secret is kept");
        assert!(ring.serving().is_none(), "a replaced certificate is believed");
    }
}

fn said(bytes: &[u8]) -> String {
    match PlainWire.decode(bytes).unwrap() {
        Numbered { body: Body::Unknown(word), .. } => word,
        other => format!("{other:?}"),
    }
}

/// Words that came and weren't settled.
fn waiting(home: &Home) -> Vec<String> {
    home.draft().scan(&tables::NOTICES, None, 99).unwrap().iter().map(|(_, row)| said(&row.bytes)).collect()
}

#[test]
fn keys_are_replaced_and_the_old_ones_go() {
    let pair = Pair::connected();
    let before = held(&pair.primary);
    pair.primary.call(|engine| engine.rotate()).unwrap();
    assert_eq!(held(&pair.primary), before, "the old ones are in use until the partner has answered");
    rounds(&pair, 3);
    assert_in_step(&pair);
    assert_ne!(held(&pair.primary).0, before.0);
    assert_eq!(held(&pair.primary).1, before.1);
    assert_eq!(pair.secondary.state().partner.unwrap().key, 1);
    pair.primary.say(&["under the new ones"]);
    pair.primary.send();
    pair.secondary.receive();
    assert_eq!(waiting(&pair.secondary), ["under the new ones"]);
}

#[test]
fn both_replace_their_keys_at_once() {
    let pair = Pair::connected();
    for home in [&pair.primary, &pair.secondary] {
        home.call(|engine| engine.rotate()).unwrap();
    }
    rounds(&pair, 4);
    assert_in_step(&pair);
    assert!([&pair.primary, &pair.secondary].iter().all(|home| home.state().key == 1));
}

#[test]
fn what_was_sealed_under_the_old_keys_is_taken_and_sealed_again_alike() {
    let pair = Pair::connected();
    pair.primary.say(&["slow"]);
    pair.primary.send();
    let slow = pair.primary.channel.sends.borrow().files.clone();
    let lost: Vec<String> = pair.there().into_keys().collect();
    pair.lose_there();
    pair.primary.call(|engine| engine.rotate()).unwrap();
    pair.primary.run();
    pair.secondary.run();
    pair.primary.run();
    assert_eq!(pair.primary.state().key, 1, "the partner answered");
    assert!(matches!(pair.primary.state().turn, Turn::Taken { .. }), "the old ones serve what is on its way");
    pair.primary.say(&["quick"]);
    pair.primary.send();
    pair.secondary.receive();
    assert!(waiting(&pair.secondary).contains(&"quick".to_owned()));
    // The same bytes under the same name, though the keys are others now.
    pair.pass(RESEND_MS_MAX);
    pair.primary.send();
    let again = pair.there();
    assert!(lost.iter().all(|name| again.contains_key(name)), "sealed again, but not alike");
    pair.lose_there();
    pair.primary.channel.sends.borrow_mut().files = slow;
    pair.secondary.receive();
    assert!(waiting(&pair.secondary).contains(&"slow".to_owned()));
    rounds(&pair, 4);
    assert_in_step(&pair);
}

#[test]
fn what_the_partner_sealed_for_the_old_keys_is_opened_until_all_of_it_came() {
    let pair = Pair::connected();
    pair.secondary.say(&["slow"]);
    pair.secondary.send();
    let slow = pair.secondary.channel.sends.borrow().files.clone();
    pair.lose_back();
    pair.primary.call(|engine| engine.rotate()).unwrap();
    pair.primary.run();
    pair.secondary.run();
    pair.primary.run();
    assert!(matches!(pair.primary.state().turn, Turn::Taken { .. }));
    pair.secondary.channel.sends.borrow_mut().files.extend(slow);
    pair.primary.receive();
    assert!(waiting(&pair.primary).contains(&"slow".to_owned()));
    rounds(&pair, 3);
    assert_in_step(&pair);
}

#[test]
fn a_lost_renewal_and_a_lost_answer_come_again() {
    let pair = Pair::connected();
    pair.primary.call(|engine| engine.rotate()).unwrap();
    for _ in 0..3 {
        pair.primary.run();
        pair.lose_there();
        pair.pass(RESEND_MS_MAX * 2);
    }
    pair.primary.run();
    pair.secondary.run();
    pair.lose_back();
    assert_eq!(pair.secondary.state().partner.unwrap().key, 1);
    assert_eq!(pair.primary.state().key, 0);
    for _ in 0..4 {
        pair.pass(RESEND_MS_MAX * 2);
        rounds(&pair, 1);
    }
    assert_in_step(&pair);
}

#[test]
fn a_renewal_of_yesterday_leads_nowhere() {
    let pair = Pair::connected();
    pair.primary.call(|engine| engine.rotate()).unwrap();
    pair.primary.run();
    let first = pair.primary.channel.sends.borrow().files.clone();
    rounds(&pair, 4);
    let after_one = held(&pair.secondary);
    pair.primary.channel.sends.borrow_mut().files.extend(first.clone());
    rounds(&pair, 1);
    assert_eq!(held(&pair.secondary), after_one);
    pair.primary.call(|engine| engine.rotate()).unwrap();
    rounds(&pair, 4);
    assert_in_step(&pair);
    let after_two = held(&pair.secondary);
    pair.primary.channel.sends.borrow_mut().files.extend(first);
    rounds(&pair, 2);
    assert_eq!(held(&pair.secondary), after_two, "it went back");
    assert_eq!(pair.secondary.state().partner.unwrap().key, 2);
}

#[test]
fn a_replacement_ends_before_the_next_begins() {
    let pair = Pair::connected();
    pair.primary.call(|engine| engine.rotate()).unwrap();
    let twice = pair.primary.call(|engine| engine.rotate()).unwrap_err();
    assert!(matches!(&twice, Fault::NotAllowed(reason) if reason.contains("hasn't answered")), "{twice}");
    let early = Pair::strangers();
    early.invitation();
    let early = early.primary.call(|engine| engine.rotate()).unwrap_err();
    assert!(matches!(&early, Fault::NotAllowed(reason) if reason.contains("connection test")), "{early}");
}

#[test]
fn a_partner_put_back_to_before_it_replaced_its_keys_is_noticed() {
    let pair = Pair::connected();
    let backup = pair.primary.store.map.borrow().clone();
    pair.primary.call(|engine| engine.rotate()).unwrap();
    rounds(&pair, 4);
    assert_in_step(&pair);
    *pair.primary.store.map.borrow_mut() = backup;
    pair.primary.say(&["of yesterday"]);
    pair.primary.send();
    pair.secondary.receive();
    let state = pair.secondary.state();
    assert_eq!(state.status, Status::RestartRequired, "{}", state.reason);
    assert!(state.reason.contains("keys that it had replaced"), "{}", state.reason);
    assert!(waiting(&pair.secondary).is_empty());
}

#[test]
fn expiry_is_said_ahead_and_holds_everything_back_until_keys_are_replaced() {
    let pair = Pair::connected();
    let keys = |home: &Home| home.call(|engine| engine.overview()).map(|overview| (overview.keys, overview.warnings));
    assert_eq!(keys(&pair.primary).unwrap(), (KeyState::Valid, vec![]));
    pair.pass(VALID_MS - KEY_WARNING_MS);
    let (state, warnings) = keys(&pair.primary).unwrap();
    assert_eq!(state, KeyState::Expiring);
    assert!(warnings[0].contains("ferry key rotate") && warnings[1].contains("ask your partner"), "{warnings:?}");

    pair.pass(KEY_WARNING_MS);
    pair.primary.say(&["late"]);
    pair.secondary.say(&["late too"]);
    for home in [&pair.primary, &pair.secondary] {
        let report = home.run();
        let trouble = report.trouble.unwrap();
        assert!(trouble.contains("expired") && trouble.contains("ferry key rotate"), "{trouble}");
        assert_eq!((report.sent, report.passing), (0, false));
        assert_eq!(keys(home).unwrap().0, KeyState::Expired);
    }
    pair.primary.call(|engine| engine.rotate()).unwrap();
    pair.primary.run();
    let report = pair.secondary.run();
    assert!(report.trouble.unwrap().contains("of this side expired"), "ours are still to be replaced");
    pair.secondary.call(|engine| engine.rotate()).unwrap();
    let report = pair.primary.run();
    assert!(report.trouble.is_some_and(|trouble| trouble.contains("expired")));
    for _ in 0..6 {
        pair.pass(RESEND_MS_MAX);
        rounds(&pair, 1);
    }
    assert_in_step(&pair);
    assert_eq!(keys(&pair.primary).unwrap(), (KeyState::Valid, vec![]));
    for home in [&pair.primary, &pair.secondary] {
        assert_eq!(home.draft().scan(&tables::OUTBOX, None, 9).unwrap(), vec![], "something is lost");
    }
}

#[test]
fn a_key_revoked_on_either_side_stops_both_at_once() {
    for primary in [true, false] {
        let pair = Pair::connected();
        let (here, there) = if primary { (&pair.primary, &pair.secondary) } else { (&pair.secondary, &pair.primary) };
        here.say(&["on its way"]);
        here.send();
        here.say(&["never sent"]);
        here.call(|engine| engine.rotate()).unwrap();
        here.call(|engine| engine.revoke()).unwrap();
        pair.pass(RESEND_MS_MAX);
        here.run();
        let wakes = here.run().wake_after_ms;
        assert!(wakes > 1_000, "it would be woken after {wakes} ms, again and again");
        let on_the_channel = if primary { pair.there() } else { pair.back() };
        there.say(&["never sent either"]);
        there.run();
        for (home, whose) in [(here, Revoked::Ours), (there, Revoked::Theirs)] {
            let state = home.state();
            assert_eq!((state.status, state.revoked), (Status::Suspended, Some(whose)), "{}", state.reason);
            assert!(state.reason.contains("revoked") && state.reason.contains("ferry sync invite"));
            assert!(matches!(home.call(|engine| engine.start()), Err(Fault::NotAllowed(_))));
            assert!(matches!(home.call(|engine| engine.rotate()), Err(Fault::NotAllowed(_))));
            assert_eq!(home.run().sent, 0);
        }
        assert!(waiting(here).is_empty());
        assert!(!on_the_channel.is_empty());
        assert!(matches!(here.call(|engine| engine.revoke()), Err(Fault::NotAllowed(_))));
    }
}

#[test]
fn the_word_that_a_key_is_revoked_comes_again_where_it_is_lost() {
    let pair = Pair::connected();
    pair.primary.call(|engine| engine.revoke()).unwrap();
    pair.primary.run();
    pair.lose_there();
    pair.secondary.run();
    assert_ne!(pair.secondary.state().status, Status::Suspended);
    pair.pass(RESEND_MS_MAX * 2);
    pair.primary.run();
    pair.secondary.run();
    assert_eq!(pair.secondary.state().revoked, Some(Revoked::Theirs));
}
