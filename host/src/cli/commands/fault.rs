//! `ferry fault`.

mod clear;
mod list;
mod recreate;
mod retry;
mod show;
mod skip;

use clap::Subcommand;
use ferry::request::{Action, Fault as Parked};

use crate::cli::{Context, Outcome, output};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Fault {
    List(list::List),
    Show(show::Show),
    Retry(retry::Retry),
    Skip(skip::Skip),
    Recreate(recreate::Recreate),
}

impl Fault {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::List(command) => command.run(cx),
            Self::Show(command) => command.run(cx),
            Self::Retry(command) => command.run(cx),
            Self::Skip(command) => command.run(cx),
            Self::Recreate(command) => command.run(cx),
        }
    }
}

/// Faults, a line each.
pub fn table(faults: &[Parked]) -> String {
    let mut table = output::Table::new(&["id", "kind", "issue", "part", "at", "since", "reason"]);
    for fault in faults {
        table.row([
            fault.id.clone(),
            fault.kind.clone(),
            fault.issue.clone(),
            fault.part.clone(),
            place(fault).to_owned(),
            output::age(&fault.since),
            fault.reason.clone(),
        ]);
    }
    table.render(output::width())
}

/// Where a fault is.
fn place(fault: &Parked) -> &'static str {
    if fault.partner { "partner" } else { "here" }
}

/// The verb of an action.
fn verb(action: Action) -> &'static str {
    match action {
        Action::Retry => "retry",
        Action::Skip => "skip",
        Action::Recreate => "recreate",
    }
}
