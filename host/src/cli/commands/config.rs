//! `ferry config`.

mod adopt;
mod check;
mod diff;
mod draft;
mod example;
mod publish;
mod show;
mod verdict;

use clap::Subcommand;

use crate::cli::{Context, Outcome};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Config {
    Example(example::Example),
    Check(check::Check),
    Draft(draft::Draft),
    Publish(publish::Publish),
    Adopt(adopt::Adopt),
    Show(show::Show),
    Diff(diff::Diff),
}

impl Config {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::Example(command) => command.run(cx),
            Self::Check(command) => command.run(cx),
            Self::Draft(command) => command.run(cx),
            Self::Publish(command) => command.run(cx),
            Self::Adopt(command) => command.run(cx),
            Self::Show(command) => command.run(cx),
            Self::Diff(command) => command.run(cx),
        }
    }
}
