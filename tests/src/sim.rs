//! The simulator: two sides, their people, their trackers and a courier, all
//! by a seed.
//!
//! A [`Plan`] is drawn from a seed: which faults there are, and what happens
//! step by step. [`play`] plays it, ends all trouble, waits until both sides
//! have come to rest, and asks the checkers in [`checks`], one for each
//! invariant. They see what the sides did ([`crate::memory::journal`]), what
//! people did ([`History`]) and what is left at the end; nothing of how it was
//! done.

mod admin;
pub mod checks;
mod courier;
mod dice;
mod history;
mod keys;
mod options;
mod people;
mod plan;
mod play;
mod process;
mod rest;
mod shrink;
mod step;
mod teeth;
mod trace;

pub use history::{History, Written};
pub use options::{Knob, Options};
pub use plan::{Plan, committed};
pub use play::{Build, Failure, Outcome, Tally, play, play_with, tell, twice};
pub use shrink::shrink;
pub use step::{Carry, Command, Deed, End, Mishap, Quirk, Step};
pub use teeth::hunt;
