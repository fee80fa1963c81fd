//! The simulator: plans that once showed a bug, and some seeds. `make sim` plays
//! many more.

use ferry_tests::sim::{Build, Plan, committed, play, play_with};

/// Seeds that every `make test` plays.
const SEEDS: u64 = 500;
/// Of these, so many once more with real seals, and in the component.
const SHARE: u64 = 200;

fn plays(name: &str, plan: &Plan) {
    let outcome = play(plan);
    if let Some(failure) = outcome.failure {
        panic!("{name}: {}: {}; `make sim SEED={}` shows the trace", failure.check, failure.what, plan.seed);
    }
    assert_eq!(play(plan).digest, outcome.digest, "{name}: I14 determinism: other bytes the second time");
}

#[test]
fn what_once_went_wrong_goes_well() {
    let plans = committed();
    plans.iter().for_each(|(name, plan)| plays(name, plan));
    assert!(plans.len() >= 40, "only {} plans", plans.len());
}

#[test]
fn worlds_come_to_rest_with_nothing_lost() {
    for seed in 0..SEEDS {
        plays(&format!("seed {seed}"), &Plan::draw(seed));
    }
}

#[test]
fn the_component_does_the_same_byte_by_byte() {
    for seed in 0..SHARE {
        let plan = Plan::draw(seed);
        let (ours, theirs) = (play_with(&plan, Build::Sealed), play_with(&plan, Build::Component));
        assert_eq!(ours.failure, None, "seed {seed}, sealed");
        assert_eq!(ours, theirs, "seed {seed}: the component does something else");
    }
}
