//! The outside of an engine, in memory.

mod blobs;
mod channel;
pub mod journal;
mod store;
mod tracker;
mod wire;

pub use blobs::Blobs;
pub use channel::{Channel, Directory, mail_of};
pub use store::Store;
pub use tracker::{Backup, Meanwhile, Misbehaviour, Tracker, example_schema};
pub use wire::PlainWire;
