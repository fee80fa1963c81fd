//! `ferry completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::{Cli, DONE, Outcome, output};

/// Print completions for a shell
///
///   ferry completions bash > ~/.local/share/bash-completion/completions/ferry
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Runs it.
    pub fn run(self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "ferry", &mut script);
        output::raw(&String::from_utf8_lossy(&script));
        Ok(DONE)
    }
}
