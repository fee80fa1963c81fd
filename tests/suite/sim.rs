//! The simulator: plans that once showed a bug, and some seeds. `make sim` plays
//! many more.

use ferry_tests::sim::{Plan, play};

/// Seeds that every `make test` plays.
const SEEDS: u64 = 500;

fn plays(name: &str, plan: &Plan) {
    let outcome = play(plan);
    if let Some(failure) = outcome.failure {
        panic!("{name}: {}: {}; `make sim SEED={}` shows the trace", failure.check, failure.what, plan.seed);
    }
    assert_eq!(play(plan).digest, outcome.digest, "{name}: I14 determinism: other bytes the second time");
}

#[test]
fn what_once_went_wrong_goes_well() {
    let folder = ferry_tests::tree::root().join("tests/seeds");
    let mut played = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let plan = serde_json::from_slice(&std::fs::read(&file).unwrap());
        plays(&file.display().to_string(), &plan.unwrap_or_else(|error| panic!("{}: {error}", file.display())));
        played += 1;
    }
    assert!(played >= 7, "only {played} plans");
}

#[test]
fn worlds_come_to_rest_with_nothing_lost() {
    for seed in 0..SEEDS {
        plays(&format!("seed {seed}"), &Plan::draw(seed));
    }
}
