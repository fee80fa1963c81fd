//! What the owner of a home answers.

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

use super::{
    Check, Created, Fault, Handshake, Keychain, Pair, Parcel, Plan, Round, Schema, Standing, TrackerIdentity,
    TrackerInfo, Verdict,
};

/// An answer, of the kind that the request says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done, and there is nothing to tell.
    Done,
    /// A tracker.
    Tracker(TrackerInfo),
    /// Trackers, in name order.
    Trackers(Vec<TrackerInfo>),
    /// What a tracker says of itself.
    Identity(TrackerIdentity),
    /// What a project's issues look like.
    Schema(Schema),
    /// A synchronization that was created or joined.
    Created(Box<Created>),
    /// What a handshake file says.
    Handshake(Handshake),
    /// Things that were looked at.
    Checks(Vec<Check>),
    /// Synchronizations, in name order.
    Standings(Vec<Standing>),
    /// A synchronization that is no more: its exchange directory, which stays,
    /// where it had one.
    Deleted(Option<String>),
    /// A configuration's text.
    Text(String),
    /// The keys of both sides.
    Keys(Keychain),
    /// Something that nobody else may see.
    Secret(Secret),
    /// What became of a configuration.
    Verdict(Verdict),
    /// What would happen.
    Plan(Plan),
    /// Pairs, in the order of their ids.
    Pairs(Vec<Pair>),
    /// A pair, and its open faults.
    Pair(Pair, Vec<Fault>),
    /// Open faults, in the order of their ids.
    Faults(Vec<Fault>),
    /// Parcels in quarantine, in the order of their digests.
    Parcels(Vec<Parcel>),
    /// How many.
    Count(u32),
    /// What was done, by synchronization.
    Rounds(Vec<Round>),
}
