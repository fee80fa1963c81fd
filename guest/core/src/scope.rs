//! What two sides agreed to share: published by the primary, narrowed by the
//! secondary, computed alike on both.

use serde::{Deserialize, Serialize};

use crate::ids::Alias;
use crate::model::FieldKind;
use crate::shared::{STATUS, TYPE};

/// Which end of a synchronization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// It created the synchronization and owns its scope.
    Primary,
    /// It joined from the handshake file.
    Secondary,
}

impl Side {
    /// The other end.
    pub fn other(self) -> Self {
        match self {
            Self::Primary => Self::Secondary,
            Self::Secondary => Self::Primary,
        }
    }
}

/// Which ways something may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// From the secondary to the primary.
    pub to_primary: bool,
    /// From the primary to the secondary.
    pub to_secondary: bool,
}

impl Ways {
    /// Both ways.
    pub const BOTH: Self = Self { to_primary: true, to_secondary: true };
    /// No way.
    pub const NONE: Self = Self { to_primary: false, to_secondary: false };

    /// Whether that side may send it.
    pub fn from_side(self, side: Side) -> bool {
        match side {
            Side::Primary => self.to_secondary,
            Side::Secondary => self.to_primary,
        }
    }

    /// What both allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { to_primary: self.to_primary && other.to_primary, to_secondary: self.to_secondary && other.to_secondary }
    }
}

/// A field that is shared, as the partner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldScope {
    /// Its shared name.
    pub alias: Alias,
    /// What it holds at the primary.
    pub kind: FieldKind,
    /// Which ways it travels.
    pub ways: Ways,
    /// The aliases of its options; empty for open sets.
    #[serde(default)]
    pub options: Vec<Alias>,
}

/// An issue type that is shared, as the partner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeScope {
    /// Its shared name.
    pub alias: Alias,
    /// Which ways its issues are created.
    pub ways: Ways,
    /// Its fields.
    pub fields: Vec<FieldScope>,
    /// The aliases of its statuses; empty where the status isn't shared.
    #[serde(default)]
    pub statuses: Vec<Alias>,
    /// Which ways the status travels.
    pub status_ways: Ways,
}

/// How attachments are shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentScope {
    /// Which ways they travel.
    pub ways: Ways,
    /// The largest that travels, in bytes.
    pub max_bytes: u64,
    /// Patterns of media types (`image/*`); empty: all.
    #[serde(default)]
    pub media_types: Vec<String>,
}

/// Who prevails when both sides changed the same field on the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The primary's value.
    PrimaryWins,
}

/// Everything that is shared under one version of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// From 1, raised by each publication.
    pub version: u32,
    /// Which ways comments travel.
    pub comments: Ways,
    /// How attachments travel.
    pub attachments: AttachmentScope,
    /// How conflicts are decided.
    pub conflicts: Policy,
    /// The issue types.
    pub types: Vec<TypeScope>,
}

impl Scope {
    /// The type of that alias.
    pub fn issue_type(&self, alias: &Alias) -> Option<&TypeScope> {
        self.types.iter().find(|scope| scope.alias == *alias)
    }

    /// Whether that side may send that field, `TYPE` and `STATUS` included, of
    /// an issue of that type: both sides compute the same.
    pub fn admits(&self, sender: Side, issue_type: &Alias, field: &Alias) -> bool {
        self.issue_type(issue_type).is_some_and(|scope| scope.ways_of(field).from_side(sender))
    }

    /// Whether that side may send an attachment of so many bytes.
    pub fn admits_attachment(&self, sender: Side, size: u64, media_type: &str) -> bool {
        let scope = &self.attachments;
        scope.ways.from_side(sender) && size <= scope.max_bytes && scope.takes(media_type)
    }

    /// What a narrowing leaves of this: types and fields of both, ways that
    /// both allow, the smaller bounds. Never more than this, whatever it says.
    #[must_use]
    pub fn narrowed(&self, by: &Self) -> Self {
        Self {
            version: self.version,
            comments: self.comments.and(by.comments),
            attachments: self.attachments.narrowed(&by.attachments),
            conflicts: self.conflicts,
            types: self.types.iter().filter_map(|ours| Some(ours.narrowed(by.issue_type(&ours.alias)?))).collect(),
        }
    }
}

impl AttachmentScope {
    /// Whether a media type is one of those that travel.
    pub fn takes(&self, media_type: &str) -> bool {
        self.media_types.is_empty() || self.media_types.iter().any(|pattern| covers(pattern, media_type))
    }

    fn narrowed(&self, by: &Self) -> Self {
        let mut ways = self.ways.and(by.ways);
        let media_types = if by.media_types.is_empty() {
            self.media_types.clone()
        } else {
            let kept: Vec<String> = by.media_types.iter().filter(|theirs| self.takes(theirs)).cloned().collect();
            if kept.is_empty() {
                ways = Ways::NONE; // An empty list would mean all of them.
            }
            kept
        };
        Self { ways, max_bytes: self.max_bytes.min(by.max_bytes), media_types }
    }
}

/// Whether a pattern (`image/*`, `text/plain`, `*`) covers a media type or a
/// narrower pattern. Case and parameters make no difference (RFC 6838, 4.2).
fn covers(pattern: &str, media_type: &str) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    match pattern.trim().strip_suffix('*') {
        Some(prefix) if prefix.is_empty() || prefix == "*/" => true,
        Some(prefix) => media_type.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
        None => media_type.eq_ignore_ascii_case(pattern.trim()),
    }
}

impl TypeScope {
    /// The field of that alias.
    pub fn field(&self, alias: &Alias) -> Option<&FieldScope> {
        self.fields.iter().find(|field| field.alias == *alias)
    }

    /// Which ways a field of a view travels, `TYPE` and `STATUS` included.
    pub fn ways_of(&self, alias: &Alias) -> Ways {
        match alias.0.as_str() {
            TYPE => Ways::BOTH,
            STATUS => self.status_ways,
            _ => self.field(alias).map_or(Ways::NONE, |field| field.ways),
        }
    }

    fn narrowed(&self, by: &Self) -> Self {
        let field = |ours: &FieldScope| {
            let ways = ours.ways.and(by.field(&ours.alias)?.ways);
            Some(FieldScope { ways, ..ours.clone() })
        };
        Self {
            alias: self.alias.clone(),
            ways: self.ways.and(by.ways),
            fields: self.fields.iter().filter_map(field).collect(),
            statuses: self.statuses.clone(),
            status_ways: self.status_ways.and(by.status_ways),
        }
    }
}
