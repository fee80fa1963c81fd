//! Receive: parcels are opened, checked and taken into the inbox, exactly
//! once.

use super::{Engine, send::Trouble};
use crate::fault::Fault;

/// What one receiving did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiveReport {
    /// Numbered messages that came for the first time; pieces of attachments
    /// are among them.
    pub received: u32,
    /// Parcels that were taken.
    pub parcels: u32,
    /// Parcels that were refused.
    pub refused: u32,
    /// Whether more lies on the channel that a larger budget would take.
    pub work_left: bool,
    /// Why the channel could not be used, where it couldn't.
    pub trouble: Option<Trouble>,
}

/// Takes at most so many parcels from the channel.
///
/// # Errors
/// The store's and the blobs'; the channel's are `trouble`.
pub fn step(_engine: &Engine<'_>, _parcels: u32) -> Result<ReceiveReport, Fault> {
    Ok(ReceiveReport::default())
}
