//! `ferry tracker`.

mod add;
mod check;
mod list;
mod remove;
mod schema;

use clap::Subcommand;

use crate::cli::{Context, Outcome};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Tracker {
    Add(add::Add),
    List(list::List),
    Check(check::Check),
    Schema(schema::Schema),
    Remove(remove::Remove),
}

impl Tracker {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::Add(command) => command.run(cx),
            Self::List(command) => command.run(cx),
            Self::Check(command) => command.run(cx),
            Self::Schema(command) => command.run(cx),
            Self::Remove(command) => command.run(cx),
        }
    }
}
