//! Comments and attachments of a pair. They belong to their origin: only its
//! edits and deletions travel.

use serde::{Deserialize, Serialize};

use crate::ids::{EffectKey, ItemId};
use crate::message::{SharedAttachment, SharedComment};

/// A comment or attachment of ours that the partner was told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ours {
    /// Whether it is an attachment.
    pub attachment: bool,
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
    /// Whether it is an attachment.
    pub attachment: bool,
    /// Its id in our tracker, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<ItemId>,
    /// What our tracker should do about it.
    pub wanted: Wanted,
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
