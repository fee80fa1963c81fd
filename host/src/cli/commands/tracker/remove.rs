//! `ferry tracker remove`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use crate::cli::{Context, DONE, Outcome, output};

/// Forget a tracker that no synchronization uses
///
/// Its issues stay where they are.
#[derive(Debug, Args)]
pub struct Remove {
    /// The tracker
    name: Name,
}

impl Remove {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        cx.call(&Request::TrackerRemove(self.name.clone()))?;
        match cx.json {
            true => output::json(&serde_json::json!({ "removed": self.name })),
            false => output::line(format!("Forgot the tracker {}. Its issues stay where they are.", self.name)),
        }
        Ok(DONE)
    }
}
