//! Whether the checkers notice a bug.

use std::ops::Range;

use ferry_core::planted::{Bug, plant};

use super::options::Knob;
use super::plan::{Plan, committed};
use super::play::{Failure, play, twice};

/// Plays seeds with that bug planted, until one shows it; then what once went
/// wrong. Answers what shows it.
pub fn hunt(bug: Bug, seeds: Range<u64>) -> Option<(String, Failure)> {
    // What all worlds begin from is made without it.
    play(&Plan::draw(0));
    let once = |plan: &Plan| if bug == Bug::OtherRandomness { twice(plan) } else { play(plan) };
    let drawn = seeds.map(|seed| (format!("seed {seed}"), Plan::draw(seed)));
    let plans = drawn.filter(|(_, plan)| wants(bug).is_none_or(|knob| plan.options.has(knob)));
    plant(Some(bug));
    let found = plans.chain(committed()).find_map(|(name, plan)| Some((name, once(&plan).failure?)));
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
        Bug::OldConfiguration | Bug::UnchangedAfterSwitch | Bug::AdoptionsOvertake => Knob::Configurations,
        Bug::ReplacedForgotten | Bug::WrittenUnread => Knob::NoConditionalWrites,
        Bug::LagIgnored => Knob::SearchLags,
        _ => return None,
    })
}
