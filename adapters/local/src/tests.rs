//! The tracker over a folder in memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod effects;
mod hand;
mod homes;
mod huge;
mod kept;
mod scans;
mod world;
