//! `ferry tracker schema`.

use clap::Args;
use ferry::request::{Answer, Request, SchemaField};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Show the issue types, fields and statuses of a project
#[derive(Debug, Args)]
pub struct Schema {
    /// The tracker
    name: Name,
    /// The project in it
    #[arg(long)]
    project: String,
}

impl Schema {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let schema = match cx.call(&Request::TrackerSchema { name: self.name, project: self.project })? {
            Answer::Schema(schema) => schema,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&schema);
            return Ok(DONE);
        }
        for of in &schema.types {
            let mut facts = output::Facts::default();
            facts.add("statuses", of.statuses.join(", "));
            for step in &of.transitions {
                facts.add("transition", format!("{}: {} → {}", step.name, step.source, step.target));
            }
            output::line(facts.under(&of.name, output::width()));
            let mut table = output::Table::new(&["field", "kind", "notes"]);
            for field in &of.fields {
                table.row([field.name.clone(), field.kind.clone(), notes(field)]);
            }
            output::line(format!("{}\n", table.render(output::width())));
        }
        if !schema.link_kinds.is_empty() {
            output::line(format!("Links: {}", schema.link_kinds.join(", ")));
        }
        if !schema.complete {
            output::note("The synchronization user may not see all of the project; ask its administrator.");
        }
        Ok(DONE)
    }
}

fn notes(field: &SchemaField) -> String {
    let mut notes = Vec::new();
    if field.label != field.name {
        notes.push(format!("\"{}\"", field.label));
    }
    if field.required {
        notes.push("required".to_owned());
    }
    if !field.writable {
        notes.push("read only".to_owned());
    }
    if !field.options.is_empty() {
        notes.push(format!("one of: {}", field.options.join(", ")));
    }
    notes.join("; ")
}
