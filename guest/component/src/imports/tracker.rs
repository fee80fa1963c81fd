//! `ferry:tracker/issues` as the core's tracker.

use ferry_core::ids::{BlobName, Cursor, IssueId, ItemId};
use ferry_core::model::{Applied, ChangePage, Effect, Found, Identity, Issue, PersonQuery, ProjectSchema, User};
use ferry_core::ports::TrackerFault;

use crate::bindings::ferry::tracker::{issues, model};
use crate::convert::{issue, schema, write};

pub(crate) struct Tracker;

impl ferry_core::ports::Tracker for Tracker {
    fn identify(&self) -> Result<Identity, TrackerFault> {
        issues::identify().map(schema::identity).map_err(issue::fault)
    }

    fn schema(&self) -> Result<ProjectSchema, TrackerFault> {
        issues::schema().map(schema::project).map_err(issue::fault)
    }

    fn people(&self, whom: &[PersonQuery]) -> Vec<Result<Option<User>, TrackerFault>> {
        let whom: Vec<model::Person> = whom.iter().map(schema::person).collect();
        let found = issues::people(&whom);
        found.into_iter().map(|user| user.map(|user| user.map(issue::user)).map_err(issue::fault)).collect()
    }

    fn changes(&self, since: Option<&Cursor>, limit: u32) -> Result<ChangePage, TrackerFault> {
        issues::changes(since.map(|cursor| cursor.0.as_str()), limit).map(issue::page).map_err(issue::fault)
    }

    fn read(&self, ids: &[IssueId]) -> Vec<Result<Issue, TrackerFault>> {
        let ids: Vec<String> = ids.iter().map(|id| id.0.clone()).collect();
        issues::read(&ids).into_iter().map(|found| found.map(issue::issue).map_err(issue::fault)).collect()
    }

    fn ids(&self, after: Option<&IssueId>, limit: u32) -> Result<Vec<IssueId>, TrackerFault> {
        let ids = issues::ids(after.map(|id| id.0.as_str()), limit).map_err(issue::fault)?;
        Ok(ids.into_iter().map(IssueId).collect())
    }

    fn find(&self, effects: &[Effect]) -> Vec<Result<Vec<Found>, TrackerFault>> {
        let effects: Vec<model::Effect> = effects.iter().map(write::effect).collect();
        let found = issues::find(&effects).into_iter();
        found
            .map(|found| found.map(|found| found.into_iter().map(write::found).collect()).map_err(issue::fault))
            .collect()
    }

    fn apply(&self, effects: &[Effect]) -> Vec<Result<Applied, TrackerFault>> {
        let effects: Vec<model::Effect> = effects.iter().map(write::effect).collect();
        let done = issues::apply(&effects).into_iter();
        done.map(|done| done.map(write::applied).map_err(issue::fault)).collect()
    }

    fn fetch_attachment(&self, issue: &IssueId, attachment: &ItemId) -> Result<BlobName, TrackerFault> {
        issues::fetch_attachment(&issue.0, &attachment.0).map(BlobName).map_err(crate::convert::issue::fault)
    }
}
