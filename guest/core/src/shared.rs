//! Values and views in shared terms: what both sides agree on, in aliases.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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
    #[serde(deserialize_with = "ascending")]
    Options(BTreeSet<Alias>),
    Person(Person),
    #[serde(deserialize_with = "ascending")]
    People(BTreeSet<Person>),
    #[serde(deserialize_with = "ascending")]
    Labels(BTreeSet<String>),
    Other(String),
}

/// Reads a set as it is written, in ascending order: putting one in order that
/// isn't would take many times as long as all the rest.
fn ascending<'de, T: Ord + Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<T>, D::Error> {
    let all = Vec::<T>::deserialize(from)?;
    if all.is_sorted_by(|one, next| one < next) {
        return Ok(all.into_iter().collect());
    }
    Err(D::Error::custom("a set that is not in ascending order"))
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

/// Reads a view of a message. All of it is put in order at once: field by field
/// that takes twice as long, where somebody made it long.
pub(crate) fn view<'de, D: Deserializer<'de>>(from: D) -> Result<View, D::Error> {
    struct Fields;

    impl<'de> Visitor<'de> for Fields {
        type Value = View;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a map of fields")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<View, A::Error> {
            let mut all = Vec::new();
            while let Some(field) = map.next_entry()? {
                all.push(field);
            }
            Ok(all.into_iter().collect())
        }
    }

    from.deserialize_map(Fields)
}

/// The alias under which a view holds the issue type's alias.
pub const TYPE: &str = "type";
/// The alias under which a view holds the status's alias.
pub const STATUS: &str = "status";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_set_is_read_in_ascending_order_alone() {
        let labels = |all: &[&str]| {
            let bytes = rmp_serde::to_vec_named(&BTreeMap::from([("labels", all)])).unwrap();
            rmp_serde::from_slice::<Shared>(&bytes).ok()
        };
        let set = Shared::Labels(["a", "b", "c"].map(str::to_owned).into());
        assert_eq!(labels(&["a", "b", "c"]), Some(set));
        assert_eq!(labels(&["a", "c", "b"]), None);
        assert_eq!(labels(&["a", "b", "b"]), None);
    }
}
