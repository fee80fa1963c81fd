//! `ferry tracker list`.

use clap::Args;
use ferry::request::{Answer, Request};

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// List the trackers
#[derive(Debug, Args)]
pub struct List {}

impl List {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let trackers = match cx.call(&Request::TrackerList)? {
            Answer::Trackers(trackers) => trackers,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&trackers);
            return Ok(DONE);
        }
        if trackers.is_empty() {
            output::line("There is no tracker yet.");
            output::next(&cx.advice("`ferry tracker add NAME --adapter local --folder DIR`"));
            return Ok(DONE);
        }
        let mut table = output::Table::new(&["name", "adapter", "synchronizations", "may use"]);
        for tracker in trackers {
            let used = tracker.synchronizations.join(", ");
            let granted: Vec<String> = tracker.folder.into_iter().chain(tracker.origins).collect();
            table.row([tracker.name, tracker.adapter, used, granted.join(", ")]);
        }
        output::line(table.render(output::width()));
        Ok(DONE)
    }
}
