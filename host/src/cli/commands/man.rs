//! `ferry man`.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use ferry::request::Failure;

use crate::cli::{Cli, DONE, Outcome, output};

/// Write the manual pages
///
///   ferry man ~/.local/share/man/man1
#[derive(Debug, Args)]
pub struct Man {
    /// Where to write them; made where it isn't there
    folder: PathBuf,
}

impl Man {
    /// Runs it.
    pub fn run(self) -> Outcome {
        let failed = |e: std::io::Error| Failure::failed(format!("{} can't be written: {e}", self.folder.display()));
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        clap_mangen::generate_to(Cli::command(), &self.folder).map_err(failed)?;
        output::note(format!("Wrote the manual pages to {}.", self.folder.display()));
        Ok(DONE)
    }
}
