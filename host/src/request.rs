//! What is asked of the owner of a home and what it answers: one pair of
//! enums. A command is a [`Request`]; whoever owns the home carries it out,
//! whether that is this process or one behind the socket.
//!
//! The records are what `--json` prints: names and meanings are stable, fields
//! may be added. `host/JSON.md` says which command answers which.

mod answer;
mod client;
mod convert;
mod failure;
mod line;
mod records;
mod server;
#[cfg(test)]
mod tests;
mod wanted;

pub use answer::Answer;
pub use client::call;
pub(crate) use client::{Reached, reach};
pub use failure::{Failure, Kind};
pub use line::{Progress, Watcher};
pub use records::*;
pub use server::{Server, serve};
pub use wanted::*;
