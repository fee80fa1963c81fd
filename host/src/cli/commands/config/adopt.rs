//! `ferry config adopt`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::verdict;
use crate::cli::{Context, Outcome};

/// The secondary's: answer what the primary published
///
/// Maps the published names onto this side's own. It can narrow what is
/// shared, and can't widen it.
#[derive(Debug, Args)]
pub struct Adopt {
    /// The synchronization
    name: Name,
    /// The configuration (- for standard input) [default: the draft]
    file: Option<PathBuf>,
}

impl Adopt {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let text = verdict::text(self.file.as_ref())?;
        let answer = cx.call(&Request::ConfigAdopt(self.name.clone(), text))?;
        let next = format!(
            "`ferry sync preview {0}` shows what would happen; `ferry sync start {0}` begins, where it doesn't run yet",
            self.name
        );
        verdict::show(cx, &verdict::of(answer)?, self.file.as_deref(), "Adopted.", &next)
    }
}
