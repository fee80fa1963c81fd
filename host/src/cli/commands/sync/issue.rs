//! `ferry sync issue`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::{Name, Side};

use crate::cli::commands::fault;
use crate::cli::context::unexpected;
use crate::cli::{Context, Outcome, output};

/// Show the pair of one issue, and its faults
#[derive(Debug, Args)]
pub struct Issue {
    /// The synchronization
    name: Name,
    /// The issue's key, here or at the partner
    key: String,
}

impl Issue {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let (pair, faults) = match cx.call(&Request::Pair(self.name, self.key.clone()))? {
            Answer::Pair(pair, faults) => (pair, faults),
            other => return Err(unexpected(other)),
        };
        let code = if faults.iter().any(|fault| !fault.partner) { 5 } else { 0 };
        if cx.json {
            output::json(&serde_json::json!({ "pair": pair, "faults": faults }));
            return Ok(code);
        }
        let mut facts = output::Facts::default();
        facts.add("here", pair.key.as_deref().unwrap_or("not written yet"));
        facts.add("partner", pair.partner_key.as_deref().unwrap_or("not known yet"));
        if let Some(url) = &pair.partner_url {
            facts.add("look there", url);
        }
        let origin = match pair.origin {
            Side::Primary => "the primary",
            Side::Secondary => "the secondary",
        };
        facts.add("comes from", origin);
        facts.add("standing", format!("{} (version {})", pair.standing, pair.version));
        facts.add("pair", &pair.pair);
        output::line(facts.under(&self.key, output::width()));
        if !faults.is_empty() {
            output::line(format!("\n{}", fault::table(&faults)));
        }
        Ok(code)
    }
}
