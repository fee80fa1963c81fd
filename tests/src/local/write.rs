//! Writing issues' files as people do.

use std::fmt::Write as _;
use std::path::Path;

use crate::issues::{ArchivedComment, ArchivedIssue};

/// What issues of the archive have beyond the fields that every tracker has.
const TRACKER: &str = r#"
statuses = ["open", "closed"]

[[types]]
name = "Issue"

[[types]]
name = "Change"

[[fields]]
name = "labels"
kind = "labels"

[[fields]]
name = "reporter"
kind = "user"

[[fields]]
name = "assignees"
kind = "users"
"#;

/// Makes the folder a tracker with the archive's types and fields.
pub fn write_tracker(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a directory of our own can be written");
    std::fs::write(folder.join("tracker.toml"), TRACKER).expect("a directory of our own can be written");
}

/// Writes issues of the archive, one file each, `PROJECT-NUMBER.md`.
pub fn write_archive(folder: &Path, project: &str, issues: &[ArchivedIssue]) {
    write_tracker(folder);
    for issue in issues {
        let file = folder.join(format!("{project}-{}.md", issue.number));
        std::fs::write(file, text(project, issue)).expect("a directory of our own can be written");
    }
}

fn text(project: &str, issue: &ArchivedIssue) -> String {
    let title = issue.title.trim();
    let quoted = |word: &str| toml::Value::String(word.to_owned()).to_string();
    let list = |words: &[String]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
    let issue_type = if issue.kind == "issue" { "Issue" } else { "Change" };
    let status = if issue.state == "OPEN" { "open" } else { "closed" };
    let mut out =
        format!("+++\nkey = \"{project}-{}\"\ntype = \"{issue_type}\"\nstatus = \"{status}\"\n", issue.number);
    writeln!(out, "created = {}", quoted(&issue.created)).unwrap();
    if !issue.labels.is_empty() {
        writeln!(out, "labels = [{}]", list(&issue.labels)).unwrap();
    }
    if let Some(author) = &issue.author {
        writeln!(out, "reporter = {}", quoted(author)).unwrap();
    }
    if !issue.assignees.is_empty() {
        writeln!(out, "assignees = [{}]", list(&issue.assignees)).unwrap();
    }
    write!(out, "+++\n# {title}\n").unwrap();
    if let Some(body) = issue.body.as_deref().filter(|body| !body.trim().is_empty()) {
        write!(out, "\n{}\n", without_blank_ends(body)).unwrap();
    }
    issue.comments.iter().for_each(|comment| write_comment(&mut out, comment));
    out
}

fn write_comment(out: &mut String, comment: &ArchivedComment) {
    let author = comment.author.as_deref().unwrap_or("ghost");
    let (created, body) = (&comment.created, without_blank_ends(&comment.body));
    write!(out, "\n<!-- ferry comment by=\"{author}\" at=\"{created}\" -->\n{body}\n").unwrap();
}

/// People don't see blanks at the end of a text.
fn without_blank_ends(text: &str) -> &str {
    text.trim_matches(['\r', '\n', ' ', '\t'])
}
