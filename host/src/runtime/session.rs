//! One synchronization, opened: its store, its blobs, its channel, and one
//! fresh instance of the engine a call.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::state::{self, Bounds, Carrier, EngineState, Ports, Way};
use super::tracker::{self, TrackerLink};
use super::wasi::Wasi;
use super::{CallError, Observer, Runtime, RuntimeError, Silent, SyncPlace};
use crate::bindings::engine::{Engine, EnginePre};
use crate::blobs::Blobs;
use crate::control::Fault;
use crate::home::private_directory;
use crate::store::Store;

/// An open synchronization. The methods are the engine's exports, one for one;
/// each is a call into a fresh instance, and ends in the store.
#[derive(Debug)]
pub struct Session {
    pub(super) outside: Outside,
}

impl Session {
    /// Opens a synchronization's folder, made where it isn't there, and locks
    /// its store.
    ///
    /// # Errors
    /// Where the store is in use or newer, the engine can't be found, or the
    /// exchange directory can't be made.
    pub fn open(runtime: &Arc<Runtime>, place: &SyncPlace, observer: Arc<dyn Observer>) -> Result<Self, RuntimeError> {
        private_folder(&place.dir)?;
        let store = Store::open(&place.dir.join("store.db"))?;
        let blobs = Arc::new(Blobs::new(place.dir.join("blobs"), Arc::clone(&runtime.options.random)));
        let way = place.channel.as_ref().map(|channel| Arc::new(runtime.way(channel, &place.dir)));
        let name = place.dir.file_name().unwrap_or_default().to_string_lossy();
        let tracker = tracker::Terms::new(&place.tracker, &place.project, &place.user, &name);
        let engine = runtime.engine_pre()?;
        let outside =
            Outside { runtime: Arc::clone(runtime), engine, store, blobs, way, tracker: Some(tracker), observer };
        Ok(Self { outside })
    }
}

/// What an instance of the engine is given, call after call.
pub(super) struct Outside {
    pub(super) runtime: Arc<Runtime>,
    engine: EnginePre<EngineState>,
    store: Arc<Store>,
    blobs: Arc<Blobs>,
    way: Option<Arc<Way>>,
    tracker: Option<Arc<tracker::Terms>>,
    observer: Arc<dyn Observer>,
}

impl Outside {
    /// A store and nothing else.
    pub(super) fn nowhere(runtime: &Arc<Runtime>, store: Arc<Store>) -> Result<Self, RuntimeError> {
        let blobs = Blobs::new(std::env::temp_dir().join("ferry-nowhere"), Arc::clone(&runtime.options.random));
        Ok(Self {
            runtime: Arc::clone(runtime),
            engine: runtime.engine_pre()?,
            store,
            blobs: Arc::new(blobs),
            way: None,
            tracker: None,
            observer: Arc::new(Silent),
        })
    }

    /// One call of one export, in an instance of its own.
    pub(super) fn call<T>(
        &self,
        work: impl FnOnce(&Engine, &mut wasmtime::Store<EngineState>) -> wasmtime::Result<Result<T, Fault>>,
    ) -> Result<T, CallError> {
        self.store.reopen().map_err(RuntimeError::from)?;
        let mut store = state::store(&self.runtime, self.state());
        let ticking = self.runtime.ticker.enter();
        store.data().ports.meter.begin();
        let answer = self.engine.instantiate(&mut store).and_then(|engine| work(&engine, &mut store));
        drop(ticking);
        match answer {
            Ok(answer) => answer.map_err(CallError::Engine),
            Err(error) => {
                for name in store.data().ports.reading.under_way() {
                    self.way.iter().for_each(|way| way.did_harm(&name));
                }
                Err(state::broken(&mut store, &self.runtime, "engine".to_owned(), &error))
            }
        }
    }

    fn state(&self) -> EngineState {
        let options = &self.runtime.options;
        let (store, blobs) = (Arc::clone(&self.store), Arc::clone(&self.blobs));
        let ports = Ports::new(&self.runtime, store, blobs, Arc::clone(&self.observer), "engine");
        let meter = Arc::clone(&ports.meter);
        let (blobs, observer) = (Arc::clone(&self.blobs), Arc::clone(&self.observer));
        EngineState {
            carrier: Carrier {
                way: self.way.clone(),
                listed: BTreeMap::new(),
                reading: Arc::clone(&ports.reading),
                meter: Arc::clone(&meter),
            },
            tracker: TrackerLink::new(&self.runtime, self.tracker.clone(), blobs, observer, meter),
            bounds: Bounds::new(options.limits.engine_memory),
            wasi: Wasi::new(&options.clock, &options.random),
            ports,
        }
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside").field("store", &self.store).finish_non_exhaustive()
    }
}

/// A folder that only we can read, durably.
pub(super) fn private_folder(path: &Path) -> Result<(), RuntimeError> {
    private_directory(path).map_err(RuntimeError::io("created", path))
}
