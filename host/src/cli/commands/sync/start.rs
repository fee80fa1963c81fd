//! `ferry sync start`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::channel::done;
use crate::cli::{Context, Outcome};

/// Start, or go on after a stop
#[derive(Debug, Args)]
pub struct Start {
    /// The synchronization
    name: Name,
}

impl Start {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let answer = cx.call(&Request::SyncStart(self.name))?;
        done(cx, answer, |standing| format!("{} is started.", standing.name))
    }
}
