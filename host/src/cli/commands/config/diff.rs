//! `ferry config diff`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, Failure, Request};
use ferry::settings::Name;
use similar::{ChangeTag, TextDiff};

use crate::cli::context::{read_text, unexpected};
use crate::cli::{Context, DONE, Outcome, output};

/// Show what a file, or the draft, would change in the configuration in force
#[derive(Debug, Args)]
pub struct Diff {
    /// The synchronization
    name: Name,
    /// The configuration (- for standard input) [default: the draft]
    file: Option<PathBuf>,
}

impl Diff {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let show = |draft| match cx.call(&Request::ConfigShow { name: self.name.clone(), draft })? {
            Answer::Text(text) => Ok::<_, Failure>(text),
            other => Err(unexpected(other)),
        };
        let ours = show(false)?;
        let (theirs, label) = match &self.file {
            Some(file) => (read_text(file)?, file.display().to_string()),
            None => (show(true)?, "draft".to_owned()),
        };
        let diff = TextDiff::from_lines(&ours, &theirs);
        let unified = diff.unified_diff().header("in force", &label).to_string();
        if cx.json {
            output::json(&serde_json::json!({ "diff": unified }));
            return Ok(DONE);
        }
        if unified.is_empty() {
            output::line("They are the same.");
        }
        for hunk in diff.unified_diff().header("in force", &label).iter_hunks() {
            output::line(output::paint(output::FAINT, hunk.header()));
            for change in hunk.iter_changes() {
                let text = change.value().trim_end_matches(['\r', '\n']);
                match change.tag() {
                    ChangeTag::Delete => output::line(output::paint(output::BAD, format!("-{text}"))),
                    ChangeTag::Insert => output::line(output::paint(output::GOOD, format!("+{text}"))),
                    ChangeTag::Equal => output::line(format!(" {text}")),
                }
            }
        }
        Ok(DONE)
    }
}
