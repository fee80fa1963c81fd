//! `ferry sync preview`.

use clap::Args;
use ferry::request::{Answer, Direction, Plan, Planned, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Show what would be written here and what would leave; nothing is done
#[derive(Debug, Args)]
pub struct Preview {
    /// The synchronization
    name: Name,
    /// Only what would be written here
    #[arg(long, conflicts_with = "outgoing")]
    incoming: bool,
    /// Only what would leave
    #[arg(long)]
    outgoing: bool,
    /// At most so many issues
    #[arg(long, value_name = "ISSUES", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Show outgoing messages byte by byte, in hexadecimal
    #[arg(long)]
    bytes: bool,
}

impl Preview {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let which = match (self.incoming, self.outgoing) {
            (true, _) => Some(Direction::Incoming),
            (_, true) => Some(Direction::Outgoing),
            _ => None,
        };
        let plan = match cx.call(&Request::Preview { name: self.name, which, limit: self.limit })? {
            Answer::Plan(plan) => plan,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&plan);
            return Ok(DONE);
        }
        show(&plan, which, self.bytes);
        if plan.more {
            output::note(format!("There is more than {}; --limit shows more.", plan.entries.len()));
        }
        Ok(DONE)
    }
}

fn show(plan: &Plan, which: Option<Direction>, bytes: bool) {
    let directions = [
        (Direction::Incoming, "would be written here", "Nothing would be written here."),
        (Direction::Outgoing, "would leave", "Nothing would leave."),
    ];
    for (direction, verb, nothing) in directions {
        if which.is_some_and(|which| which != direction) {
            continue;
        }
        let entries: Vec<_> = plan.entries.iter().filter(|entry| entry.direction == direction).collect();
        if entries.is_empty() {
            output::line(nothing);
            continue;
        }
        let more = if plan.more { "at least " } else { "" };
        let issues = output::count(entries.len() as u64, "issue", "issues");
        output::line(output::paint(output::BOLD, format!("{more}{issues} {verb}:")));
        for entry in entries {
            one(entry, bytes);
        }
    }
}

fn one(entry: &Planned, bytes: bool) {
    let mut facts = output::Facts::default();
    for part in &entry.parts {
        facts.add(&part.name, change(&part.before, &part.after));
    }
    if !entry.message.is_empty() {
        facts.add("message", output::count(entry.message.len() as u64, "byte", "bytes"));
        if bytes {
            let digits: String = entry.message.iter().map(|byte| format!("{byte:02x}")).collect();
            facts.add("bytes", digits);
        }
    }
    output::line(facts.under(&format!("{} {}", entry.action, entry.key), output::width()));
}

fn change(before: &str, after: &str) -> String {
    let short = |text: &str| {
        let mut line: String = text.chars().take(200).collect();
        if line.len() < text.len() {
            line.push('…');
        }
        line
    };
    match (before, after) {
        ("", after) => short(after),
        (before, "") => format!("{} → nothing", short(before)),
        (before, after) => format!("{} → {}", short(before), short(after)),
    }
}
