//! What is wrong with a configuration, and where.

use std::ops::Range;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, and may surprise.
    Warning,
    /// It doesn't work.
    Error,
}

/// Where in the configuration's text, what is wrong, what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1; 0 where it concerns all of it.
    pub line: u32,
    /// The column in characters, from 1; 0 where it concerns the line.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// Problems of one text, as they are found.
pub(crate) struct Problems<'t> {
    text: &'t str,
    found: Vec<Problem>,
}

impl<'t> Problems<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    pub(crate) fn error(&mut self, at: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, at, message.into(), help.into());
    }

    pub(crate) fn warn(&mut self, at: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, at, message.into(), help.into());
    }

    /// About the whole text.
    pub(crate) fn whole(&mut self, severity: Severity, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Problem { line: 0, column: 0, severity, message: message.into(), help: help.into() });
    }

    fn add(&mut self, severity: Severity, at: &Range<usize>, message: String, help: String) {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.found.push(Problem { line: count(line), column: count(column), severity, message, help });
    }

    pub(crate) fn has_errors(&self) -> bool {
        has_errors(&self.found)
    }

    /// All of them in the order of the text, what concerns all of it first.
    pub(crate) fn into_sorted(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| (problem.line, problem.column));
        self.found.dedup();
        self.found
    }
}

/// Whether one of them keeps the configuration from working.
pub fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}
