//! Front matter: TOML between two lines `+++`. Reading keeps where each value
//! stands, so that writing changes those values and nothing else.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::literal;

/// A line that begins and ends front matter.
pub const FENCE: &str = "+++";

/// A value in front matter, as far as issues use TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrontValue {
    /// A string.
    Text(String),
    /// A decimal number, as it was written.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or a point in time, as it was written.
    Time(String),
    /// An array of strings.
    Words(Vec<String>),
    /// Anything else; never written.
    Other,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The line in the file, from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub reason: String,
}

impl Broken {
    /// At that line.
    pub fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

struct Place {
    key: String,
    whole: Range<usize>,
    value: Range<usize>,
    holds: FrontValue,
}

/// The front matter of one issue, and the changes to it.
#[derive(Default)]
pub struct Front<'a> {
    text: Cow<'a, str>,
    places: Vec<Place>,
    changes: Vec<(String, Option<FrontValue>)>,
}

impl<'a> Front<'a> {
    /// Reads the text between the fences; `line` is the one it begins at.
    pub fn parse(text: &'a str, line: usize) -> Result<Self, Broken> {
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| line_of(text, span.start));
            let what = error.message().lines().collect::<Vec<_>>().join("; ");
            Broken::at(line + at, format!("the front matter isn't TOML here: {what}"))
        })?;
        let places = table
            .into_inner()
            .into_iter()
            .map(|(key, value)| {
                let (start, span) = (key.span().start, value.span());
                let whole = start.min(span.start)..span.end.max(key.span().end);
                Place { key: key.into_inner().into_owned(), whole, holds: holds(text, &value), value: span }
            })
            .collect();
        Ok(Self { text: Cow::Borrowed(text), places, changes: Vec::new() })
    }

    /// What a key holds, changes included.
    pub fn get(&self, key: &str) -> Option<&FrontValue> {
        match self.changes.iter().rev().find(|(changed, _)| changed == key) {
            Some((_, value)) => value.as_ref(),
            None => self.place(key).map(|place| &place.holds),
        }
    }

    /// A string that a key holds.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(FrontValue::Text(text) | FrontValue::Time(text)) => Some(text),
            _ => None,
        }
    }

    /// Which line of the front matter a key stands in, from 0.
    pub fn line(&self, key: &str) -> usize {
        self.place(key).map_or(0, |place| line_of(&self.text, place.whole.start))
    }

    /// Sets or removes a key.
    pub fn set(&mut self, key: &str, value: Option<FrontValue>) {
        if self.get(key) == value.as_ref() {
            return;
        }
        self.changes.retain(|(changed, _)| changed != key);
        self.changes.push((key.to_owned(), value));
    }

    /// Whether anything was set or removed.
    pub fn is_changed(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.changes.is_empty()
    }

    /// The text between the fences, with the changes made.
    pub fn render(&self, out: &mut String) {
        let mut edits: Vec<(Range<usize>, Option<&FrontValue>)> = Vec::new();
        let mut added = String::new();
        for (key, value) in &self.changes {
            match (self.place(key), value) {
                (Some(place), Some(value)) => edits.push((place.value.clone(), Some(value))),
                (Some(place), None) => edits.push((whole_lines(&self.text, &place.whole), None)),
                (None, Some(value)) => {
                    literal::key(key, &mut added);
                    added.push_str(" = ");
                    literal::value(value, &mut added);
                    added.push('\n');
                }
                (None, None) => {}
            }
        }
        edits.sort_by_key(|(range, _)| range.start);
        // A key after a table's header would belong to the table.
        let tables = self.text.lines().any(|line| line.trim_start().starts_with('['));
        if tables {
            out.push_str(&added);
        }
        let mut at = 0;
        for (range, value) in edits {
            out.push_str(self.text.get(at..range.start).unwrap_or_default());
            if let Some(value) = value {
                literal::value(value, out);
            }
            at = range.end.max(at);
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
        if !tables {
            if !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(&added);
        }
    }

    fn place(&self, key: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.key == key)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn whole_lines(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(range.end..).and_then(|after| after.find('\n')).map_or(text.len(), |end| range.end + end + 1);
    start..end
}

fn holds(text: &str, value: &toml::Spanned<DeValue<'_>>) -> FrontValue {
    let written = || text.get(value.span()).unwrap_or_default().to_owned();
    match value.get_ref() {
        DeValue::String(text) => FrontValue::Text(text.clone().into_owned()),
        DeValue::Boolean(yes) => FrontValue::Boolean(*yes),
        DeValue::Integer(number) if number.radix() == 10 => FrontValue::Number(plain(number.as_str())),
        DeValue::Float(number) => FrontValue::Number(plain(number.as_str())),
        DeValue::Datetime(_) => FrontValue::Time(written()),
        DeValue::Array(items) => {
            let words: Option<Vec<String>> = items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(word) => Some(word.clone().into_owned()),
                    _ => None,
                })
                .collect();
            words.map_or(FrontValue::Other, FrontValue::Words)
        }
        _ => FrontValue::Other,
    }
}

fn plain(number: &str) -> String {
    number.trim_start_matches('+').replace('_', "")
}
