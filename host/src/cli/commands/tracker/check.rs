//! `ferry tracker check`.

use clap::Args;
use ferry::request::{Answer, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Ask a tracker what it is and what it can do
#[derive(Debug, Args)]
pub struct Check {
    /// The tracker
    name: Name,
    /// The project to ask about [default: one that is synchronized]
    #[arg(long)]
    project: Option<String>,
    /// Agree to the adapter as it is now, after an upgrade
    #[arg(long)]
    accept: bool,
}

impl Check {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        if self.accept {
            cx.confirm(&format!("Shall the adapter of {}, as it is now, be trusted with its grants?", self.name))?;
        }
        let identity =
            match cx.call(&Request::TrackerCheck { name: self.name, project: self.project, accept: self.accept })? {
                Answer::Identity(identity) => identity,
                other => return Err(unexpected(other)),
            };
        if cx.json {
            output::json(&identity);
            return Ok(DONE);
        }
        let mut facts = output::Facts::default();
        facts.add("product", format!("{} {}", identity.product, identity.version));
        facts.add("instance", &identity.instance);
        facts.add("account", &identity.account);
        facts.add("can do", identity.abilities.join(", "));
        if let Some(bytes) = identity.max_attachment_bytes {
            facts.add("attachments", format!("up to {bytes} bytes"));
        }
        output::line(facts.under(&format!("{} answers", identity.name), output::width()));
        Ok(DONE)
    }
}
