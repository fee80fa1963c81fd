//! `ferry parcel show`.

use clap::Args;
use ferry::settings::Name;

use super::named;
use crate::cli::{Context, DONE, Outcome, output};

/// Show why a parcel is in quarantine
#[derive(Debug, Args)]
pub struct Show {
    /// The synchronization
    name: Name,
    /// The parcel's digest, or as much of it as names it
    digest: String,
}

impl Show {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        for parcel in named(cx, &self.name, &[self.digest])? {
            if cx.json {
                output::json(&parcel);
                continue;
            }
            let mut facts = output::Facts::default();
            facts.add("name", &parcel.name);
            facts.add("reason", &parcel.reason);
            facts.add("since", format!("{} ({})", output::age(&parcel.since), parcel.since));
            facts.add("refused by", format!("engine {}", parcel.engine));
            output::line(facts.under(&format!("Parcel {}", parcel.digest), output::width()));
        }
        Ok(DONE)
    }
}
