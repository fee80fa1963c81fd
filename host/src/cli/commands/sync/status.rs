//! `ferry sync status`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Show how a synchronization stands, and what to do next
///
/// Ends with 5 where something is parked and wants a person.
#[derive(Debug, Args)]
pub struct Status {
    /// The synchronization [default: all of them]
    name: Option<Name>,
}

impl Status {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let standings = match cx.call(&Request::SyncStatus(self.name.clone()))? {
            Answer::Standings(standings) => standings,
            other => return Err(unexpected(other)),
        };
        let code = standings.iter().map(output::worry).max().unwrap_or(DONE);
        if cx.json {
            match (&self.name, standings.as_slice()) {
                (Some(_), [one]) => output::json(one),
                _ => output::json(&standings),
            }
            return Ok(code);
        }
        match standings.as_slice() {
            [] => nothing_yet(cx),
            [one] => {
                output::line(output::detail(one));
                if let Some(next) = &one.next {
                    output::next(&cx.advice(next));
                }
            }
            all => {
                output::line(output::glance(all));
                for one in all {
                    if let Some(next) = &one.next {
                        output::line(output::wrap(&cx.advice(&format!("Next for {}: {next}", one.name)), 2));
                    }
                }
            }
        }
        Ok(code)
    }
}

/// What to do in a new home.
pub fn nothing_yet(cx: &Context) {
    output::line("There is no synchronization yet.");
    output::next(&cx.advice(
        "`ferry demo` shows what Ferry does; `ferry tracker add NAME --adapter local --folder DIR` begins for real",
    ));
}
