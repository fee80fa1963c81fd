//! Trackers: what adapters are granted, and what they say.

use std::path::Path;
use std::sync::Arc;

use super::{Host, grants, refuse};
use crate::request::{Failure, NewTracker, Schema, TrackerIdentity, TrackerInfo};
use crate::runtime::{Manifest, Silent, TrackerSession, Wish};
use crate::settings::{Name, Tracker};

/// The account that a tracker is asked as where no synchronization says one.
const NOBODY: &str = "ferry";

impl Host {
    /// All trackers, in name order.
    pub fn trackers(&self) -> Result<Vec<TrackerInfo>, Failure> {
        let settings = self.settings()?;
        Ok(settings.trackers.iter().map(|(name, tracker)| self.info(name, tracker, &settings)).collect())
    }

    /// Adds a tracker: from now on its adapter may use what it was granted.
    pub fn add_tracker(&self, wanted: &NewTracker) -> Result<TrackerInfo, Failure> {
        let name = &wanted.name;
        if self.settings()?.trackers.contains_key(name) {
            return Err(Failure::failed(format!("there is a tracker {name} already"))
                .with_help(format!("choose another name, or `ferry tracker remove {name}` first")));
        }
        let found = self.runtime()?.adapter(&wanted.adapter).map_err(refuse::runtime)?;
        if let Some(manifest) = &found.manifest {
            fits(manifest, wanted)?;
        }
        let (origins, asked_origins) = grants::wanted(found.manifest.as_ref(), wanted)?;
        if let Some(folder) = &wanted.folder {
            granted(folder)?;
        }
        let tracker = Tracker {
            adapter: wanted.adapter.clone(),
            digest: found.digest.to_string(),
            folder: wanted.folder.clone(),
            origins,
            asked_origins,
            ca: wanted.ca.clone(),
            secrets: self.keep_secrets(name, &wanted.secrets)?,
            settings: wanted.settings.clone(),
        };
        if let Err(error) = self.file()?.put_tracker(name, tracker.clone()) {
            self.forget_tracker_secrets(name, &tracker);
            return Err(error.into());
        }
        let settings = self.settings()?;
        Ok(self.info(name, &tracker, &settings))
    }

    /// Forgets a tracker that no synchronization uses.
    pub fn remove_tracker(&self, name: &Name) -> Result<(), Failure> {
        let tracker = self.tracker(name)?;
        let used = self.info(name, &tracker, &self.settings()?).synchronizations;
        if !used.is_empty() {
            return Err(Failure::not_allowed(format!("the tracker {name} is used by {}", used.join(", ")))
                .with_help("delete the synchronization first: `ferry sync delete NAME`"));
        }
        self.file()?.remove_tracker(name)?;
        self.forget_tracker_secrets(name, &tracker);
        let own = self.home.tracker(name.as_str());
        match std::fs::remove_dir_all(&own) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::failed(format!("the tracker is forgotten, but {} can't be removed: {e}", own.display())))
            }
            _ => Ok(()),
        }
    }

    /// Asks a tracker what it is; with `accept` its adapter is agreed to as it
    /// is now.
    pub fn check_tracker(&self, name: &Name, project: Option<&str>, accept: bool) -> Result<TrackerIdentity, Failure> {
        let mut tracker = self.tracker(name)?;
        if accept {
            tracker.digest = self.runtime()?.adapter(&tracker.adapter).map_err(refuse::runtime)?.digest.to_string();
            self.file()?.put_tracker(name, tracker.clone())?;
        }
        let (project, user) = self.somebody(name, project)?;
        self.identify(name, &tracker, &project, &user)
    }

    /// What a project's issues look like.
    pub fn schema(&self, name: &Name, project: &str) -> Result<Schema, Failure> {
        let tracker = self.tracker(name)?;
        let (_, user) = self.somebody(name, Some(project))?;
        let mut session = self.ask(name, &tracker, project, &user)?;
        Ok(session.schema().map_err(|e| refuse::call(name.as_str(), e))?.into())
    }

    /// Asks a tracker as the user of a project.
    pub(super) fn identify(
        &self,
        name: &Name,
        tracker: &Tracker,
        project: &str,
        user: &str,
    ) -> Result<TrackerIdentity, Failure> {
        let mut session = self.ask(name, tracker, project, user)?;
        let identity = session.identify().map_err(|e| refuse::call(name.as_str(), e))?;
        Ok(TrackerIdentity {
            name: name.to_string(),
            product: identity.product,
            version: identity.version,
            instance: identity.instance,
            account: identity.account.name,
            abilities: identity.abilities.names().into_iter().map(str::to_owned).collect(),
            max_attachment_bytes: identity.max_attachment_bytes,
        })
    }

    fn ask(&self, name: &Name, tracker: &Tracker, project: &str, user: &str) -> Result<TrackerSession, Failure> {
        if let Some(folder) = &tracker.folder {
            granted(folder)?;
        }
        let place = self.tracker_place(name, tracker)?;
        Ok(TrackerSession::open(self.runtime()?, &place, project, user, Arc::new(Silent)))
    }

    /// Project and account of a synchronization that uses a tracker, so that
    /// it is asked as it will be used.
    fn somebody(&self, name: &Name, project: Option<&str>) -> Result<(String, String), Failure> {
        let settings = self.settings()?;
        let mut users = settings.synchronizations.values().filter(|sync| sync.tracker == *name);
        let fitting = users.find(|sync| project.is_none_or(|project| sync.project == project));
        Ok(match (fitting, project) {
            (Some(sync), _) => (sync.project.clone(), sync.user.clone()),
            (None, project) => (project.unwrap_or_default().to_owned(), NOBODY.to_owned()),
        })
    }

    fn info(&self, name: &Name, tracker: &Tracker, settings: &crate::settings::Settings) -> TrackerInfo {
        let users = settings.synchronizations.iter().filter(|(_, sync)| sync.tracker == *name);
        TrackerInfo {
            name: name.to_string(),
            adapter: tracker.adapter.clone(),
            digest: tracker.digest.clone(),
            folder: tracker.folder.as_ref().map(|folder| folder.display().to_string()),
            origins: tracker.origins.union(&tracker.asked_origins).cloned().collect(),
            secrets: tracker.secrets.keys().cloned().collect(),
            settings: tracker.settings.clone(),
            synchronizations: users.map(|(name, _)| name.to_string()).collect(),
        }
    }
}

/// Whether what is wanted fits what the adapter asks for.
fn fits(manifest: &Manifest, wanted: &NewTracker) -> Result<(), Failure> {
    let adapter = &manifest.name;
    match (manifest.folder, &wanted.folder) {
        (Wish::Required, None) => {
            return Err(Failure::usage(format!("the adapter {adapter} needs a folder")).with_help("give --folder DIR"));
        }
        (Wish::None, Some(_)) => {
            return Err(Failure::usage(format!("the adapter {adapter} uses no folder")).with_help("leave out --folder"));
        }
        _ => {}
    }
    let known: Vec<_> = manifest.settings.iter().map(|setting| setting.name.as_str()).collect();
    if let Some(unknown) = wanted.settings.keys().find(|key| !known.contains(&key.as_str())) {
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
        return Err(Failure::usage(format!("the adapter {adapter} has no setting {unknown}: {known}")));
    }
    let missing = manifest.settings.iter().find(|s| s.required && !wanted.settings.contains_key(&s.name));
    match missing {
        Some(setting) => Err(Failure::usage(format!("the adapter {adapter} needs the setting {}", setting.name))
            .with_help(format!("--set {}=… ({})", setting.name, setting.description))),
        None => Ok(()),
    }
}

/// A granted folder is there.
fn granted(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    let folder = folder.display();
    Err(Failure::not_found(format!("there is no folder {folder}"))
        .with_help(format!("`mkdir -p {folder}` makes it; mount it where it is a share")))
}
