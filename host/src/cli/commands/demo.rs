//! `ferry demo`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Context, DONE, Outcome};

/// Demo
#[derive(Debug, Args)]
pub struct Demo {
    /// Where
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Demo {
    /// Runs it.
    pub fn run(self, _cx: &Context) -> Outcome {
        Ok(DONE)
    }
}
