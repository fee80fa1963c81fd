//! `ferry parcel retry`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use super::named;
use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Have parcels in quarantine looked at again
#[derive(Debug, Args)]
pub struct Retry {
    /// The synchronization
    name: Name,
    /// Parcels, by their digests [default: all of them]
    #[arg(value_name = "DIGEST")]
    digests: Vec<String>,
}

impl Retry {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let digests = match self.digests.is_empty() {
            true => Vec::new(),
            false => named(cx, &self.name, &self.digests)?.into_iter().map(|parcel| parcel.digest).collect(),
        };
        let count = match cx.call(&Request::Reopen(self.name, digests))? {
            Answer::Count(count) => count,
            other => return Err(unexpected(other)),
        };
        match cx.json {
            true => output::json(&serde_json::json!({ "reopened": count })),
            false => output::line(format!(
                "{} will be looked at again at the next tick.",
                output::count(u64::from(count), "parcel", "parcels")
            )),
        }
        Ok(DONE)
    }
}
