//! `ferry sync list`.

use clap::Args;
use ferry::request::{Answer, Request};

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// List the synchronizations
#[derive(Debug, Args)]
pub struct List {}

impl List {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let standings = match cx.call(&Request::SyncStatus(None))? {
            Answer::Standings(standings) => standings,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&standings);
        } else if standings.is_empty() {
            super::status::nothing_yet(cx);
        } else {
            output::line(output::glance(&standings));
        }
        Ok(DONE)
    }
}
