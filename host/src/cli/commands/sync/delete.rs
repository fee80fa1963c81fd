//! `ferry sync delete`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Stop for good, tell the partner, and forget the synchronization
///
/// Issues stay in both trackers. Asks first.
#[derive(Debug, Args)]
pub struct Delete {
    /// The synchronization
    name: Name,
    /// Forget it though the partner can't be told
    #[arg(long)]
    untold: bool,
}

impl Delete {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        cx.confirm(&format!(
            "Shall the synchronization {} end for good? Issues stay in both trackers; \
             what connects them is forgotten.",
            self.name
        ))?;
        let request = Request::SyncDelete { name: self.name.clone(), untold: self.untold };
        let exchange = match cx.call(&request)? {
            Answer::Deleted(exchange) => exchange,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&serde_json::json!({ "deleted": self.name, "exchange": exchange }));
            return Ok(DONE);
        }
        output::line(format!("{} is deleted. Issues stay in both trackers.", self.name));
        if let Some(exchange) = exchange {
            output::line(output::wrap(
                &format!("{exchange} stays, with our last word to the partner; remove it when they have read it."),
                0,
            ));
        }
        Ok(DONE)
    }
}
