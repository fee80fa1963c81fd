//! What is held back of a pair because unusually much changed, and the count
//! that tells.

use serde::{Deserialize, Serialize};

use crate::message::GoneReason;
use crate::time::Time;

/// What is held of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Edits of ours: they wait, and the partner isn't told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edits: bool,
    /// The issue left our tracker, and the partner isn't told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<GoneReason>,
    /// The partner's changes: agreed on, and not written here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub writes: bool,
}

impl Held {
    /// Nothing is held.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether our changes are held.
    pub fn is_out(&self) -> bool {
        self.edits || self.gone.is_some()
    }
}

/// The hours in which a pair was counted last: once an hour is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// As changed by us.
    #[serde(rename = "out")]
    pub outward: Time,
    /// As changed by the partner.
    #[serde(rename = "in")]
    pub inward: Time,
}

impl Counted {
    /// Never yet.
    pub fn is_never(&self) -> bool {
        *self == Self::default()
    }
}

/// What was counted in the hour that goes on, each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tempo {
    /// When the hour began.
    pub since: Time,
    /// Pairs changed or left by us.
    #[serde(rename = "out")]
    pub outward: u64,
    /// Pairs changed by the partner.
    #[serde(rename = "in")]
    pub inward: u64,
    /// How many pairs there were when it first mattered.
    #[serde(default)]
    pub pairs: u64,
}
