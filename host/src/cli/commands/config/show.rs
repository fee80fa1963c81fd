//! `ferry config show`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Print the configuration in force, or the draft
#[derive(Debug, Args)]
pub struct Show {
    /// The synchronization
    name: Name,
    /// The draft
    #[arg(long)]
    draft: bool,
}

impl Show {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match cx.call(&Request::ConfigShow { name: self.name, draft: self.draft })? {
            Answer::Text(text) if cx.json => output::json(&serde_json::json!({ "configuration": text })),
            Answer::Text(text) => output::raw(&text),
            other => return Err(unexpected(other)),
        }
        Ok(DONE)
    }
}
