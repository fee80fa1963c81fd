//! `ferry sync test`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::commands::doctor;
use crate::cli::context::unexpected;
use crate::cli::{Context, Outcome};

/// Try the channel and the tracker
///
/// Nothing is changed. `create` and `join` do the same before they write
/// anything.
#[derive(Debug, Args)]
pub struct Test {
    /// The synchronization
    name: Name,
}

impl Test {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match cx.call(&Request::SyncTest(self.name))? {
            Answer::Checks(checks) => Ok(doctor::show(cx, &checks)),
            other => Err(unexpected(other)),
        }
    }
}
