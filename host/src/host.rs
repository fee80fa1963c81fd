//! A home at work: what the commands do, as methods. One process at a time
//! has a home; within it, one call at a time has a synchronization.

mod begin;
mod builder;
mod channel;
mod configure;
mod doctor;
mod exchange;
mod execute;
mod finish;
mod fixed;
mod grants;
mod keys;
mod mend;
mod next;
mod patience;
mod post;
mod refuse;
mod seat;
mod standing;
mod synchronizations;
mod trackers;
mod unfinished;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::home::{Home, Listener, Lock};
use crate::mail::{Listening, MailPlace};
use crate::request::{Failure, Progress, Reached, Server, Watcher, reach, serve};
use crate::runtime::{Runtime, RuntimeOptions, SyncPlace, TrackerPlace};
use crate::schedule::Stop;
use crate::settings::{Name, Settings, SettingsFile, Synchronization, Tracker};

pub use builder::HostBuilder;
pub(crate) use finish::{EFFECTS, PARCELS};
pub(crate) use seat::{Seat, Wake};

/// A home that this process owns, until it is dropped.
#[derive(Debug)]
pub struct Host {
    home: Home,
    lock: Lock,
    components: Vec<PathBuf>,
    cache: PathBuf,
    sockets: PathBuf,
    watcher: Arc<dyn Watcher>,
    environment: fn(&str) -> Option<String>,
    settings: Mutex<SettingsFile>,
    /// Begun at the first use: many a command needs none.
    runtime: OnceLock<Arc<Runtime>>,
    /// One for each synchronization, by its directory.
    seats: Mutex<BTreeMap<String, Arc<Seat>>>,
    /// Creating and joining take turns.
    beginning: Mutex<()>,
    /// Told when the list of synchronizations may have changed.
    schedule: Mutex<Option<Stop>>,
    /// Set when this process is to end: what lasts long comes to its end.
    ending: AtomicBool,
}

impl Host {
    /// The home.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Opens a home for long: a short command of another process is waited
    /// for.
    ///
    /// # Errors
    /// `Failed` where another process has it for long.
    pub fn take(builder: &HostBuilder) -> Result<Self, Failure> {
        match reach(builder)? {
            Reached::Home(host) => Arc::into_inner(host).ok_or_else(|| Failure::failed("the home is in use")),
            Reached::Owner(_) => {
                let holder = Lock::holder(builder.home()).map(|pid| format!(", process {pid}")).unwrap_or_default();
                let root = builder.home().root().display();
                Err(Failure::failed(format!("a ferry run is at work in {root} already{holder}")))
            }
        }
    }

    /// What `ferry.toml` says now.
    pub fn settings(&self) -> Result<Settings, Failure> {
        Ok(self.file()?.settings().clone())
    }

    /// Begins to answer others at the socket, until the server is dropped.
    pub fn listen(self: &Arc<Self>) -> Result<Server, Failure> {
        let listener = Listener::bind(&self.home, &self.lock, &self.sockets)
            .map_err(Failure::io(format!("{}: nothing can be listened on", self.home.socket().display())))?;
        serve(self, listener)
    }

    /// The schedule that is told when the list of synchronizations may have
    /// changed.
    pub(crate) fn scheduled_by(&self, schedule: Option<Stop>) {
        *hold(&self.schedule) = schedule;
    }

    /// This process is to end: what lasts long comes to its end between two
    /// ticks.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Release);
    }

    /// Whether this process is to end.
    fn ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    /// `ferry.toml`, read again where somebody changed it.
    fn file(&self) -> Result<MutexGuard<'_, SettingsFile>, Failure> {
        let mut file = hold(&self.settings);
        if file.refresh()? {
            tracing::info!(file = %self.home.settings().display(), "settings were read again");
        }
        Ok(file)
    }

    /// Says that the list of synchronizations may have changed.
    fn tell_change(&self) {
        if let Some(schedule) = hold(&self.schedule).as_ref() {
            schedule.look();
        }
    }

    /// Says that the engine is being prepared, which takes seconds, where it is
    /// for the first time.
    fn tell_preparing(&self, watcher: &Arc<dyn Watcher>) {
        let cached = std::fs::read_dir(&self.cache).is_ok_and(|mut entries| entries.next().is_some());
        if !cached && self.runtime.get().is_none() {
            let stage = "preparing the engine, once".to_owned();
            watcher.progress(Progress { synchronization: None, stage, done: 0, total: None });
        }
    }

    fn runtime(&self) -> Result<&Arc<Runtime>, Failure> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let options = RuntimeOptions {
            accounts: self.home.accounts(),
            environment: self.environment,
            ..RuntimeOptions::new(self.components.clone(), self.cache.clone())
        };
        let runtime = Runtime::new(options).map_err(refuse::runtime)?;
        Ok(self.runtime.get_or_init(|| runtime))
    }

    /// A tracker by its name.
    fn tracker(&self, name: &Name) -> Result<Tracker, Failure> {
        self.file()?.settings().trackers.get(name).cloned().ok_or_else(|| {
            Failure::not_found(format!("there is no tracker {name}")).with_help("`ferry tracker list` lists them")
        })
    }

    /// A synchronization by its name.
    pub(crate) fn synchronization(&self, name: &Name) -> Result<Synchronization, Failure> {
        self.file()?.settings().synchronizations.get(name).cloned().ok_or_else(|| {
            Failure::not_found(format!("there is no synchronization {name}")).with_help("`ferry sync list` lists them")
        })
    }

    /// The folder that a synchronization's tracker may use.
    pub(crate) fn granted_folder(&self, sync: &Synchronization) -> Option<PathBuf> {
        self.tracker(&sync.tracker).ok()?.folder
    }

    /// The mailbox of a synchronization, where it goes by mail.
    pub(crate) fn mailbox(&self, sync: &Synchronization) -> Option<MailPlace> {
        let mail = sync.mail.as_ref()?;
        self.mail_place(&sync.directory, mail).ok()
    }

    /// Begins to be told of new mail.
    pub(crate) fn listen_to(&self, place: &MailPlace, tell: impl Fn() + Send + Sync + 'static) -> Option<Listening> {
        self.runtime().ok()?.listen(place, tell)
    }

    fn tracker_place(&self, name: &Name, tracker: &Tracker) -> Result<TrackerPlace, Failure> {
        let wrong = |what: &str, why: String| {
            Failure::failed(format!("{}: trackers.{name}.{what}: {why}", self.home.settings().display()))
        };
        let digest = tracker.digest.parse().map_err(|e: crate::digest::NotADigest| wrong("digest", e.to_string()))?;
        Ok(TrackerPlace {
            name: name.to_string(),
            component: tracker.adapter.clone(),
            digest: Some(digest),
            dir: self.home.tracker(name.as_str()),
            settings: tracker.settings.clone(),
            folder: tracker.folder.clone(),
            http: grants::http(tracker).map_err(|e| wrong("origins", e.to_string()))?,
            secrets: self.tracker_secrets(name, tracker)?,
        })
    }

    fn place(&self, sync: &Synchronization) -> Result<SyncPlace, Failure> {
        let tracker = self.tracker(&sync.tracker)?;
        Ok(SyncPlace {
            dir: self.home.synchronization(&sync.directory),
            tracker: self.tracker_place(&sync.tracker, &tracker)?,
            project: sync.project.clone(),
            user: sync.user.clone(),
            channel: Some(self.channel_place(sync)?),
        })
    }

    /// The seat of a synchronization, by its directory.
    pub(crate) fn seat(&self, directory: &str) -> Arc<Seat> {
        hold(&self.seats).entry(directory.to_owned()).or_default().clone()
    }

    fn forget_seat(&self, directory: &str) {
        hold(&self.seats).remove(directory);
    }
}

/// A mutex's content; what a panicking thread left is still what is there.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
