//! Comments and attachments of a pair. They belong to their origin: only its
//! edits and deletions travel.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{Alias, EffectKey, ItemId};
use crate::message::{SharedAttachment, SharedComment};

/// Names a comment or an attachment of an issue. Trackers count them apart: a
/// comment and an attachment of one issue may have the same id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ItemName {
    /// Which of them.
    pub kind: ItemKind,
    /// Its id at the tracker that it comes from.
    pub id: ItemId,
}

/// What can hang on an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // They say it.
pub enum ItemKind {
    Comment,
    Attachment,
}

impl ItemKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Attachment => "attachment",
        }
    }

    /// The one of this kind with an id.
    pub fn with(self, id: &ItemId) -> ItemName {
        ItemName { kind: self, id: id.clone() }
    }
}

impl ItemName {
    /// The part of its pair under which it is parked.
    pub fn part(&self) -> Alias {
        Alias(self.to_string())
    }
}

impl fmt::Display for ItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.id)
    }
}

impl From<ItemName> for String {
    fn from(name: ItemName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for ItemName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let kinds = [ItemKind::Comment, ItemKind::Attachment];
        let (word, id) = text.split_once(':').ok_or("an item is named by its kind, a colon and its id")?;
        let kind = kinds.into_iter().find(|kind| kind.word() == word).ok_or("there is no such kind of item")?;
        Ok(kind.with(&ItemId::from(id)))
    }
}

/// A comment or attachment of ours that the partner was told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ours {
    /// Recognises what was told.
    #[serde(with = "serde_bytes")]
    pub told: [u8; 16],
}

impl Ours {
    /// It was told, and what exactly isn't known.
    pub const UNKNOWN: [u8; 16] = [0; 16];
}

/// A comment or attachment of the partner's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Creates it here.
    pub key: EffectKey,
    /// Its id in our tracker, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<ItemId>,
    /// What our tracker should do about it.
    pub wanted: Wanted,
    /// How often the partner told of it again: each time is an effect of its
    /// own.
    #[serde(default, skip_serializing_if = "is_never")]
    pub again: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
fn is_never(again: &u32) -> bool {
    *again == 0
}

/// What our tracker should do about a copy. What is done is forgotten, so that
/// a pair's record stays small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// Nothing: it is as it should be.
    Done,
    /// Show this comment.
    Comment(SharedComment),
    /// Show this attachment, once its content is here.
    Attachment(SharedAttachment),
    /// Be without it.
    Gone,
}
