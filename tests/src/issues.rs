//! Real issues to work on: the public archive of a working group, one JSON
//! object a line, kept beside the project, not in it.

use std::io::Read as _;
use std::path::PathBuf;

use serde::Deserialize;

use crate::tree;

/// One issue of the archive.
#[derive(Clone, Debug, Deserialize)]
pub struct ArchivedIssue {
    /// From 1, with gaps.
    pub number: u64,
    /// `issue` or a change request.
    pub kind: String,
    /// One line.
    pub title: String,
    /// `OPEN`, `CLOSED` or `MERGED`.
    pub state: String,
    /// Who opened it.
    pub author: Option<String>,
    /// Who works on it.
    pub assignees: Vec<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// GitHub Markdown, as people really write it.
    pub body: Option<String>,
    /// RFC 3339.
    pub created: String,
    /// RFC 3339.
    pub updated: String,
    /// In the order in which they were written.
    pub comments: Vec<ArchivedComment>,
}

/// One comment of the archive.
#[derive(Clone, Debug, Deserialize)]
pub struct ArchivedComment {
    /// Who wrote it.
    pub author: Option<String>,
    /// GitHub Markdown.
    pub body: String,
    /// RFC 3339.
    pub created: String,
    /// RFC 3339.
    pub updated: String,
}

/// The archive. None, said aloud, where it isn't there; with `CI` set nothing
/// may be missing, and it panics.
pub fn archive() -> Option<Vec<ArchivedIssue>> {
    let path = path();
    let Ok(packed) = std::fs::read(&path) else {
        crate::skipped(&format!("{} is missing; FERRY_ISSUES says where it lies", path.display()));
        return None;
    };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("the archive is gzip");
    Some(text.lines().map(|line| serde_json::from_str(line).expect("a line is an issue")).collect())
}

/// As many issues: the archive repeated, with numbers shifted and a suffix in
/// the titles.
pub fn repeated(archive: &[ArchivedIssue], count: usize) -> Vec<ArchivedIssue> {
    let shift = archive.iter().map(|issue| issue.number).max().unwrap_or(0);
    let rounds = (0u64..).flat_map(|round| archive.iter().map(move |issue| (round, issue)));
    let shifted = rounds.map(|(round, issue)| {
        let mut issue = issue.clone();
        issue.number += round * shift;
        if round > 0 {
            issue.title = format!("{} ({})", issue.title, round + 1);
        }
        issue
    });
    shifted.take(count).collect()
}

fn path() -> PathBuf {
    let beside = || tree::root().join("../shared/data/tls13-issues.jsonl.gz");
    std::env::var_os("FERRY_ISSUES").map_or_else(beside, PathBuf::from)
}
