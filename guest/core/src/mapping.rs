//! Between our tracker's terms and shared terms, under one version of the
//! configuration. What is shared has the shape that the scope gives it, so
//! that both sides write the same value alike; what is local has the shape of
//! our tracker's schema.

mod compile;
mod filter;
mod incoming;
mod options;
mod outgoing;
mod people;
mod types;

use crate::ids::Alias;
use crate::model::{Attachment, Comment, Field, FieldSchema, Issue, Markup, PersonQuery, User, Value, Visibility};
use crate::planted::{Bug, planted};
use crate::ports::TrackerFault;
use crate::scope::{FieldScope, Scope, Side, TypeScope, Ways};
use crate::shared::Shared;

pub use filter::{Filter, FilterError};
pub use types::Derived;

pub(crate) use filter::Operator;
pub(crate) use options::{Options, alike};
pub(crate) use people::{By, People};
pub(crate) use types::{Made, Statuses, Template, value_of};

/// How our side answers to a scope.
#[derive(Clone, Debug)]
pub struct Mapping {
    side: Side,
    scope: Scope,
    markup: Markup,
    types: Vec<TypeMapping>,
}

/// How one of our issue types is shared.
#[derive(Clone, Debug)]
pub struct TypeMapping {
    /// Its shared name.
    pub alias: Alias,
    /// Its name at our tracker.
    pub local: String,
    scope: TypeScope,
    when: Option<Filter>,
    fields: Vec<FieldMapping>,
    statuses: Statuses,
    made: Vec<Made>,
}

/// How one of our fields is shared.
#[derive(Clone, Debug)]
pub(crate) struct FieldMapping {
    scope: FieldScope,
    local: String,
    /// None where our tracker has no such field any more.
    schema: Option<FieldSchema>,
    how: How,
}

/// How values become others.
#[derive(Clone, Debug)]
pub(crate) enum How {
    /// As they are.
    Pass,
    /// By a table, or by their labels.
    Options(Options),
    /// By people.
    People(People),
    /// Always this; there is no local field.
    Constant(String),
}

/// One part of an issue of ours, in both terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outward {
    /// Its shared name; `TYPE` and `STATUS` are fields too.
    pub alias: Alias,
    /// As our tracker has it; type and status as `Value::Text`.
    pub raw: Value,
    /// As the partner gets it.
    pub shared: Result<Shared, Unmapped>,
    /// Whether our side may send it.
    pub sends: bool,
    /// Whether the partner may send it.
    pub receives: bool,
}

/// What to write to our tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inward {
    /// A field's value.
    Field(Field),
    /// A status, by its name.
    Status(String),
    /// An issue type, by its name.
    Type(String),
}

/// Why a value has no counterpart on the other side of the mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unmapped {
    /// `Unmapped::VALUE` or another of the constants.
    pub kind: &'static str,
    /// What is wrong and what to add to the configuration, for people on our
    /// side; it names what is ours and never leaves.
    pub reason: String,
}

impl Unmapped {
    /// The configuration has no counterpart for it.
    pub const VALUE: &'static str = "unmapped";
    /// The tracker could not be asked now: try again.
    pub const PASSING: &'static str = "retry-later";

    pub(crate) fn value(reason: impl Into<String>) -> Self {
        Self { kind: Self::VALUE, reason: reason.into() }
    }

    /// What may be told the partner: no name and no value of ours.
    pub fn for_partner(&self) -> &'static str {
        match self.kind {
            Self::PASSING => "the partner's tracker could not look somebody up; it tries again",
            _ => "the partner's configuration has no counterpart for this value",
        }
    }
}

/// Where accounts of our tracker are looked up; answers may be remembered.
#[allow(clippy::missing_errors_doc)] // The tracker's.
pub trait Directory {
    /// The account that is known by that.
    fn find(&self, whom: &PersonQuery) -> Result<Option<User>, TrackerFault>;
}

impl Mapping {
    /// The same, with the markup that our tracker writes text in: text without
    /// markup that goes into rich text is labelled with it.
    #[must_use]
    pub fn with_markup(self, markup: Markup) -> Self {
        Self { markup, ..self }
    }

    /// What is shared.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The types that are shared.
    pub fn types(&self) -> &[TypeMapping] {
        &self.types
    }

    /// How issues of that local type are shared. Where it answers several
    /// aliases, the first under which ours go out.
    pub fn issue_type(&self, local: &str) -> Option<&TypeMapping> {
        let mut of = self.types.iter().filter(|of| of.local == local);
        let first = of.clone().next();
        of.find(|of| of.scope.ways.from_side(self.side)).or(first)
    }

    /// How issues of that alias are shared.
    pub fn by_alias(&self, alias: &Alias) -> Option<&TypeMapping> {
        self.types.iter().find(|of| of.alias == *alias)
    }

    /// How that issue is shared: by the first of its type's mappings under
    /// which it enters the scope, else as its type is.
    pub fn of(&self, issue: &Issue) -> Option<&TypeMapping> {
        self.entrance(issue).or_else(|| self.issue_type(&issue.issue_type))
    }

    fn entrance(&self, issue: &Issue) -> Option<&TypeMapping> {
        let enters = |of: &&TypeMapping| of.scope.ways.from_side(self.side) && of.admits(issue);
        self.types.iter().filter(|of| of.local == issue.issue_type).find(enters)
    }

    /// Whether an issue of ours that has no counterpart yet enters the scope.
    /// A filter that needs a part which could not be read does not hold.
    pub fn shares(&self, issue: &Issue) -> bool {
        self.entrance(issue).is_some()
    }

    /// Whether our comments leave.
    pub fn sends_comments(&self) -> bool {
        self.scope.comments.from_side(self.side)
    }

    /// Whether the partner's comments are written here.
    pub fn receives_comments(&self) -> bool {
        self.scope.comments.from_side(self.side.other())
    }

    /// Whether that comment leaves: only what is known to be public does.
    pub fn sends_comment(&self, comment: &Comment) -> bool {
        self.sends_comments() && (comment.visibility == Visibility::Public || planted(Bug::InternalSaid))
    }

    /// Whether any of our attachments leave.
    pub fn sends_attachments(&self) -> bool {
        self.scope.attachments.ways.from_side(self.side)
    }

    /// Whether that attachment leaves: by visibility, size and media type.
    pub fn sends_attachment(&self, attachment: &Attachment) -> bool {
        attachment.visibility == Visibility::Public
            && self.scope.admits_attachment(self.side, attachment.size, &attachment.media_type)
    }

    /// Whether an attachment of the partner's is written here.
    pub fn receives_attachment(&self, size: u64, media_type: &str) -> bool {
        self.scope.admits_attachment(self.side.other(), size, media_type)
    }

    /// Which ways a field travels, `TYPE` and `STATUS` included.
    pub fn ways(&self, type_alias: &Alias, alias: &Alias) -> Ways {
        self.scope.issue_type(type_alias).map_or(Ways::NONE, |of| of.ways_of(alias))
    }
}

impl TypeMapping {
    /// The type's scope.
    pub fn scope(&self) -> &TypeScope {
        &self.scope
    }

    /// Whether the type's filter holds for the issue.
    pub fn admits(&self, issue: &Issue) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(issue))
    }

    /// The name at our tracker of the field of that alias.
    pub fn local_field(&self, alias: &Alias) -> Option<&str> {
        self.field(alias).map(|field| field.local.as_str())
    }

    pub(crate) fn field(&self, alias: &Alias) -> Option<&FieldMapping> {
        self.fields.iter().find(|field| field.scope.alias == *alias)
    }
}

#[cfg(test)]
mod tests;
