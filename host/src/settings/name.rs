//! Names that people give to trackers and synchronizations.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What people call a tracker or a synchronization: 1 to 40 characters of
/// `a-z`, `0-9`, `-` and `_`, the first a letter or a digit. It is safe as a
/// file name, as a TOML key, and in a shell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no name: use 1 to 40 of the characters a-z, 0-9, - and _, beginning with a letter or a digit{hint}",
    hint = .1.as_ref().map(|s| format!(" (for instance {s})")).unwrap_or_default())]
pub struct NotAName(String, Option<String>);

/// The longest name, in characters.
const LENGTH_MAX: usize = 40;

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if begins && text.len() <= LENGTH_MAX && text.chars().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAName(text.chars().take(60).collect(), suggestion(text)))
        }
    }
}

impl TryFrom<String> for Name {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The nearest name to what somebody wrote.
fn suggestion(text: &str) -> Option<String> {
    let mut near = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' | '0'..='9' | '_' => near.push(c),
            _ if !near.is_empty() && !near.ends_with('-') => near.push('-'),
            _ => {}
        }
    }
    near.truncate(LENGTH_MAX);
    let near = near.trim_matches(['-', '_']).to_owned();
    (!near.is_empty()).then_some(near)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_is_safe_as_a_file_a_key_and_a_word() {
        for good in ["a", "globex", "0", "acme-2", "a_b", &"x".repeat(40)] {
            assert_eq!(good.parse::<Name>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "_a", "A", "a b", "a/b", "..", "ä", "a\n", &"x".repeat(41)] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_no_name_shows_one_that_would_be() {
        let message = "Globex Corp.".parse::<Name>().unwrap_err().to_string();
        assert!(message.contains("globex-corp"), "{message}");
        let message = "…".parse::<Name>().unwrap_err().to_string();
        assert!(!message.contains("instance"), "{message}");
    }
}
