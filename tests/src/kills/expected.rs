//! What people wrote, and what a folder shows of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, people};
use crate::local;
use crate::office::Office;

/// What an issue should show.
#[derive(Default)]
struct Issue {
    title: String,
    description: String,
    comments: BTreeSet<String>,
}

/// What people wrote.
#[derive(Default)]
pub(super) struct Expected {
    /// How many changes that were.
    pub changes: u64,
    words: u64,
    issues: BTreeMap<String, Issue>,
}

impl Expected {
    /// A number that nothing had before.
    pub fn word(&mut self) -> u64 {
        self.words += 1;
        self.words
    }

    pub fn created(&mut self, label: &str, title: String, description: String) {
        self.issues.insert(label.to_owned(), Issue { title, description, comments: BTreeSet::new() });
        self.changes += 1;
    }

    pub fn titled(&mut self, label: &str, title: String) {
        self.change(label).title = title;
    }

    pub fn described(&mut self, label: &str, description: String) {
        self.change(label).description = description;
    }

    pub fn commented(&mut self, label: &str, text: String) {
        self.change(label).comments.insert(text);
    }

    fn change(&mut self, label: &str) -> &mut Issue {
        self.changes += 1;
        self.issues.entry(label.to_owned()).or_default()
    }

    /// What a side lacks, and what it has too much.
    pub fn compare(&self, office: &Office, report: &mut Report) {
        let mut found = BTreeSet::new();
        for file in people::files(office) {
            let name = file.display();
            let issue = people::label(&file).and_then(|label| Some((self.issues.get(&label)?, label)));
            let Some((issue, label)) = issue else {
                report.doubled.push(format!("{name}: nobody wrote it"));
                continue;
            };
            if !found.insert(label.clone()) {
                report.doubled.push(format!("{name}: {label} is there already"));
            }
            let shown = local::read(&file);
            if shown.title != issue.title {
                report.lost.push(format!("{name}: its title is {:?} and should be {:?}", shown.title, issue.title));
            }
            if shown.description.as_deref() != Some(issue.description.as_str()) {
                let (is, should) = (&shown.description, &issue.description);
                report.lost.push(format!("{name}: its description is {is:?} and should be {should:?}"));
            }
            let mut comments = BTreeSet::new();
            for comment in shown.comments {
                if !issue.comments.contains(&comment.text) || !comments.insert(comment.text.clone()) {
                    report.doubled.push(format!("{name}: the comment {:?}", comment.text));
                }
            }
            let lacking = issue.comments.difference(&comments);
            report.lost.extend(lacking.map(|comment| format!("{name}: the comment {comment:?}")));
        }
        let lacking = self.issues.keys().filter(|label| !found.contains(*label));
        report.lost.extend(lacking.map(|label| format!("{}: the issue {label}", office.project)));
    }
}
