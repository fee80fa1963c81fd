//! `ferry config example`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Print a configuration that fits, commented, and good as it is
///
/// The primary's is made from the tracker's schema, the secondary's from what
/// the partner published and what here could answer it:
///
///   ferry config example globex > globex.toml
#[derive(Debug, Args)]
pub struct Example {
    /// The synchronization
    name: Name,
}

impl Example {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match cx.call(&Request::ConfigExample(self.name))? {
            Answer::Text(text) if cx.json => output::json(&serde_json::json!({ "configuration": text })),
            Answer::Text(text) => output::raw(&text),
            other => return Err(unexpected(other)),
        }
        Ok(DONE)
    }
}
