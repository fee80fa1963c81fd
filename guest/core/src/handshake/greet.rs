//! The handshake's retransmissions.

use crate::engine::Engine;
use crate::engine::send::Trouble;
use crate::fault::Fault;

/// What one step of the handshake did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GreetReport {
    /// When something is due if nothing happens, in milliseconds from now.
    pub wake_after_ms: Option<u64>,
    /// Why the channel could not be used, where it couldn't.
    pub trouble: Option<Trouble>,
}

/// Keeps the handshake going. Called at each tick, before anything is
/// received.
///
/// # Errors
/// The store's; the channel's are `trouble`.
pub fn step(_engine: &Engine<'_>) -> Result<GreetReport, Fault> {
    Ok(GreetReport::default())
}
