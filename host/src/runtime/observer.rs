//! Who watches: log lines and progress of the components.

use std::fmt;

pub use crate::bindings::engine::ferry::host::observe::{Attribute, Level};

/// Takes log lines and progress, from whichever thread a call runs on.
pub trait Observer: Send + Sync + fmt::Debug {
    /// A structured log line. `source` is `engine`, or the tracker's name.
    fn log(&self, source: &str, level: Level, event: &str, attributes: &[Attribute]);
    /// How far a long work has come, in pieces of its own.
    fn progress(&self, stage: &str, done: u64, total: Option<u64>);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn log(&self, _: &str, _: Level, _: &str, _: &[Attribute]) {}
    fn progress(&self, _: &str, _: u64, _: Option<u64>) {}
}
