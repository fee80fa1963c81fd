//! Conflicts that were settled, for people to look at afterwards.

use serde::{Deserialize, Serialize};

use super::Lost;
use crate::ids::{Alias, PairId};
use crate::shared::Shared;
use crate::time::Time;

/// A value that lost against another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Of which pair.
    pub pair: PairId,
    /// Which field.
    pub alias: Alias,
    /// The value that stands.
    pub won: Shared,
    /// The value that doesn't.
    pub lost: Shared,
    /// The version of the agreed view at which it was settled.
    pub version: u64,
    /// When.
    pub settled: Time,
}

impl Conflict {
    /// The record of what lost.
    pub fn of(pair: PairId, lost: Lost, version: u64, settled: Time) -> Self {
        Self { pair, alias: lost.alias, won: lost.won, lost: lost.lost, version, settled }
    }
}
