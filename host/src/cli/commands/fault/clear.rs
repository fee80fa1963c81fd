//! What the verbs that clear faults share.

use clap::Args;
use ferry::request::{Action, Answer, Failure, Request, Selection};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Which faults.
#[derive(Debug, Args)]
pub struct Which {
    /// The synchronization
    pub name: Name,
    /// Faults, by their ids
    #[arg(value_name = "ID", required_unless_present = "kind", conflicts_with = "kind")]
    pub ids: Vec<String>,
    /// All faults of this kind
    #[arg(long)]
    pub kind: Option<String>,
}

/// Clears them.
pub fn clear(cx: &Context, which: Which, action: Action, what: &str) -> Outcome {
    let selection = match which.kind {
        Some(kind) => Selection::Kind(kind),
        None => Selection::Ids(which.ids),
    };
    let count = match cx.call(&Request::Clear(which.name.clone(), selection, action))? {
        Answer::Count(count) => count,
        other => return Err(unexpected(other)),
    };
    if count == 0 {
        return Err(Failure::not_found("no such fault is open here")
            .with_help(format!("`ferry fault list {}` lists them", which.name)));
    }
    if cx.json {
        output::json(&serde_json::json!({ "cleared": count }));
        return Ok(DONE);
    }
    output::line(format!("{} {what}.", output::count(u64::from(count), "fault", "faults")));
    Ok(DONE)
}
