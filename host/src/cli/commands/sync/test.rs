//! `ferry sync test`.

use clap::Args;
use ferry::request::{Answer, Part, Request};
use ferry::settings::Name;

use crate::cli::commands::doctor;
use crate::cli::context::unexpected;
use crate::cli::{Context, Outcome};

/// Try the channel and the tracker
///
/// Nothing is changed, and no mail is sent. `create` and `join` do the same before
/// they write anything.
#[derive(Debug, Args)]
pub struct Test {
    /// The synchronization
    name: Name,
    /// Only how mail is received
    #[arg(long, conflicts_with = "send")]
    receive: bool,
    /// Only how mail is sent
    #[arg(long)]
    send: bool,
}

impl Test {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let part = match (self.receive, self.send) {
            (true, _) => Some(Part::Receive),
            (_, true) => Some(Part::Send),
            _ => None,
        };
        match cx.call(&Request::SyncTest(self.name, part))? {
            Answer::Checks(checks) => Ok(doctor::show(cx, &checks)),
            other => Err(unexpected(other)),
        }
    }
}
