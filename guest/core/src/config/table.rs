//! Tables of TOML, taken apart key by key; what is left over is an error.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest;
use super::problem::Problems;
use super::text::{At, Direction};

pub(super) type Node<'t> = Spanned<DeValue<'t>>;

/// A table in the order of the text.
pub(super) struct Table<'a, 't> {
    /// What it is, for messages: `[share]`.
    what: &'static str,
    entries: Vec<(At<&'a str>, &'a Node<'t>)>,
    known: Vec<&'static str>,
}

impl<'a, 't> Table<'a, 't> {
    pub(super) fn new(what: &'static str, table: &'a DeTable<'t>) -> Self {
        let mut entries: Vec<_> =
            table.iter().map(|(key, node)| (At { value: key.get_ref().as_ref(), at: key.span() }, node)).collect();
        entries.sort_by_key(|(key, _)| key.at.start);
        Self { what, entries, known: Vec::new() }
    }

    /// The value of a key that may be missing.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Node<'t>> {
        self.known.push(key);
        let place = self.entries.iter().position(|(own, _)| own.value == key)?;
        Some(self.entries.remove(place).1)
    }

    pub(super) fn text(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<At<String>> {
        text(self.take(key)?, key, problems)
    }

    pub(super) fn direction(&mut self, key: &'static str, problems: &mut Problems<'_>) -> Option<At<Direction>> {
        direction(self.take(key)?, key, problems)
    }

    /// A table of texts.
    pub(super) fn pairs(
        &mut self,
        key: &'static str,
        problems: &mut Problems<'_>,
    ) -> Option<Vec<(At<String>, At<String>)>> {
        let node = self.take(key)?;
        let Some(table) = node.get_ref().as_table() else {
            problems.error(
                &node.span(),
                format!("`{key}` is not a table"),
                format!("write {key} = {{ alias = \"our name\", … }}"),
            );
            return None;
        };
        let mut pairs = Vec::new();
        for (alias, node) in Table::new(self.what, table).rest() {
            pairs.extend(text(node, alias.value, problems).map(|label| (owned(&alias), label)));
        }
        Some(pairs)
    }

    /// All entries that were not taken.
    pub(super) fn rest(self) -> Vec<(At<&'a str>, &'a Node<'t>)> {
        self.entries
    }

    /// Says of what was not taken that it isn't known.
    pub(super) fn finish(self, problems: &mut Problems<'_>) {
        for (key, _) in self.entries {
            problems.error(
                &key.at,
                format!("{} has no key `{}`", self.what, key.value),
                nearest::hint(key.value, self.known.iter().copied()),
            );
        }
    }
}

pub(super) fn owned(text: &At<&str>) -> At<String> {
    At { value: text.value.to_owned(), at: text.at.clone() }
}

pub(super) fn text(node: &Node<'_>, key: &str, problems: &mut Problems<'_>) -> Option<At<String>> {
    let Some(text) = node.get_ref().as_str() else {
        let kind = node.get_ref().type_str();
        problems.error(&node.span(), format!("`{key}` is {kind}, not a text"), "put it into quotes");
        return None;
    };
    if text.trim().is_empty() && key != "constant" {
        problems.error(&node.span(), format!("`{key}` is empty"), "write a name, or leave the line out");
        return None;
    }
    Some(At { value: text.to_owned(), at: node.span() })
}

pub(super) fn direction(node: &Node<'_>, key: &str, problems: &mut Problems<'_>) -> Option<At<Direction>> {
    let word = text(node, key, problems)?;
    let direction = Direction::read(&word.value);
    if direction.is_none() {
        problems.error(
            &word.at,
            format!("\"{}\" is not a direction", word.value),
            nearest::hint(&word.value, Direction::WORDS),
        );
    }
    Some(At { value: direction?, at: word.at })
}

/// Where the characters of a text value begin, where none of them is escaped.
pub(super) fn start_of(source: &str, at: &Range<usize>, value: &str) -> Option<usize> {
    let raw = source.get(at.clone())?;
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
    let inside = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    // A line end right after three quotes is no part of the text.
    let skipped = if quotes == 3 { inside.len() - inside.trim_start_matches(['\r', '\n']).len() } else { 0 };
    (inside.get(skipped..)? == value).then_some(at.start + quotes + skipped)
}
