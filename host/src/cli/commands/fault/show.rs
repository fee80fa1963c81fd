//! `ferry fault show`.

use clap::Args;
use ferry::request::{Answer, Failure, Request};
use ferry::settings::Name;

use super::{place, verb};
use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Show a fault: what, why, since when, and what clears it
#[derive(Debug, Args)]
pub struct Show {
    /// The synchronization
    name: Name,
    /// The fault's id, or as much of it as names it
    id: String,
}

impl Show {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let faults = match cx.call(&Request::Faults(self.name.clone()))? {
            Answer::Faults(faults) => faults,
            other => return Err(unexpected(other)),
        };
        let mut fitting = faults.iter().filter(|fault| fault.id.starts_with(&self.id));
        let Some(fault) = fitting.next() else {
            return Err(Failure::not_found(format!("{} has no fault {}", self.name, self.id))
                .with_help(format!("`ferry fault list {}` lists them", self.name)));
        };
        if fault.id != self.id && fitting.next().is_some() {
            return Err(Failure::usage(format!("more than one fault begins with {}; give more of its id", self.id)));
        }
        if cx.json {
            output::json(fault);
            return Ok(DONE);
        }
        let mut facts = output::Facts::default();
        facts.add("issue", &fault.issue);
        facts.add("part", &fault.part);
        facts.add("kind", &fault.kind);
        facts.add("at", place(fault));
        facts.add("since", format!("{} ({})", output::age(&fault.since), fault.since));
        facts.add("reason", &fault.reason);
        let clears: Vec<_> =
            fault.actions.iter().map(|a| format!("`ferry fault {} {} {}`", verb(*a), self.name, fault.id)).collect();
        match clears.is_empty() {
            true => facts.add("cleared by", "the partner's people"),
            false => facts.add("cleared by", cx.advice(&clears.join("\n"))),
        }
        output::line(facts.under(&format!("Fault {}", fault.id), output::width()));
        Ok(DONE)
    }
}
