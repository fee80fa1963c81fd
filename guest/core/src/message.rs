//! What travels: numbered messages, and parcels of them. `guest/PROTOCOL.md`
//! fixes their bytes.

mod parcel;

pub use parcel::{PROTOCOL, Parcel, Position, RefusalReason, Unnumbered};

use serde::{Deserialize, Serialize};

use crate::ids::{Alias, Digest, Fingerprint, ItemId, PairId, Timestamp};
use crate::model::RichText;
use crate::pair::ItemName;
use crate::scope::{Scope, Side};
use crate::shared::{Person, View, view};
use crate::time::Time;

/// A numbered message. Its number is its place in the parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The number of the previous message about the same pair in this epoch,
    /// 0 without one: order matters within a pair only.
    pub after: u64,
    /// What it says.
    pub body: Body,
}

/// The kinds of numbered message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Each is documented at its type.
pub enum Body {
    Configuration(Configuration),
    Adopted(Adopted),
    Switched(Switched),
    Issue(IssueBody),
    Change(Change),
    Gone(Gone),
    Chunk(Chunk),
    Outcomes(Outcomes),
    Control(Control),
    Standing(Standing),
    Standings(Standings),
    /// Of a newer minor version: its kind; acknowledged and passed over.
    Unknown(String),
}

/// The kind of a numbered message, as its bytes show it before all of them
/// are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // As the kinds of `Body`.
pub enum Kind {
    Configuration,
    Adopted,
    Switched,
    Issue,
    Change,
    Gone,
    Chunk,
    Outcomes,
    Control,
    Standing,
    Standings,
    Unknown,
}

impl Kind {
    /// Whether it is about issues: what waits while they don't flow.
    pub fn is_about_issues(self) -> bool {
        matches!(self, Self::Issue | Self::Change | Self::Gone | Self::Outcomes)
    }
}

impl Body {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Configuration(_) => Kind::Configuration,
            Self::Adopted(_) => Kind::Adopted,
            Self::Switched(_) => Kind::Switched,
            Self::Issue(_) => Kind::Issue,
            Self::Change(_) => Kind::Change,
            Self::Gone(_) => Kind::Gone,
            Self::Chunk(_) => Kind::Chunk,
            Self::Outcomes(_) => Kind::Outcomes,
            Self::Control(_) => Kind::Control,
            Self::Standing(_) => Kind::Standing,
            Self::Standings(_) => Kind::Standings,
            Self::Unknown(_) => Kind::Unknown,
        }
    }
}

/// The primary publishes a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// What is shared, with its version.
    pub scope: Scope,
}

/// The secondary answers: from here on its stream is written under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The published scope, narrowed.
    pub scope: Scope,
}

/// The primary took the answer: from here on its stream is written under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// The version of the configuration.
    pub version: u32,
}

/// An issue's full shared view: first contact, re-entry, resync. Settles like
/// a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueBody {
    /// The issue's key and link at its sender, for people.
    pub reference: Reference,
    /// All fields that are shared, as a change on the version that it names.
    pub change: Change,
}

/// Some fields and items of an issue, on a version of the agreed view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which.
    pub pair: PairId,
    /// The side that the pair's issue came from.
    pub origin: Side,
    /// The version of the configuration it was written under.
    pub configuration: u32,
    /// The version of the agreed view that it builds on.
    pub base: u64,
    /// The fields that changed, with their new values.
    #[serde(default, deserialize_with = "view")]
    pub fields: View,
    /// The sender's comments and attachments that changed. They belong to
    /// their origin and take no part in merging.
    #[serde(default)]
    pub items: Vec<Item>,
    /// With this message the receiver has heard of all items of the sender's:
    /// said once for each pair after a restore.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_items: bool,
    /// When the sender saw it, for people and for the audit log.
    pub seen: Time,
}

/// What people call an issue at one side, and where they look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The issue's key.
    pub key: String,
    /// Its link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Something of its origin's that hangs on an issue, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Each is documented at its type.
pub enum Item {
    Comment(SharedComment),
    /// A comment is gone, or may not be shared any more: by its id.
    CommentGone(ItemId),
    Attachment(SharedAttachment),
    /// An attachment is gone: by its id.
    AttachmentGone(ItemId),
}

/// A comment of the sender's, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedComment {
    /// The origin's identifier of it, within the issue.
    pub id: ItemId,
    /// Who wrote it.
    pub author: Person,
    /// When it was written.
    pub created: Timestamp,
    /// What it says.
    pub body: RichText,
}

/// An attachment of the sender's; its content follows in chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedAttachment {
    /// The origin's identifier of it, within the issue.
    pub id: ItemId,
    /// Its file name, as a person gave it: never a path to be trusted.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its content.
    pub digest: Digest,
    /// Who attached it.
    pub author: Person,
    /// When.
    pub created: Timestamp,
}

/// An issue left: deleted, moved, or out of scope. The pair is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Which.
    pub pair: PairId,
    /// Why.
    pub reason: GoneReason,
}

/// Why an issue left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Say themselves.
pub enum GoneReason {
    Deleted,
    Moved,
    Merged,
    OutOfScope,
}

/// A piece of an attachment's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The SHA-256 of the whole content.
    pub digest: Digest,
    /// Where the piece begins, in bytes.
    pub offset: u64,
    /// The length of the whole content, in bytes.
    pub total: u64,
    /// The piece.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// What became of pairs; many in one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// One for each pair.
    pub outcomes: Vec<Outcome>,
}

/// What became of one pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which.
    pub pair: PairId,
    /// The number of the sender's last message about it, 0 without one. A
    /// change under it may have settled the receiver's as well: it is taken
    /// first.
    #[serde(default)]
    pub after: u64,
    /// The version of the agreed view that stands here.
    pub settled: u64,
    /// The issue's key and link here, once it has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// What is parked here now, where that changed: all of the pair's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<Vec<ParkedPart>>,
    /// The issue left our tracker; changes are not applied any more.
    #[serde(default)]
    pub departed: bool,
    /// Items of the receiver's that its sender let go of, or lost, and wants to
    /// be told of again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<ItemName>,
}

/// A part that waits for a person at its sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedPart {
    /// The field's alias, `comment`, `attachment` or `issue`.
    pub part: Alias,
    /// The kind of fault.
    pub kind: String,
    /// Why, for people; never a value.
    pub reason: String,
    /// Since when.
    pub since: Time,
}

/// How a pair stands at the sender, where both sides go on after one of them
/// was put back to an earlier state. It settles nothing by itself: both compute
/// from the two standings how the pair goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Which.
    pub pair: PairId,
    /// The side that the pair's issue came from.
    pub origin: Side,
    /// The version of the agreed view.
    pub version: u64,
    /// The agreed view.
    #[serde(deserialize_with = "view")]
    pub agreed: View,
    /// The issue's key and link at the sender, where it has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The issue left the sender's tracker or scope.
    #[serde(default)]
    pub departed: bool,
    /// The receiver's comments that the sender has copies of, by their ids.
    #[serde(default)]
    pub comments: Vec<ItemId>,
    /// The receiver's attachments that the sender has copies of.
    #[serde(default)]
    pub attachments: Vec<ItemId>,
}

/// Every standing was told: a pair that none told of is not known to the
/// sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standings {
    /// The version of the configuration that is in force at the sender, 0
    /// without one.
    pub configuration: u32,
    /// The SHA-256 of what is shared under it.
    pub scope: Digest,
}

/// About the synchronization itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// The sender works now.
    Started,
    /// The sender paused.
    Stopped,
    /// The sender deletes its side.
    Deleted,
    /// The sender took the receiver's new certificate, of this fingerprint: what
    /// has a greater number than this message was sealed for it.
    Renewed(Fingerprint),
    /// The sender uses the certificate of this fingerprint alone: all that was
    /// sealed under the one before has arrived.
    Sole(Fingerprint),
}
