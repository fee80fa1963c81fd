//! A side that was restored from a backup.

use crate::delivery::trial::Pair;
use crate::state::Status;

#[test]
fn a_receiver_that_forgot_what_it_acknowledged_stops_the_sender() {
    let pair = Pair::connected();
    let backup = pair.secondary.store.map.borrow().clone();
    pair.primary.say(&["one"]);
    pair.settle(2);
    *pair.secondary.store.map.borrow_mut() = backup;
    for word in ["uno", "due", "tre"] {
        pair.secondary.say(&[word]);
        pair.secondary.send();
    }
    pair.primary.receive();
    let state = pair.primary.state();
    assert_eq!(state.status, Status::RestartRequired, "{}", state.reason);
    assert!(state.reason.contains("has lost messages"), "{}", state.reason);
    pair.primary.say(&["two"]);
    assert_eq!(pair.primary.send().parcels, 0);
}

#[test]
fn a_sender_that_was_restored_is_found_out_by_what_it_never_sent() {
    let pair = Pair::connected();
    let backup = pair.primary.store.map.borrow().clone();
    pair.primary.say(&["one", "two"]);
    pair.primary.send();
    pair.secondary.receive();
    *pair.primary.store.map.borrow_mut() = backup;
    pair.secondary.send();
    pair.primary.receive();
    let state = pair.primary.state();
    assert_eq!(state.status, Status::RestartRequired);
    assert!(state.reason.contains("never sent"), "{}", state.reason);
    assert!(pair.primary.heard().is_empty());
    assert_eq!(pair.back().len(), 1, "the parcel stays, unused");
}

#[test]
fn a_sender_that_wrote_another_history_is_found_out_by_the_chain() {
    let pair = Pair::connected();
    let backup = pair.primary.store.map.borrow().clone();
    pair.primary.say(&["one", "two"]);
    pair.primary.send();
    pair.secondary.receive();
    *pair.primary.store.map.borrow_mut() = backup;
    pair.primary.say(&["another", "history", "altogether"]);
    pair.primary.send();
    pair.secondary.receive();
    assert_eq!(pair.secondary.state().status, Status::RestartRequired);
    assert_eq!(pair.secondary.heard(), ["one", "two"]);
}

#[test]
fn a_position_over_other_messages_is_found_out_by_the_chain() {
    let pair = Pair::connected();
    let backup = pair.primary.store.map.borrow().clone();
    pair.primary.say(&["one", "two"]);
    pair.primary.send();
    pair.secondary.receive();
    pair.secondary.send();
    *pair.primary.store.map.borrow_mut() = backup;
    pair.primary.say(&["other", "words", "here"]);
    pair.primary.send();
    pair.primary.receive();
    let state = pair.primary.state();
    assert_eq!(state.status, Status::RestartRequired);
    assert!(state.reason.contains("other messages"), "{}", state.reason);
}
