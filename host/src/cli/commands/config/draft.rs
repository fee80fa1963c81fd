//! `ferry config draft`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::verdict;
use crate::cli::context::read_text;
use crate::cli::{Context, Outcome};

/// Keep a configuration for later
///
/// What runs goes on as it is. `publish` or `adopt` without a file takes the
/// draft.
#[derive(Debug, Args)]
pub struct Draft {
    /// The synchronization
    name: Name,
    /// The configuration (- for standard input)
    file: PathBuf,
}

impl Draft {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let answer = cx.call(&Request::ConfigDraft(self.name.clone(), read_text(&self.file)?))?;
        let next =
            format!("`ferry config publish {0}` as the primary, `ferry config adopt {0}` as the secondary", self.name);
        verdict::show(cx, &verdict::of(answer)?, Some(&self.file), "The draft is kept.", &next)
    }
}
