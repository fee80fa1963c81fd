//! Configurations: what a person wrote, what is published, what two sides
//! adopted.

mod answer;
mod check;
mod example;
mod layout;
mod likeness;
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

pub(crate) use answer::answer;
pub(crate) use check::{is_choice, is_person};
pub(crate) use example::example;
pub(crate) use problem::Problems;
pub(crate) use read::read;
pub(crate) use scopes::{narrowing, publication};
pub(crate) use text::{FieldText, Several, Text, TypeText};

/// How people are found, in the examples.
const STRANGERS: &str =
    "by email, else by name; also table = { alias = \"account\" }, and default = \"account\" for strangers";

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
    /// The primary's: publications that a later one replaced before they were
    /// answered. An answer that was on its way still counts.
    #[serde(default)]
    pub superseded: Vec<Publication>,
    /// The secondary's: what the primary published and we haven't answered.
    pub offered: Option<Offer>,
    /// What the primary published under the version in force, before it was
    /// narrowed.
    #[serde(default)]
    pub whole: Option<Scope>,
    /// Raised whenever what is in force here changes, the mapping alone
    /// included: a scan of our tracker that began under another begins anew.
    #[serde(default)]
    pub revision: u64,
}

/// Where the configuration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    None,
    /// Published; the partner hasn't adopted it yet.
    WaitingForSecondary,
    /// The partner published one; ours has to answer it.
    UpdateRequired,
    /// Both work by it.
    Adopted,
}

/// Where the configuration stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Where it stands.
    pub standing: Standing,
    /// Its version; 0 while there is none.
    pub version: u32,
    /// Since when.
    pub since: Option<Time>,
    /// Whether a draft lies here.
    pub draft: bool,
}

/// What became of a configuration that was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Its version, where it was taken.
    pub version: Option<u32>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Configured {
    /// Where the configuration stands.
    pub fn agreement(&self) -> Agreement {
        let draft = self.draft.is_some();
        if let Some(published) = &self.published {
            let (version, since) = (published.scope.version, Some(published.since));
            return Agreement { standing: Standing::WaitingForSecondary, version, since, draft };
        }
        if let Some(offered) = &self.offered {
            let (version, since) = (offered.scope.version, Some(offered.since));
            return Agreement { standing: Standing::UpdateRequired, version, since, draft };
        }
        let standing = if self.version == 0 { Standing::None } else { Standing::Adopted };
        Agreement { standing, version: self.version, since: self.since, draft }
    }

    /// The highest version that we know of.
    pub(crate) fn latest(&self) -> u32 {
        let published = self.published.as_ref().map_or(0, |published| published.scope.version);
        let offered = self.offered.as_ref().map_or(0, |offer| offer.scope.version);
        let in_force = self.whole.as_ref().map_or(0, |whole| whole.version);
        self.version.max(published).max(offered).max(in_force)
    }

    /// Puts a version in force.
    pub(crate) fn switch(&mut self, version: u32, whole: Scope, now: Time) {
        self.version = version;
        self.since = Some(now);
        self.whole = Some(whole);
        self.revision += 1;
    }
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
    /// The counter of the epoch in which the partner was told of it.
    #[serde(default)]
    pub epoch: u64,
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

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
