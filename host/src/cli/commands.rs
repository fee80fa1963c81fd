//! One file a verb; the doc comment is the help.

mod completions;
mod config;
mod demo;
mod doctor;
mod fault;
mod handshake;
mod key;
mod man;
mod parcel;
mod run;
mod sync;
mod tracker;

use clap::Subcommand;

use super::{Context, Outcome};

/// The nouns.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(demo::Demo),
    /// Trackers: where issues live, and what their adapters are granted
    #[command(subcommand)]
    Tracker(tracker::Tracker),
    /// Synchronizations: one project here, one at the partner, kept in step
    #[command(subcommand)]
    Sync(Box<sync::Sync>),
    /// Handshake files: what the primary hands to its partner
    #[command(subcommand)]
    Handshake(handshake::Handshake),
    /// Keys: what parcels are signed and sealed with
    #[command(subcommand)]
    Key(key::Key),
    /// Configurations: what is shared, and under which names
    #[command(subcommand)]
    Config(config::Config),
    /// Faults: what could not be applied, on either side
    #[command(subcommand)]
    Fault(fault::Fault),
    /// Parcels in quarantine: what could not be opened
    #[command(subcommand)]
    Parcel(parcel::Parcel),
    Run(run::Run),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Whether it runs until it is told to end.
    pub fn lasts(&self) -> bool {
        matches!(self, Self::Run(command) if command.lasts())
    }

    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::Demo(command) => command.run(cx),
            Self::Tracker(command) => command.run(cx),
            Self::Sync(command) => command.run(cx),
            Self::Handshake(command) => command.run(cx),
            Self::Key(command) => command.run(cx),
            Self::Config(command) => command.run(cx),
            Self::Fault(command) => command.run(cx),
            Self::Parcel(command) => command.run(cx),
            Self::Run(command) => command.run(cx),
            Self::Doctor(command) => command.run(cx),
            Self::Completions(command) => command.run(),
            Self::Man(command) => command.run(),
        }
    }
}
