//! What is kept of a value to recognise it again: the value itself where it is
//! small or a set, its digest otherwise.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::{OptionValue, User, Value};
use crate::shared::Shared;

/// Shorter texts are kept whole, in bytes: not longer than a digest and what
/// surrounds it.
const WHOLE_BYTES_MAX: usize = 48;

/// A value in shared terms, recognisable. Sets are kept whole: a merge needs
/// what was in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Print {
    /// The value itself.
    Whole(Shared),
    /// Half the SHA-256 of the value.
    Digest(#[serde(with = "serde_bytes")] [u8; 16]),
}

impl Print {
    /// Of a value. Everything that is empty looks alike.
    pub fn of(value: &Shared) -> Self {
        if value.is_empty() {
            return Self::Whole(Shared::Absent);
        }
        let text = match value {
            Shared::Text(text) | Shared::Other(text) => text,
            Shared::Rich(text) => &text.source,
            _ => return Self::Whole(value.clone()),
        };
        if text.len() <= WHOLE_BYTES_MAX { Self::Whole(value.clone()) } else { Self::Digest(digest_shared(value)) }
    }

    /// Whether it is of that value.
    pub fn is(&self, value: &Shared) -> bool {
        match self {
            Self::Whole(Shared::Absent) => value.is_empty(),
            Self::Whole(whole) => whole == value,
            Self::Digest(digest) => *digest == digest_shared(value),
        }
    }

    /// The value itself, where it was kept.
    pub fn whole(&self) -> Option<&Shared> {
        match self {
            Self::Whole(value) => Some(value),
            Self::Digest(_) => None,
        }
    }

    /// Of a field that never had a value.
    pub fn absent() -> Self {
        Self::Whole(Shared::Absent)
    }
}

fn digest_shared(value: &Shared) -> [u8; 16] {
    let mut hash = Sha256::new();
    match value {
        Shared::Rich(text) => {
            hash.update([1, text.markup as u8]);
            hash.update(&text.source);
        }
        Shared::Other(text) => {
            hash.update([2]);
            hash.update(text);
        }
        other => {
            hash.update([0]);
            hash.update(other.to_text());
        }
    }
    half(hash)
}

/// Recognises a raw value of a tracker. The order of what has no order makes
/// no difference.
pub fn print_raw(value: &Value) -> [u8; 16] {
    let mut hash = Sha256::new();
    let mut add = |tag: u8, parts: &[&str]| {
        hash.update([tag]);
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    };
    match value {
        Value::Absent => add(0, &[]),
        Value::Text(text) => add(1, &[text]),
        Value::RichText(text) => add(2, &[&text.source]),
        Value::Number(text) => add(3, &[text]),
        Value::Boolean(yes) => add(4, &[if *yes { "1" } else { "0" }]),
        Value::Date(text) => add(5, &[text]),
        Value::DateTime(time) => add(6, &[&time.0]),
        Value::DurationSeconds(seconds) => add(7, &[&seconds.to_string()]),
        Value::Choice(option) => add(8, &[&option.id]),
        Value::Choices(options) => add(9, &sorted(options.iter().map(|OptionValue { id, .. }| id))),
        Value::User(user) => add(10, &[&user.id]),
        Value::Users(users) => add(11, &sorted(users.iter().map(|User { id, .. }| id))),
        Value::Labels(labels) => add(12, &sorted(labels.iter())),
        Value::Other(text) => add(13, &[text]),
    }
    half(hash)
}

/// Recognises parts of anything.
pub fn print_parts(parts: &[&[u8]]) -> [u8; 16] {
    crate::digest::of_parts(parts).0.first_chunk().copied().unwrap_or_default()
}

fn sorted<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let mut ids: Vec<&str> = ids.map(String::as_str).collect();
    ids.sort_unstable();
    ids
}

fn half(hash: Sha256) -> [u8; 16] {
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}
