//! What an adapter has to do.

use crate::model::{
    Applied, AttachmentId, ChangePage, Cursor, Effect, Fault, Found, Identity, Issue, IssueId, Person, ProjectSchema,
    User,
};

/// Access to the issues of one project in one tracker: the functions of
/// `ferry:tracker/issues`, where each is documented.
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented at the interface")]
pub trait Adapter {
    fn identify(&self) -> Result<Identity, Fault>;
    fn schema(&self) -> Result<ProjectSchema, Fault>;
    fn people(&self, whom: Vec<Person>) -> Vec<Result<Option<User>, Fault>>;
    fn changes(&self, since: Option<Cursor>, limit: u32) -> Result<ChangePage, Fault>;
    fn read(&self, ids: Vec<IssueId>) -> Vec<Result<Issue, Fault>>;
    fn ids(&self, after: Option<IssueId>, limit: u32) -> Result<Vec<IssueId>, Fault>;
    fn find(&self, effects: Vec<Effect>) -> Vec<Result<Vec<Found>, Fault>>;
    fn apply(&self, effects: Vec<Effect>) -> Vec<Result<Applied, Fault>>;
    fn fetch_attachment(&self, issue: IssueId, attachment: AttachmentId) -> Result<String, Fault>;
}
