//! How what became of a configuration is shown.

use std::path::{Path, PathBuf};

use ferry::request::{Answer, Failure, Problem, Severity, Verdict};

use crate::cli::context::{read_text, unexpected};
use crate::cli::{Context, DONE, Outcome, output};

/// A configuration's text, where a file is given.
pub fn text(file: Option<&PathBuf>) -> Result<Option<String>, Failure> {
    file.map(|file| read_text(file)).transpose()
}

/// The verdict of an answer.
pub fn of(answer: Answer) -> Result<Verdict, Failure> {
    match answer {
        Answer::Verdict(verdict) => Ok(verdict),
        other => Err(unexpected(other)),
    }
}

/// Shows what is wrong, and whether it was taken: 1 where it wasn't.
pub fn show(cx: &Context, verdict: &Verdict, file: Option<&Path>, taken: &str, next: &str) -> Outcome {
    let errors = verdict.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let code = if errors > 0 { 1 } else { DONE };
    if cx.json {
        output::json(verdict);
        return Ok(code);
    }
    let name = file.map_or_else(|| "the draft".to_owned(), |file| file.display().to_string());
    for problem in &verdict.problems {
        output::note(lines(problem, &name));
    }
    if errors > 0 {
        let mistakes = output::count(errors as u64, "mistake", "mistakes");
        return Err(Failure::failed(format!("{name} has {mistakes} and was not taken; nothing was changed")));
    }
    let version = verdict.version.map(|version| format!(" It is version {version}.")).unwrap_or_default();
    output::line(format!("{taken}{version}"));
    if !next.is_empty() {
        output::next(&cx.advice(next));
    }
    Ok(code)
}

/// A problem as a compiler shows one.
fn lines(problem: &Problem, name: &str) -> String {
    let place = match (problem.line, problem.column) {
        (0, _) => name.to_owned(),
        (line, 0) => format!("{name}:{line}"),
        (line, column) => format!("{name}:{line}:{column}"),
    };
    let word = match problem.severity {
        Severity::Error => output::paint(output::BAD, "error:"),
        Severity::Warning => output::paint(output::WARN, "warning:"),
    };
    let help = match problem.help.is_empty() {
        true => String::new(),
        false => format!("\n  {} {}", output::paint(output::BOLD, "help:"), problem.help),
    };
    format!("{place}: {word} {}{help}", problem.message)
}
