//! How answers look: standard output is the answer, standard error the rest.

mod age;
mod progress;
mod status;
mod table;

use std::io::{BufRead, Write};

use anstyle::{AnsiColor, Style};
use ferry::request::Failure;
use serde::Serialize;

pub use age::{age, day};
pub use progress::ProgressBars;
pub use status::{detail, encryption, glance, mail_way, worry};
pub use table::{Facts, Table, width, wrap};

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What wants attention.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// What went wrong.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What stands back.
pub const FAINT: Style = Style::new().dimmed();
/// What stands out.
pub const BOLD: Style = Style::new().bold();

/// A text in a style; on a terminal only, the stream sees to that.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A line of the answer. Who doesn't listen any more misses it.
pub fn line(text: impl std::fmt::Display) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// The answer as it is, without a line end of its own.
pub fn raw(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// The answer as JSON.
pub fn json<T: Serialize + ?Sized>(value: &T) {
    if let Ok(text) = serde_json::to_string_pretty(value) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

/// A remark beside the answer.
pub fn note(text: impl std::fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// What to do next, folded to the terminal.
pub fn next(text: &str) {
    line(paint(BOLD, wrap(&format!("Next: {text}"), 0)));
}

/// Why a command was not done.
pub fn failure(failure: &Failure, json_wanted: bool) {
    if json_wanted {
        json(&serde_json::json!({ "error": failure }));
        return;
    }
    note(format!("{} {}", paint(BAD, "error:"), failure.message));
    if let Some(help) = &failure.help {
        note(format!("{} {help}", paint(BOLD, "help:")));
    }
}

/// Asks a question at the terminal; anything but yes is no.
pub fn ask(question: &str) -> bool {
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{question} [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// One, or so many.
pub fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// A word as a shell takes it.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,~".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_the_shell_where_it_must_be() {
        assert_eq!(shell_word("./home-acme"), "./home-acme");
        assert_eq!(shell_word("my home"), "'my home'");
        assert_eq!(shell_word("it's"), "'it'\\''s'");
    }

    #[test]
    fn numbers_read_as_people_say_them() {
        assert_eq!(count(1, "issue", "issues"), "1 issue");
        assert_eq!(count(0, "issue", "issues"), "0 issues");
    }
}
