//! What a partner's position means for our stream. Pure, so that an exhaustive
//! search can drive it.

use super::{Outgoing, ranges};
use crate::ids::{Chain, Epoch};
use crate::message::Position;
use crate::planted::{Bug, planted};

/// How another epoch stands to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is ours.
    Same,
    /// A history that ended: what belongs to it is dropped.
    Older,
    /// A history that we know nothing of.
    Newer,
}

/// How an epoch stands to ours. Two that were made apart with the same counter
/// are newer to each other.
pub fn standing(ours: Epoch, theirs: Epoch) -> Standing {
    if ours == theirs {
        Standing::Same
    } else if theirs.counter < ours.counter {
        Standing::Older
    } else {
        Standing::Newer
    }
}

/// Why the two sides can't go on without a person's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disagreement {
    /// The parcel or its position speaks of an epoch that we don't know.
    #[error("the partner has begun a new count of messages that this side knows nothing of")]
    NewerEpoch,
    /// A number is acknowledged that we never gave.
    #[error("the partner acknowledges message {0}, which this side never sent")]
    NeverSent(u64),
    /// The messages up to that number are others than ours.
    #[error("the partner received other messages up to number {0} than this side sent")]
    OtherMessages(u64),
    /// A number is not acknowledged any more.
    #[error("the partner has lost messages that it had acknowledged")]
    Forgotten,
    /// A parcel's messages don't go on from those received before.
    #[error("the partner's messages belong to another history than those received before")]
    OtherHistory,
    /// It goes on under keys that it told us it had replaced.
    #[error("the partner seals with keys that it had replaced (`ferry sync invite` gives both sides new ones)")]
    FormerKeys,
}

/// What a position is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A late copy, or of an epoch that ended: nothing follows from it.
    Late,
    /// It is the newest: what it covers has arrived.
    News,
    /// A person decides.
    Disagrees(Disagreement),
}

/// The number up to which everything was received; none where that is 0.
pub fn cumulative(position: &Position) -> Option<u64> {
    position.ranges.first().filter(|range| range.0 == 1).map(|range| range.1)
}

/// What a position with well-formed ranges means. `known` is our chain at its
/// cumulative number, none where we don't know it any more.
pub fn judge(ours: &Outgoing, position: &Position, known: Option<Chain>) -> Meaning {
    match standing(ours.epoch, position.epoch) {
        Standing::Older => return Meaning::Late,
        Standing::Newer => return Meaning::Disagrees(Disagreement::NewerEpoch),
        Standing::Same => {}
    }
    let highest = position.ranges.last().map_or(0, |range| range.1);
    if highest > ours.sealed {
        return Meaning::Disagrees(Disagreement::NeverSent(highest));
    }
    if let (Some(number), Some(known)) = (cumulative(position), known)
        && position.chain != known
        && !planted(Bug::ChainIgnored)
    {
        return Meaning::Disagrees(Disagreement::OtherMessages(number));
    }
    if position.counter <= ours.heard && !planted(Bug::LatePositionsCount) {
        return Meaning::Late;
    }
    let kept = ours.acknowledged.iter().all(|&(first, last)| ranges::covers(&position.ranges, first, last));
    if !kept && !planted(Bug::ForgettingUnnoticed) {
        return Meaning::Disagrees(Disagreement::Forgotten);
    }
    // Where our own chain isn't known any more, nothing tells that the partner
    // speaks of our history.
    let unknown = cumulative(position).is_some() && known.is_none() && !planted(Bug::ChainIgnored);
    if unknown { Meaning::Late } else { Meaning::News }
}
