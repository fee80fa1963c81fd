//! The local adapter as a plain library, over a real folder: what a component
//! does, without one. Conversions are the engine component's own, compiled a
//! second time against the adapter's side of the interface.

mod folder;

use ferry_adapter::Adapter;
use ferry_adapter::model::{Fault, Person};
use ferry_core::ids::{BlobName, Cursor, IssueId, ItemId};
use ferry_core::model::{Applied, ChangePage, Effect, Found, Identity, Issue, PersonQuery, ProjectSchema, User};
use ferry_core::ports::{Tracker, TrackerFault};

use convert::{issue, schema, write};
pub use folder::Folder;

#[path = "../../guest/component/src/convert"]
#[allow(dead_code, missing_docs)]
mod convert {
    pub(crate) mod issue;
    pub(crate) mod schema;
    pub(crate) mod write;
}

/// Issues as Markdown files, natively. Like a component's instance it keeps
/// nothing from one call to the next but what its store holds.
pub struct LocalTracker(Folder);

impl LocalTracker {
    /// The tracker in that folder.
    pub fn new(folder: Folder) -> Self {
        Self(folder)
    }

    fn call<T>(&self, call: impl FnOnce(&dyn Adapter) -> T) -> T {
        call(&ferry_local::tracker::Tracker::new(self.0.clone()))
    }
}

fn each<T, U>(answers: Vec<Result<T, Fault>>, convert: impl Fn(T) -> U) -> Vec<Result<U, TrackerFault>> {
    answers.into_iter().map(|answer| answer.map(&convert).map_err(issue::fault)).collect()
}

impl Tracker for LocalTracker {
    fn identify(&self) -> Result<Identity, TrackerFault> {
        self.call(|adapter| adapter.identify()).map(schema::identity).map_err(issue::fault)
    }

    fn schema(&self) -> Result<ProjectSchema, TrackerFault> {
        self.call(|adapter| adapter.schema()).map(schema::project).map_err(issue::fault)
    }

    fn people(&self, whom: &[PersonQuery]) -> Vec<Result<Option<User>, TrackerFault>> {
        let whom: Vec<Person> = whom.iter().map(schema::person).collect();
        each(self.call(|adapter| adapter.people(whom)), |user| user.map(issue::user))
    }

    fn changes(&self, since: Option<&Cursor>, limit: u32) -> Result<ChangePage, TrackerFault> {
        let since = since.map(|cursor| cursor.0.clone());
        self.call(|adapter| adapter.changes(since, limit)).map(issue::page).map_err(issue::fault)
    }

    fn read(&self, ids: &[IssueId]) -> Vec<Result<Issue, TrackerFault>> {
        let ids = ids.iter().map(|id| id.0.clone()).collect();
        each(self.call(|adapter| adapter.read(ids)), issue::issue)
    }

    fn ids(&self, after: Option<&IssueId>, limit: u32) -> Result<Vec<IssueId>, TrackerFault> {
        let ids = self.call(|adapter| adapter.ids(after.map(|id| id.0.clone()), limit)).map_err(issue::fault)?;
        Ok(ids.into_iter().map(IssueId).collect())
    }

    fn find(&self, effects: &[Effect]) -> Vec<Result<Vec<Found>, TrackerFault>> {
        let effects = effects.iter().map(write::effect).collect();
        each(self.call(|adapter| adapter.find(effects)), |found| found.into_iter().map(write::found).collect())
    }

    fn apply(&self, effects: &[Effect]) -> Vec<Result<Applied, TrackerFault>> {
        let effects = effects.iter().map(write::effect).collect();
        each(self.call(|adapter| adapter.apply(effects)), write::applied)
    }

    fn fetch_attachment(&self, issue: &IssueId, attachment: &ItemId) -> Result<BlobName, TrackerFault> {
        let fetched = self.call(|adapter| adapter.fetch_attachment(issue.0.clone(), attachment.0.clone()));
        fetched.map(BlobName).map_err(convert::issue::fault)
    }
}
