//! A tracker's adapter: one instance at a time for each tracker, made when the
//! engine first asks and dropped when its call ends or the adapter breaks off.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};

use ferry_http::Client;

use super::meter::Meter;
use super::session::private_folder;
use super::state::{self, AdapterState, Bounds, Grants, Ports};
use super::wasi::Wasi;
use super::{CallError, Observer, Runtime, RuntimeError, TrackerPlace};
use crate::bindings::adapter::Adapter;
use crate::bindings::adapter::exports::ferry::tracker::issues::Guest;
use crate::bindings::engine::ferry::tracker::model::{Fault, Identity, ProjectSchema};
use crate::blobs::Blobs;
use crate::files::Granted;
use crate::store::Store;

/// A tracker with the settings of one use of it.
#[derive(Debug)]
pub(super) struct Terms {
    place: TrackerPlace,
    settings: BTreeMap<String, String>,
    /// Opened at the first use, and kept: closing a store costs a wait for the
    /// disk.
    home: OnceLock<Arc<Home>>,
    /// Its connections, kept likewise.
    http: OnceLock<Arc<Client>>,
}

impl Terms {
    pub(super) fn new(place: &TrackerPlace, project: &str, user: &str, synchronization: &str) -> Arc<Self> {
        let mut settings = place.settings.clone();
        settings.insert("synchronization".to_owned(), synchronization.to_owned());
        settings.insert("project".to_owned(), project.to_owned());
        settings.insert("user".to_owned(), user.to_owned());
        Arc::new(Self { place: place.clone(), settings, home: OnceLock::new(), http: OnceLock::new() })
    }
}

/// The trackers that somebody works with now, by their folder. Synchronizations
/// that share a tracker share its store, and take turns.
#[derive(Default)]
pub(super) struct Homes(Mutex<HashMap<PathBuf, Weak<Home>>>);

#[derive(Debug)]
struct Home {
    store: Arc<Store>,
    busy: Mutex<bool>,
    free: Condvar,
}

/// The right to run the tracker's adapter. An adapter may keep what it read in
/// its memory, so that two at once would undo each other's work.
struct Turn(Arc<Home>);

impl Homes {
    fn open(&self, place: &TrackerPlace) -> Result<Arc<Home>, RuntimeError> {
        let mut homes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(home) = homes.get(&place.dir).and_then(Weak::upgrade) {
            return Ok(home);
        }
        private_folder(&place.dir)?;
        let store = Store::open(&place.dir.join("store.db"))?;
        let home = Arc::new(Home { store, busy: Mutex::new(false), free: Condvar::new() });
        homes.retain(|_, home| home.strong_count() > 0);
        homes.insert(place.dir.clone(), Arc::downgrade(&home));
        Ok(home)
    }
}

impl Turn {
    fn wait(home: Arc<Home>) -> Self {
        let mut busy = home.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while *busy {
            busy = home.free.wait(busy).unwrap_or_else(PoisonError::into_inner);
        }
        *busy = true;
        drop(busy);
        Self(home)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.free.notify_one();
    }
}

/// The engine's way to its tracker, for the time of one call.
pub(crate) struct TrackerLink {
    runtime: Arc<Runtime>,
    terms: Option<Arc<Terms>>,
    blobs: Arc<Blobs>,
    observer: Arc<dyn Observer>,
    /// The engine's: while the adapter works, the engine waits.
    meter: Arc<Meter>,
    live: Option<Live>,
}

struct Live {
    adapter: Adapter,
    store: wasmtime::Store<AdapterState>,
    // Dropped last: until then the instance may still write.
    _turn: Turn,
}

impl TrackerLink {
    pub(super) fn new(
        runtime: &Arc<Runtime>,
        terms: Option<Arc<Terms>>,
        blobs: Arc<Blobs>,
        observer: Arc<dyn Observer>,
        meter: Arc<Meter>,
    ) -> Self {
        Self { runtime: Arc::clone(runtime), terms, blobs, observer, meter, live: None }
    }

    /// Asks the adapter, in the instance of this call. One that broke off is
    /// dropped, and the next question meets a new one.
    pub(crate) fn ask<T>(
        &mut self,
        question: impl FnOnce(&Guest, &mut wasmtime::Store<AdapterState>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let meter = Arc::clone(&self.meter);
        meter.hosted(|| self.ask_now(question))
    }

    fn ask_now<T>(
        &mut self,
        question: impl FnOnce(&Guest, &mut wasmtime::Store<AdapterState>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        let terms = self
            .terms
            .clone()
            .ok_or_else(|| CallError::Tracker(Fault::Unsupported("there is no tracker in this call".to_owned())))?;
        let ticking = self.runtime.ticker.enter();
        let mut live = match self.live.take() {
            Some(live) => live,
            None => self.instantiate(&terms)?,
        };
        live.store.data().ports.meter.begin();
        let answer = question(live.adapter.ferry_tracker_issues(), &mut live.store);
        drop(ticking);
        match answer {
            Ok(answer) => {
                self.live = Some(live);
                Ok(answer)
            }
            Err(error) => Err(state::broken(&mut live.store, &self.runtime, called(&terms), &error)),
        }
    }

    fn instantiate(&mut self, terms: &Terms) -> Result<Live, CallError> {
        let place = &terms.place;
        let home = match terms.home.get() {
            Some(home) => home,
            None => {
                let opened = self.runtime.trackers.open(place)?;
                terms.home.get_or_init(|| opened)
            }
        };
        let adapter = self.runtime.adapter_pre(place)?;
        let turn = Turn::wait(Arc::clone(home));
        home.store.reopen().map_err(RuntimeError::from)?;
        let options = &self.runtime.options;
        let open = |path| {
            let opened = Granted::open(path, Arc::clone(&options.clock), Arc::clone(&options.random));
            opened.map_err(RuntimeError::io("opened", path))
        };
        let folder = place.folder.as_deref().map(open).transpose()?;
        let http = match terms.http.get() {
            Some(http) => http,
            None => {
                let client = Client::new(place.http.clone()).map_err(|fault| RuntimeError::Http(fault.to_string()))?;
                terms.http.get_or_init(|| Arc::new(client))
            }
        };
        let observer = Arc::clone(&self.observer);
        let ports = Ports::new(&self.runtime, Arc::clone(&home.store), Arc::clone(&self.blobs), observer, &place.name);
        let meter = Arc::clone(&ports.meter);
        let mut store = state::store(
            &self.runtime,
            AdapterState {
                grants: Grants {
                    settings: terms.settings.clone(),
                    folder,
                    http: Arc::clone(http),
                    secrets: place.secrets.clone(),
                    environment: options.environment,
                    blobs: Arc::clone(&self.blobs),
                    meter,
                },
                bounds: Bounds::new(options.limits.adapter_memory),
                wasi: Wasi::new(&options.clock, &options.random),
                ports,
            },
        );
        store.data().ports.meter.begin();
        match adapter.instantiate(&mut store) {
            Ok(adapter) => Ok(Live { adapter, store, _turn: turn }),
            Err(error) => Err(state::broken(&mut store, &self.runtime, called(terms), &error)),
        }
    }
}

fn called(terms: &Terms) -> String {
    format!("adapter of tracker {}", terms.place.name)
}

/// A tracker asked without a synchronization.
pub struct TrackerSession {
    link: TrackerLink,
}

impl TrackerSession {
    /// Opens a tracker, for one project in the name of one account. Nothing is
    /// started before it is asked.
    pub fn open(
        runtime: &Arc<Runtime>,
        place: &TrackerPlace,
        project: &str,
        user: &str,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let blobs = Arc::new(Blobs::new(place.dir.join("blobs"), Arc::clone(&runtime.options.random)));
        let meter = Arc::new(Meter::new(runtime.options.limits.compute));
        let terms = Terms::new(place, project, user, "");
        Self { link: TrackerLink::new(runtime, Some(terms), blobs, observer, meter) }
    }

    /// Which tracker this is and what it can do.
    ///
    /// # Errors
    /// `Tracker` where it says no; another where it couldn't say anything.
    pub fn identify(&mut self) -> Result<Identity, CallError> {
        self.ask(|guest, store| guest.call_identify(store))
    }

    /// Types, fields, statuses and transitions of the project.
    ///
    /// # Errors
    /// As [`TrackerSession::identify`].
    pub fn schema(&mut self) -> Result<ProjectSchema, CallError> {
        self.ask(|guest, store| guest.call_schema(store))
    }

    /// In an instance of its own: one that is kept would keep the tracker's
    /// synchronizations waiting for their turn.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&Guest, &mut wasmtime::Store<AdapterState>) -> wasmtime::Result<Result<T, Fault>>,
    ) -> Result<T, CallError> {
        let answer = self.link.ask(question);
        self.link.live = None;
        answer?.map_err(CallError::Tracker)
    }
}

impl std::fmt::Debug for TrackerSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrackerSession").field("terms", &self.link.terms).finish_non_exhaustive()
    }
}
