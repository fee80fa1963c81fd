//! `ferry config check`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::verdict;
use crate::cli::context::read_text;
use crate::cli::{Context, Outcome};

/// Check a configuration against the tracker; nothing is changed
#[derive(Debug, Args)]
pub struct Check {
    /// The synchronization
    name: Name,
    /// The configuration (- for standard input)
    file: PathBuf,
}

impl Check {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let answer = cx.call(&Request::ConfigCheck(self.name, read_text(&self.file)?))?;
        let good = format!("{} is good.", self.file.display());
        verdict::show(cx, &verdict::of(answer)?, Some(&self.file), &good, "")
    }
}
