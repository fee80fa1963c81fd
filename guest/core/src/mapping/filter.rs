//! The language of `when`: which issues of ours enter the scope.
//!
//! ```text
//! labels contains "partner" and (priority in ["high", "urgent"] or not status = "New")
//! summary matches "*build*" and key != "ACME-1"
//! ```
//!
//! What an issue could not show this time is unknown, and so is what depends
//! on it; a filter holds only where it is known to.

mod read;

use crate::model::{Issue, OptionValue, User, Value};

/// A condition on an issue of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(Condition);

/// Where in a filter's text, what is wrong, what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {help}")]
pub struct FilterError {
    /// The place, in bytes from the start.
    pub at: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Test(Comparison),
}

/// One field and what it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The field's local name, `type`, `status` or `key`.
    pub field: String,
    /// Where it stands, in bytes from the filter's start.
    pub at: usize,
    pub operator: Operator,
    /// What it is compared with; several for `in`.
    pub words: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// The same; a set holds nothing else.
    Equals,
    /// One of them; a set holds one of them.
    In,
    /// A text has it somewhere; a set holds it.
    Contains,
    /// `*` stands for any characters, `?` for one; case makes no difference.
    Matches,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn read(text: &str) -> Result<Self, FilterError> {
        read::filter(text).map(Self)
    }

    /// Whether it is known to hold.
    pub fn holds(&self, issue: &Issue) -> bool {
        self.0.holds(issue) == Some(true)
    }

    /// All comparisons in it, in the order of the text.
    pub(crate) fn comparisons(&self) -> Vec<&Comparison> {
        let mut found = Vec::new();
        self.0.gather(&mut found);
        found
    }
}

impl Condition {
    fn holds(&self, issue: &Issue) -> Option<bool> {
        match self {
            Self::All(parts) => every(parts.iter().map(|part| part.holds(issue))),
            Self::Any(parts) => every(parts.iter().map(|part| part.holds(issue).map(|holds| !holds))).map(|none| !none),
            Self::Not(part) => part.holds(issue).map(|holds| !holds),
            Self::Test(comparison) => comparison.holds(issue),
        }
    }

    fn gather<'a>(&'a self, found: &mut Vec<&'a Comparison>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.gather(found)),
            Self::Not(part) => part.gather(found),
            Self::Test(comparison) => found.push(comparison),
        }
    }
}

/// False where one is; unknown where one is unknown; true else.
fn every(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}

impl Comparison {
    fn holds(&self, issue: &Issue) -> Option<bool> {
        match self.field.as_str() {
            "type" => Some(self.on_text(&issue.issue_type)),
            "key" => Some(self.on_text(&issue.key.0)),
            "status" if issue.lacks("status") => None,
            "status" => Some(self.on_text(&issue.status)),
            name if issue.lacks(name) => None,
            name => issue.field(name).map(|value| self.on(value)),
        }
    }

    fn on(&self, value: &Value) -> bool {
        match value {
            Value::Absent => self.on_text(""),
            Value::Text(text) | Value::Number(text) | Value::Date(text) | Value::Other(text) => self.on_text(text),
            Value::RichText(text) => self.on_text(&text.source),
            Value::Boolean(yes) => self.on_text(if *yes { "true" } else { "false" }),
            Value::DateTime(time) => self.on_text(&time.0),
            Value::DurationSeconds(seconds) => self.on_text(&seconds.to_string()),
            Value::Choice(option) => names(option).iter().any(|name| self.on_text(name)),
            Value::User(user) => called(user).iter().any(|name| self.on_text(name)),
            Value::Choices(options) => self.on_set(&options.iter().map(names).collect::<Vec<_>>()),
            Value::Users(users) => self.on_set(&users.iter().map(called).collect::<Vec<_>>()),
            Value::Labels(labels) => self.on_set(&labels.iter().map(|label| vec![label.as_str()]).collect::<Vec<_>>()),
        }
    }

    fn on_text(&self, text: &str) -> bool {
        match self.operator {
            Operator::Equals | Operator::In => self.words.iter().any(|word| word == text),
            Operator::Contains => self.words.iter().any(|word| text.contains(word.as_str())),
            Operator::Matches => self.words.iter().any(|word| glob(word, text)),
        }
    }

    /// A set of things, each by all the names it has.
    fn on_set(&self, set: &[Vec<&str>]) -> bool {
        let has = |word: &String| set.iter().any(|member| member.contains(&word.as_str()));
        match self.operator {
            Operator::Equals if set.is_empty() => self.words.iter().any(String::is_empty),
            Operator::Equals => set.len() == 1 && self.words.iter().any(has),
            Operator::In | Operator::Contains => self.words.iter().any(has),
            Operator::Matches => set.iter().flatten().any(|name| self.on_text(name)),
        }
    }
}

fn names(option: &OptionValue) -> Vec<&str> {
    vec![&option.label, &option.id]
}

fn called(user: &User) -> Vec<&str> {
    let mut names = vec![user.name.as_str(), user.id.as_str()];
    names.extend(user.email.as_deref());
    names
}

/// Whether a text is of a pattern's form, in time bounded by their product.
fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last star stood, and how much of the text it has swallowed.
    let mut star: Option<(usize, usize)> = None;
    while let Some(here) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == here => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    p = at + 1;
                    t = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests;
