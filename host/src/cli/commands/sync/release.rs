//! `ferry sync release`.

use clap::Args;
use ferry::request::{Answer, Failure, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Let go on what was held back because unusually many issues changed
///
/// More than a fifth of all issues, and more than 50, changed or left within an
/// hour: Ferry holds what goes beyond, in both directions, until a person has
/// looked at it. `ferry sync pairs NAME` shows which issues are held back. What
/// was a mistake is put right in the tracker it was made in; nothing that was
/// put right is sent.
#[derive(Debug, Args)]
pub struct Release {
    /// The synchronization
    name: Name,
}

impl Release {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let count = match cx.call(&Request::SyncRelease(self.name.clone()))? {
            Answer::Count(count) => count,
            other => return Err(unexpected(other)),
        };
        if count == 0 {
            return Err(Failure::not_found(format!("nothing is held back in {}", self.name))
                .with_help(format!("`ferry sync status {}` says how it stands", self.name)));
        }
        if cx.json {
            output::json(&serde_json::json!({ "released": count }));
            return Ok(DONE);
        }
        output::line(format!("What changed of {} goes on.", output::count(u64::from(count), "issue", "issues")));
        Ok(DONE)
    }
}
