//! Issues as a tracker shows them.

use super::{Field, RichText, User, Value};
use crate::ids::{Cursor, EffectKey, IssueId, IssueKey, ItemId, Revision, Timestamp};

/// Who may read a comment or an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody who may read the issue.
    Public,
    /// The tracker's own people only.
    Internal,
    /// A group of people only.
    Restricted(String),
    /// Not known; what is not known to be public never leaves.
    Unknown,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Comment {
    pub id: ItemId,
    pub author: User,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub body: RichText,
    pub visibility: Visibility,
    pub effect: Option<EffectKey>,
}

/// A file that hangs on an issue, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Attachment {
    pub id: ItemId,
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub created: Timestamp,
    pub author: User,
    pub visibility: Visibility,
    pub effect: Option<EffectKey>,
}

/// One issue, whole, at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Issue {
    pub id: IssueId,
    pub key: IssueKey,
    pub url: Option<String>,
    pub revision: Revision,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub issue_type: String,
    pub status: String,
    pub parent: Option<IssueId>,
    pub fields: Vec<Field>,
    pub comments: Vec<Comment>,
    pub attachments: Vec<Attachment>,
    pub incomplete: Vec<String>,
    pub effect: Option<EffectKey>,
}

impl Issue {
    /// A field's value; none where the issue doesn't list it, which is not
    /// the same as `Absent`.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }

    /// Whether a part could not be read this time.
    pub fn lacks(&self, part: &str) -> bool {
        self.incomplete.iter().any(|name| name == part)
    }
}

/// Why an issue is no longer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DepartureReason {
    /// Somebody deleted it.
    Deleted,
    /// It went to another project, under this id.
    Moved(IssueId),
    /// It became a part of another issue.
    Merged(IssueId),
    /// We may not see it any more.
    Hidden,
}

/// An issue that is no longer there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Departure {
    pub issue: IssueId,
    pub reason: DepartureReason,
}

/// An issue that is there but can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Unreadable {
    pub issue: IssueId,
    pub key: IssueKey,
    pub reason: String,
}

/// One page of a scan of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct ChangePage {
    pub issues: Vec<Issue>,
    pub gone: Vec<Departure>,
    pub unreadable: Vec<Unreadable>,
    pub next: Cursor,
    pub more: bool,
}
