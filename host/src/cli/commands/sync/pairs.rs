//! `ferry sync pairs`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, Failure, Pair, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// List the pairs: local issues and their counterparts
#[derive(Debug, Args)]
pub struct Pairs {
    /// The synchronization
    name: Name,
    /// Write them as CSV (- for standard output)
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Pairs {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let to_stdout = self.csv.as_ref().is_some_and(|file| file.as_os_str() == "-");
        if to_stdout && cx.json {
            return Err(Failure::usage("standard output can't hold both JSON and CSV")
                .with_help("name a file with --csv, or leave --json away"));
        }
        let mut pairs = match cx.call(&Request::Pairs(self.name))? {
            Answer::Pairs(pairs) => pairs,
            other => return Err(unexpected(other)),
        };
        pairs.sort_by_cached_key(|pair| number(pair.key.as_deref().or(pair.partner_key.as_deref())));
        if let Some(file) = &self.csv {
            let text = csv(&pairs);
            if to_stdout {
                output::raw(&text);
                return Ok(DONE);
            }
            std::fs::write(file, text)
                .map_err(|e| Failure::failed(format!("{} can't be written: {e}", file.display())))?;
            match cx.json {
                true => output::json(&serde_json::json!({ "pairs": pairs.len(), "file": file })),
                false => output::note(format!("Wrote {} to {}.", counted(&pairs), file.display())),
            }
        } else if cx.json {
            output::json(&pairs);
        } else if pairs.is_empty() {
            output::line("There are no pairs yet.");
        } else {
            let mut table = output::Table::new(&["here", "partner", "version", "faults", "standing"]);
            for pair in &pairs {
                let faults = if pair.faults == 0 { String::new() } else { pair.faults.to_string() };
                table.row([
                    pair.key.clone().unwrap_or_default(),
                    pair.partner_key.clone().unwrap_or_default(),
                    pair.version.to_string(),
                    faults,
                    pair.standing.clone(),
                ]);
            }
            output::line(table.render(output::width()));
        }
        Ok(DONE)
    }
}

/// Keys in the order of their numbers: `ACME-9` before `ACME-10`.
fn number(key: Option<&str>) -> (String, u64) {
    let key = key.unwrap_or_default();
    let letters = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = key.strip_prefix(letters).unwrap_or_default();
    (letters.to_owned(), digits.parse().unwrap_or_default())
}

fn counted(pairs: &[Pair]) -> String {
    output::count(pairs.len() as u64, "pair", "pairs")
}

/// RFC 4180, with a heading.
fn csv(pairs: &[Pair]) -> String {
    let mut text = String::from("key,partner_key,version,standing,faults,partner_url\r\n");
    for pair in pairs {
        let (version, faults) = (pair.version.to_string(), pair.faults.to_string());
        let cells = [
            pair.key.as_deref().unwrap_or(""),
            pair.partner_key.as_deref().unwrap_or(""),
            &version,
            &pair.standing,
            &faults,
            pair.partner_url.as_deref().unwrap_or(""),
        ];
        text.push_str(&cells.map(cell).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell; what a spreadsheet would take for a formula is made text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_their_numbers() {
        let mut keys = ["ACME-10", "ACME-9", "ABC-20", "x"];
        keys.sort_by_key(|key| number(Some(key)));
        assert_eq!(keys, ["ABC-20", "ACME-9", "ACME-10", "x"]);
    }

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        assert_eq!(cell("ACME-1"), "ACME-1");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
    }
}
