//! `ferry sync stop`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::channel::done;
use crate::cli::{Context, Outcome};

/// Pause this side
///
/// Our changes and the partner's parcels queue, and nothing is lost; start
/// catches up.
#[derive(Debug, Args)]
pub struct Stop {
    /// The synchronization
    name: Name,
}

impl Stop {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let answer = cx.call(&Request::SyncStop(self.name))?;
        done(cx, answer, |standing| {
            format!("{} is stopped. What changes meanwhile waits; nothing is lost.", standing.name)
        })
    }
}
