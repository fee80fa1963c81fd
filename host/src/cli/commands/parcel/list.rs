//! `ferry parcel list`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// List the parcels in quarantine
///
/// What was in them arrives by another parcel, without anybody's help; a
/// parcel that comes back again and again is worth a look.
#[derive(Debug, Args)]
pub struct List {
    /// The synchronization
    name: Name,
}

impl List {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let parcels = match cx.call(&Request::Parcels(self.name.clone()))? {
            Answer::Parcels(parcels) => parcels,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&parcels);
            return Ok(DONE);
        }
        if parcels.is_empty() {
            output::line("No parcel is in quarantine.");
            return Ok(DONE);
        }
        let mut table = output::Table::new(&["digest", "since", "reason"]);
        for parcel in &parcels {
            let short: String = parcel.digest.chars().take(16).collect();
            table.row([short, output::age(&parcel.since), parcel.reason.clone()]);
        }
        output::line(table.render(output::width()));
        output::next(&cx.advice(&format!(
            "`ferry parcel show {0} DIGEST` says more; `ferry parcel retry {0} DIGEST` has one looked at again",
            self.name
        )));
        Ok(DONE)
    }
}
