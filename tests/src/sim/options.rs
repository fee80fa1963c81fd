//! Which faults a world has: each a knob of its own.

use serde::{Deserialize, Serialize};

use super::dice::Dice;

/// A kind of fault that a world has or hasn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // As the steps that they allow.
pub enum Knob {
    Loss,
    Doubles,
    Delay,
    Damage,
    HalfWritten,
    Forgery,
    ChannelDown,
    Crashes,
    PowerLoss,
    StoreFails,
    TrackerDown,
    AnswersLost,
    Meanwhile,
    Refusals,
    SilentDrops,
    Normalising,
    Unreadable,
    ClocksJump,
    SmallSteps,
    Stops,
    Configurations,
    Skips,
    Deletions,
    Retypes,
    NoConditionalWrites,
    Restores,
    Rotations,
    Revocations,
    RoundTimes,
    SearchLags,
    Throttles,
    QuietEdits,
    SilentDeletions,
    Departures,
    TrackerRestores,
    Breaker,
    /// Each parcel is a mail.
    Mail,
}

/// Which of them a world has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options(Vec<Knob>);

impl Knob {
    /// All faults. How parcels travel is none.
    pub const ALL: [Self; 36] = [
        Self::Loss,
        Self::Doubles,
        Self::Delay,
        Self::Damage,
        Self::HalfWritten,
        Self::Forgery,
        Self::ChannelDown,
        Self::Crashes,
        Self::PowerLoss,
        Self::StoreFails,
        Self::TrackerDown,
        Self::AnswersLost,
        Self::Meanwhile,
        Self::Refusals,
        Self::SilentDrops,
        Self::Normalising,
        Self::Unreadable,
        Self::ClocksJump,
        Self::SmallSteps,
        Self::Stops,
        Self::Configurations,
        Self::Skips,
        Self::Deletions,
        Self::Retypes,
        Self::NoConditionalWrites,
        Self::Restores,
        Self::Rotations,
        Self::Revocations,
        Self::RoundTimes,
        Self::SearchLags,
        Self::Throttles,
        Self::QuietEdits,
        Self::SilentDeletions,
        Self::Departures,
        Self::TrackerRestores,
        Self::Breaker,
    ];
}

impl Options {
    /// Some of the knobs: a world with every fault at once hides what a world
    /// with one of them shows.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let share = dice.one(&[0, 10, 25, 50]);
        Self(Knob::ALL.into_iter().filter(|_| dice.chance(share)).collect())
    }

    /// The same, by mail.
    pub(super) fn by_mail(mut self) -> Self {
        self.0.push(Knob::Mail);
        self
    }

    /// Whether a knob is turned on.
    pub fn has(&self, knob: Knob) -> bool {
        self.0.contains(&knob)
    }
}
