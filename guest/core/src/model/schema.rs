//! What a tracker is and what its issues look like.

use super::{Markup, OptionValue, User};

/// What a tracker can do, of what the engine decides by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, clippy::struct_excessive_bools)] // The flags of the interface.
pub struct Abilities {
    pub comments: bool,
    pub edit_comments: bool,
    pub delete_comments: bool,
    pub internal_comments: bool,
    pub attachments: bool,
    pub delete_attachments: bool,
    pub workflow: bool,
    pub issue_keys: bool,
    pub comment_keys: bool,
    pub attachment_keys: bool,
    pub optimistic_writes: bool,
    pub authorship: bool,
}

/// Which tracker this is, and what it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Identity {
    pub product: String,
    pub version: String,
    pub instance: String,
    pub account: User,
    pub abilities: Abilities,
    pub markup: Markup,
    pub max_attachment_bytes: Option<u64>,
    pub timestamp_resolution_ms: u32,
    pub index_lag_ms: u32,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Named as in the interface.
pub enum FieldKind {
    Text,
    RichText,
    Number,
    Boolean,
    Date,
    DateTime,
    Duration,
    Choice,
    Choices,
    User,
    Users,
    Labels,
    Version,
    Versions,
    Component,
    Components,
    Other,
}

/// One field of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct FieldSchema {
    pub name: String,
    pub label: String,
    pub kind: FieldKind,
    pub required: bool,
    pub writable: bool,
    pub options: Vec<OptionValue>,
}

/// One permitted step of the workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct Transition {
    pub name: String,
    pub source: String,
    pub target: String,
    pub required: Vec<String>,
}

/// One issue type of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct TypeSchema {
    pub name: String,
    pub fields: Vec<FieldSchema>,
    pub statuses: Vec<String>,
    pub transitions: Vec<Transition>,
}

/// What a project's issues look like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub struct ProjectSchema {
    pub types: Vec<TypeSchema>,
    pub link_kinds: Vec<String>,
    pub complete: bool,
}

impl ProjectSchema {
    /// The type of that name.
    pub fn issue_type(&self, name: &str) -> Option<&TypeSchema> {
        self.types.iter().find(|issue_type| issue_type.name == name)
    }
}

impl TypeSchema {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// What somebody is looked up by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonQuery {
    /// The tracker's own identifier.
    Id(String),
    /// The name that people see.
    Name(String),
    /// The e-mail address.
    Email(String),
}
