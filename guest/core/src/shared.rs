//! Values and views in shared terms: what both sides agree on, in aliases.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{Alias, Timestamp};
use crate::model::RichText;

/// Somebody, as both sides can name them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// The name that people see, or the alias that a table gives.
    pub name: String,
    /// The e-mail address, where it is known and may be shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A field's value in shared terms. Options and statuses are aliases; sets
/// merge by additions and removals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Named as the tracker's kinds.
pub enum Shared {
    Absent,
    Text(String),
    Rich(RichText),
    Number(String),
    Boolean(bool),
    Date(String),
    DateTime(Timestamp),
    Duration(u64),
    Option(Alias),
    Options(BTreeSet<Alias>),
    Person(Person),
    People(BTreeSet<Person>),
    Labels(BTreeSet<String>),
    Other(String),
}

impl Shared {
    /// Whether it holds nothing. An empty set and `Absent` are alike.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Options(set) => set.is_empty(),
            Self::People(set) => set.is_empty(),
            Self::Labels(set) => set.is_empty(),
            _ => false,
        }
    }

    /// Roughly how many bytes it has in a message. Each part of a set counts for
    /// more than it has: a message holds so many bytes, and so many values.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(text) | Self::Other(text) | Self::Number(text) | Self::Date(text) => text.len(),
            Self::Rich(text) => text.source.len(),
            Self::Options(set) => set.iter().map(|alias| alias.0.len() + 16).sum(),
            Self::People(set) => {
                set.iter().map(|of| of.name.len() + of.email.as_ref().map_or(0, String::len) + 80).sum()
            }
            Self::Labels(set) => set.iter().map(|label| label.len() + 16).sum(),
            _ => 64,
        }
    }

    /// For people: one line or a text, without markup of our own.
    pub fn to_text(&self) -> String {
        fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
            words.collect::<Vec<_>>().join(", ")
        }
        match self {
            Self::Absent => String::new(),
            Self::Text(text) | Self::Number(text) | Self::Date(text) | Self::Other(text) => text.clone(),
            Self::Rich(text) => text.source.clone(),
            Self::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::DateTime(time) => time.0.clone(),
            Self::Duration(seconds) => format!("{seconds} s"),
            Self::Option(alias) => alias.0.clone(),
            Self::Options(set) => joined(set.iter().map(|alias| alias.0.as_str())),
            Self::Person(person) => person.name.clone(),
            Self::People(set) => joined(set.iter().map(|person| person.name.as_str())),
            Self::Labels(set) => joined(set.iter().map(String::as_str)),
        }
    }
}

/// Fields in shared terms, by alias. `TYPE` and `STATUS` are fields too.
pub type View = BTreeMap<Alias, Shared>;

/// The alias under which a view holds the issue type's alias.
pub const TYPE: &str = "type";
/// The alias under which a view holds the status's alias.
pub const STATUS: &str = "status";
