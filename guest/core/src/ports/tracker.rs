//! A tracker: `ferry:tracker/issues`, where the edge meanings are documented.

use crate::ids::{BlobName, Cursor, IssueId, ItemId};
use crate::model::{
    Applied, ChangePage, Effect, FieldProblem, Found, Identity, Issue, PersonQuery, ProjectSchema, User,
};

/// Why a call failed, by what the caller should do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrackerFault {
    /// Passing; after so many seconds where the tracker says.
    #[error("the tracker can't be reached now")]
    RetryLater(Option<u32>),
    /// The credentials are wrong or have expired.
    #[error("the tracker refuses the credentials: {0}")]
    Unauthenticated(String),
    /// The synchronization user may not do this.
    #[error("the synchronization user may not do this: {0}")]
    Denied(String),
    /// No such thing, or it can't be seen.
    #[error("the tracker has no such issue, comment or attachment any more")]
    NotFound,
    /// The issue moved on from the revision that we named.
    #[error("the issue changed meanwhile")]
    Stale,
    /// The tracker refuses these values.
    #[error("the tracker refuses: {}", listed(.0))]
    Invalid(Vec<FieldProblem>),
    /// It is there, and a person has to mend it.
    #[error("{0}")]
    Unreadable(String),
    /// Over the tracker's limit, in bytes.
    #[error("larger than the {0} bytes that the tracker takes")]
    TooLarge(u64),
    /// It may or may not have taken effect: settle it with `find`.
    #[error("the tracker's answer was lost: {0}")]
    UnknownOutcome(String),
    /// This tracker can't do it.
    #[error("the tracker can't do this: {0}")]
    Unsupported(String),
    /// Anything else, for people to read.
    #[error("{0}")]
    Other(String),
}

impl TrackerFault {
    /// Whether everything else would fail alike now.
    pub fn is_about_all(&self) -> bool {
        matches!(self, Self::RetryLater(_) | Self::Unauthenticated(_))
    }
}

/// Access to the issues of one project in one tracker.
#[allow(missing_docs, clippy::missing_errors_doc)] // Documented at the interface.
pub trait Tracker {
    fn identify(&self) -> Result<Identity, TrackerFault>;
    fn schema(&self) -> Result<ProjectSchema, TrackerFault>;
    fn people(&self, whom: &[PersonQuery]) -> Vec<Result<Option<User>, TrackerFault>>;
    fn changes(&self, since: Option<&Cursor>, limit: u32) -> Result<ChangePage, TrackerFault>;
    fn read(&self, ids: &[IssueId]) -> Vec<Result<Issue, TrackerFault>>;
    fn ids(&self, after: Option<&IssueId>, limit: u32) -> Result<Vec<IssueId>, TrackerFault>;
    fn find(&self, effects: &[Effect]) -> Vec<Result<Vec<Found>, TrackerFault>>;
    fn apply(&self, effects: &[Effect]) -> Vec<Result<Applied, TrackerFault>>;
    fn fetch_attachment(&self, issue: &IssueId, attachment: &ItemId) -> Result<BlobName, TrackerFault>;
}

fn listed(problems: &[FieldProblem]) -> String {
    problems.iter().map(|problem| format!("{}: {}", problem.field, problem.reason)).collect::<Vec<_>>().join("; ")
}
