//! Send: what waits in the outbox leaves in parcels; what the partner doesn't
//! acknowledge is sent again.

use super::Engine;
use crate::fault::Fault;
use crate::ports::ChannelFault;

/// Why the channel could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// For people.
    pub reason: String,
    /// Whether it passes by itself.
    pub passing: bool,
}

impl From<ChannelFault> for Trouble {
    fn from(fault: ChannelFault) -> Self {
        Self { passing: matches!(fault, ChannelFault::RetryLater(_)), reason: fault.to_string() }
    }
}

/// What one sending did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendReport {
    /// Numbered messages that left for the first time.
    pub sent: u32,
    /// Parcels that left, new and again.
    pub parcels: u32,
    /// Whether more would leave at once with a larger budget.
    pub work_left: bool,
    /// When something is due if nothing happens, in milliseconds from now.
    pub wake_after_ms: Option<u64>,
    /// Why the channel could not be used, where it couldn't: what was to leave
    /// leaves another time.
    pub trouble: Option<Trouble>,
}

/// Sends at most so many parcels. `finishing` acknowledges at once and sends
/// no heartbeat.
///
/// # Errors
/// The store's and the blobs'; the channel's are `trouble`.
pub fn step(_engine: &Engine<'_>, _parcels: u32, _finishing: bool) -> Result<SendReport, Fault> {
    Ok(SendReport::default())
}
