//! The outside, as small traits: in wasm the component's imports, in the
//! simulator a world in memory. Every call may be the last before a crash.

mod blobs;
mod channel;
mod observer;
mod store;
mod tracker;
mod wire;

pub use blobs::{BlobFault, BlobSummary, Blobs};
pub use channel::{Channel, ChannelFault, Disposition, Listed, Pace};
pub use observer::{Level, Observer, Silent};
pub use store::{Entry, Mutation, Store, StoreFault};
pub use tracker::{Tracker, TrackerFault};
pub use wire::{InvitationFault, OpenFault, Opened, Sealing, Wire};
