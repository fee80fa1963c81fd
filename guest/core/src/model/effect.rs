//! What is written to a tracker, and what became of it.

use serde::{Deserialize, Serialize};

use super::{Field, FieldProblem, RichText, User};
use crate::ids::{BlobName, EffectKey, IssueId, IssueKey, ItemId, Revision, Timestamp};

/// An issue to create, in the status that the tracker gives new issues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // Named as in the interface.
pub struct NewIssue {
    pub issue_type: String,
    pub parent: Option<IssueId>,
    pub fields: Vec<Field>,
}

/// A comment to write; always public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // Named as in the interface.
pub struct NewComment {
    pub body: RichText,
    pub author: Option<User>,
    pub created: Option<Timestamp>,
}

/// A file to attach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // Named as in the interface.
pub struct NewAttachment {
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub blob: BlobName,
}

/// What an effect does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Named as in the interface.
pub enum Content {
    Create(NewIssue),
    SetFields(Vec<Field>),
    Transition(String, Vec<Field>),
    SetType(String),
    AddComment(NewComment),
    EditComment(ItemId, RichText),
    DeleteComment(ItemId),
    AddAttachment(NewAttachment),
    DeleteAttachment(ItemId),
}

/// What an effect happens to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Nothing yet: only for `Create`.
    Nothing,
    /// An issue that is there.
    Existing(IssueId),
    /// The issue that the `Create` with this key in the same batch makes.
    MadeBy(EffectKey),
}

/// One intended effect. Applying a key twice has the effect of once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Effect {
    pub key: EffectKey,
    pub target: Target,
    pub expected: Option<Revision>,
    pub content: Content,
}

/// What became of an effect that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Applied {
    pub issue: IssueId,
    pub issue_key: IssueKey,
    pub url: Option<String>,
    pub revision: Revision,
    pub replaced: Vec<Field>,
    pub item: Option<ItemId>,
    pub dropped: Vec<FieldProblem>,
}

/// Where an effect was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Found {
    pub issue: IssueId,
    pub item: Option<ItemId>,
}
