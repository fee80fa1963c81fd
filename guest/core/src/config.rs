//! Configurations: what a person wrote, what is published, what two sides
//! adopted.

mod check;
mod nearest;
mod problem;
mod read;
mod scopes;
mod table;
mod text;

use serde::{Deserialize, Serialize};

use crate::scope::Scope;
use crate::time::Time;

pub use check::{Against, check};
pub use problem::{Problem, Severity, has_errors};

pub(crate) use check::{is_choice, is_person};
pub(crate) use problem::Problems;
pub(crate) use read::read;
pub(crate) use scopes::{narrowing, publication};
pub(crate) use text::{FieldText, Text, TypeText, Word};

/// Everything that is configured here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configured {
    /// A text that was kept for later.
    pub draft: Option<String>,
    /// The version in force here; 0 while there is none.
    pub version: u32,
    /// Since when it is in force.
    pub since: Option<Time>,
    /// The primary's: published, not adopted yet.
    pub published: Option<Publication>,
    /// The secondary's: what the primary published and we haven't answered.
    pub offered: Option<Offer>,
}

/// A configuration that the primary published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The text.
    pub text: String,
    /// What it shares.
    pub scope: Scope,
    /// Since when.
    pub since: Time,
}

/// A scope that the partner published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What it shares.
    pub scope: Scope,
    /// Since when.
    pub since: Time,
}

/// What both sides adopted under one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// Our text.
    pub text: String,
    /// What is shared: published by the primary, narrowed by the secondary.
    pub scope: Scope,
}
