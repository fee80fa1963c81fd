//! `ferry fault list`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// List what could not be applied, on either side
#[derive(Debug, Args)]
pub struct List {
    /// The synchronization
    name: Name,
    /// Only this kind
    #[arg(long)]
    kind: Option<String>,
}

impl List {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let mut faults = match cx.call(&Request::Faults(self.name.clone()))? {
            Answer::Faults(faults) => faults,
            other => return Err(unexpected(other)),
        };
        faults.retain(|fault| self.kind.as_ref().is_none_or(|kind| *kind == fault.kind));
        if cx.json {
            output::json(&faults);
        } else if faults.is_empty() {
            output::line("There are no faults.");
        } else {
            output::line(super::table(&faults));
            if faults.iter().any(|fault| !fault.partner) {
                output::next(&cx.advice(&format!(
                    "mend what the reason says, then `ferry fault retry {0} ID…` or \
                     `ferry fault retry {0} --kind KIND`; `ferry fault skip {0} ID…` leaves it as it is",
                    self.name
                )));
            }
        }
        Ok(DONE)
    }
}
