//! What an issue's tracker says of its times, to notice one that was put back
//! to an earlier state.

use serde::{Deserialize, Serialize};

use super::record::LocalIssue;
use crate::ids::Revision;
use crate::limits;
use crate::model::Issue;
use crate::time::Time;

/// What we know of an issue's past at our tracker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// When it had last changed, when we last read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Time>,
    /// The revision that we last read, where we wrote since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Revision>,
    /// The tracker was put back, and people agreed to go on: what it shows now
    /// is old, not edited.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub put_back: bool,
}

/// What gives an earlier state away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The time of the last change went backwards.
    Updated,
    /// It is as it was before we wrote.
    Unwritten,
    /// Another issue has its id.
    Created,
}

impl Past {
    /// As an issue shows it.
    pub fn of(issue: &Issue) -> Self {
        Self { created: Time::parse(&issue.created.0), updated: Time::parse(&issue.updated.0), ..Self::default() }
    }

    /// After a write of ours that answered a revision.
    #[must_use]
    pub fn written(self, revision: &Revision) -> Self {
        Self { before: self.before.or_else(|| Some(revision.clone())), ..self }
    }
}

impl LocalIssue {
    /// Whether our tracker shows an earlier state of the issue than we know, or
    /// another issue. Trackers round times: what is less than that apart says
    /// nothing.
    pub fn earlier(&self, issue: &Issue) -> Option<Earlier> {
        let (known, now) = (&self.past, Past::of(issue));
        let (Some(created), Some(updated)) = (now.created, now.updated) else { return None };
        let apart = |one: Time, other: Time| one.since(other).max(other.since(one)) > limits::TIME_ROUNDING_MS;
        if known.created.is_some_and(|before| apart(before, created)) {
            return Some(Earlier::Created);
        }
        let before = known.updated?;
        if before.since(updated) > limits::TIME_ROUNDING_MS {
            return Some(Earlier::Updated);
        }
        let unwritten = self.revision != issue.revision && known.before.as_ref() == Some(&issue.revision);
        (unwritten && before == updated).then_some(Earlier::Unwritten)
    }
}

/// Which part of a pair is parked while its tracker shows an earlier state.
pub const EARLIER: &str = "tracker:restored";
