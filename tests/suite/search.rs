//! The exhaustive search: small worlds hold in every state, and every bug of
//! delivery and handshake that is planted is found there.

use ferry_core::planted::Bug;
use ferry_tests::say;
use ferry_tests::search::{SMALL, hunt};

#[test]
fn nothing_goes_wrong_in_any_state_of_a_small_world() {
    for world in SMALL {
        let extent = world.explore().unwrap_or_else(|found| {
            panic!("{}: {}: {}\n  {}", world.name, found.property, found.what, found.way.join("\n  "))
        });
        let (states, steps, depth) = (extent.states, extent.steps, extent.depth);
        say(&format!("EXPLORED {}: {states} states, {steps} steps, depth {depth}", world.name));
        assert!(states > 100, "{}: only {states} states", world.name);
    }
}

#[test]
fn every_planted_bug_of_delivery_and_handshake_is_found_in_a_small_world() {
    let mut missed = Vec::new();
    for bug in Bug::ALL.iter().filter(|bug| bug.is_of_delivery() || bug.is_of_the_handshake()) {
        match hunt(*bug) {
            Some((world, found)) => {
                let steps = found.way.len();
                say(&format!("FOUND {} ({}, {}: {steps} steps)", bug.words(), found.property, world.name));
            }
            None => missed.push(*bug),
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
