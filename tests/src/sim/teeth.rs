//! Whether the checkers notice a bug.

use std::ops::Range;

use ferry_core::planted::{Bug, plant};

use super::options::Knob;
use super::plan::Plan;
use super::play::{Failure, play, twice};

/// Plays seeds with that bug planted, until one shows it.
pub fn hunt(bug: Bug, seeds: Range<u64>) -> Option<(u64, Failure)> {
    // What all worlds begin from is made without it.
    play(&Plan::draw(0));
    let once = |plan: &Plan| if bug == Bug::OtherRandomness { twice(plan) } else { play(plan) };
    let plans = seeds.map(|seed| (seed, Plan::draw(seed)));
    plant(Some(bug));
    let found = plans
        .filter(|(_, plan)| wants(bug).is_none_or(|knob| plan.options.has(knob)))
        .find_map(|(seed, plan)| Some((seed, once(&plan).failure?)));
    plant(None);
    found
}

/// Without which kind of fault the bug can't show.
fn wants(bug: Bug) -> Option<Knob> {
    Some(match bug {
        Bug::ForgettingUnnoticed
        | Bug::ChainIgnored
        | Bug::EpochKept
        | Bug::ForeignTaken
        | Bug::LowerStands
        | Bug::EditsForgotten
        | Bug::CopiesForgotten => Knob::Restores,
        Bug::PieceUnsynced => Knob::PowerLoss,
        Bug::PutBeforeCommit | Bug::CursorFirst => Knob::Crashes,
        Bug::OldConfiguration | Bug::UnchangedAfterSwitch => Knob::Configurations,
        Bug::ReplacedForgotten => Knob::NoConditionalWrites,
        _ => return None,
    })
}
