//! Values of fields, in a tracker's own terms.

use serde::{Deserialize, Serialize};

use crate::ids::Timestamp;

/// The markup languages that trackers write text in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Named as in the interface.
pub enum Markup {
    Plain,
    Markdown,
    GithubMarkdown,
    GitlabMarkdown,
    JiraWiki,
    AtlassianDocument,
    Textile,
    TracWiki,
    Rst,
    Html,
}

/// Text in a markup language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RichText {
    /// The language of `source`.
    pub markup: Markup,
    /// The text as it was written.
    pub source: String,
}

/// An account of a tracker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct User {
    /// The tracker's own stable identifier.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The e-mail address, where we may see it.
    pub email: Option<String>,
}

/// One option of a field with a closed set of values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OptionValue {
    /// The tracker's own stable identifier.
    pub id: String,
    /// The label that people see.
    pub label: String,
}

/// A field's value. `Absent` is a value: the field is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Named as in the interface.
pub enum Value {
    Absent,
    Text(String),
    RichText(RichText),
    Number(String),
    Boolean(bool),
    Date(String),
    DateTime(Timestamp),
    DurationSeconds(u64),
    Choice(OptionValue),
    Choices(Vec<OptionValue>),
    User(User),
    Users(Vec<User>),
    Labels(Vec<String>),
    Other(String),
}

/// A field of an issue, by the name that the schema gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The field's name in the schema.
    pub name: String,
    /// What it holds.
    pub value: Value,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name, or a part: `status`, `comments`.
    pub field: String,
    /// What is wrong, for a person to read.
    pub reason: String,
}
