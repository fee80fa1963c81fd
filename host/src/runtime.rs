//! The engine and the adapters as components: found, compiled once, run within
//! limits, one instance a call.
//!
//! What a component can reach is what this module links: its store, the blobs,
//! the channel or the granted folder, log lines, and of WASI clocks and random
//! bytes. An answer of a component, a component that broke off, and a mistake
//! of this host are three different things ([`CallError`]).

mod answers;
mod cache;
mod calls;
mod component;
mod error;
mod limits;
mod load;
mod manifest;
mod meter;
mod observer;
mod places;
mod quota;
mod session;
mod state;
mod ticker;
mod tracker;
mod wasi;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::bindings::{adapter, engine};
use crate::clock::{Clock, SystemClock};
use crate::control;
use crate::folder::Exchange;
use crate::mail::{Accounts, Listening, MailPlace, Route};
use crate::random::{Random, SystemRandom};
use crate::store::Store;

pub use error::{CallError, RuntimeError};
pub use limits::Limits;
pub use manifest::{Manifest, SecretWish, Setting, Wish};
pub use observer::{Attribute, Level, Observer, Silent};
pub use places::{ChannelPlace, FolderPlace, HttpGrants, SyncPlace, TrackerPlace};
pub use session::Session;
pub(crate) use state::{Carrier, Grants, Ports, Way};
pub(crate) use tracker::TrackerLink;
pub use tracker::TrackerSession;

use component::Components;
use session::Outside;
use state::{AdapterState, EngineState};
use ticker::Ticker;

/// The engine's file on the search path.
pub const ENGINE_FILE: &str = "ferry-engine.wasm";
/// What follows an adapter's name in its file's name.
pub const ADAPTER_SUFFIX: &str = ".adapter.wasm";

/// What a runtime works with.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    /// Where components are looked for, in this order.
    pub components: Vec<PathBuf>,
    /// Where compiled components are kept; made (0700) where it isn't there.
    /// What lies there runs with the host's rights.
    pub cache: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// What one call may use.
    pub limits: Limits,
    /// Where it is counted how many mails each account has sent; made (0700) once
    /// one sends.
    pub accounts: PathBuf,
    /// Where secrets are looked up that are in the environment: this library reads
    /// none by itself.
    pub environment: fn(&str) -> Option<String>,
}

impl RuntimeOptions {
    /// These folders, with the machine's clock and random bytes, the usual limits,
    /// and no environment.
    pub fn new(components: Vec<PathBuf>, cache: impl Into<PathBuf>) -> Self {
        let cache = cache.into();
        Self {
            components,
            accounts: cache.join("accounts"),
            environment: |_| None,
            cache,
            clock: Arc::new(SystemClock::new()),
            random: Arc::new(SystemRandom),
            limits: Limits::default(),
        }
    }
}

/// An adapter as it was found: what a person agrees to.
#[derive(Clone, Debug)]
pub struct AdapterFound {
    /// Its file.
    pub path: PathBuf,
    /// The SHA-256 of its file.
    pub digest: crate::digest::Digest,
    /// What it says of itself; `None` where it says nothing.
    pub manifest: Option<Manifest>,
}

/// Runs components. Shared by all synchronizations of a process.
pub struct Runtime {
    engine: wasmtime::Engine,
    options: RuntimeOptions,
    components: Components,
    ticker: Ticker,
    engine_linker: wasmtime::component::Linker<EngineState>,
    adapter_linker: wasmtime::component::Linker<AdapterState>,
    trackers: tracker::Homes,
    accounts: Accounts,
}

impl Runtime {
    /// A runtime; nothing is loaded before it is needed.
    ///
    /// # Errors
    /// `Engine` where this machine can't run components at all.
    pub fn new(options: RuntimeOptions) -> Result<Arc<Self>, RuntimeError> {
        let broken = |error: wasmtime::Error| RuntimeError::Engine(format!("{error:#}"));
        let engine = wasmtime::Engine::new(&configuration()).map_err(broken)?;
        Ok(Arc::new(Self {
            components: Components::new(&engine, options.components.clone(), options.cache.clone()),
            ticker: Ticker::new(engine.clone()),
            engine_linker: state::link_engine(&engine).map_err(broken)?,
            adapter_linker: state::link_adapter(&engine).map_err(broken)?,
            trackers: tracker::Homes::default(),
            accounts: Accounts::new(options.accounts.clone()),
            engine,
            options,
        }))
    }

    /// What a handshake file says, without a synchronization.
    ///
    /// # Errors
    /// `Engine` where it can't be read, has expired, was altered.
    pub fn inspect(
        self: &Arc<Self>,
        handshake: &[u8],
        passphrase: Option<&str>,
    ) -> Result<control::Summary, CallError> {
        let store = Store::temporary().map_err(RuntimeError::from)?;
        Outside::nowhere(self, store)?.inspect(handshake, passphrase)
    }

    /// Looks an adapter up without running it.
    ///
    /// # Errors
    /// `NoComponent` where there is none, `Io` where it can't be read.
    pub fn adapter(&self, component: &str) -> Result<AdapterFound, RuntimeError> {
        let path = self.components.find_adapter(component)?;
        let (bytes, digest) = component::read(&path)?;
        let manifest = Manifest::of(&bytes).map_err(|reason| RuntimeError::BadComponent {
            path: path.clone(),
            wanted: "an adapter",
            reason,
        })?;
        Ok(AdapterFound { path, digest, manifest })
    }

    /// Compiles the engine where it isn't in the cache yet, so that the first
    /// command needn't.
    ///
    /// # Errors
    /// As opening a synchronization.
    pub fn prepare(&self) -> Result<(), RuntimeError> {
        self.engine_pre().map(drop)
    }

    /// The time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.options.clock
    }

    /// How the parcels of the synchronization with this folder travel.
    pub(crate) fn way(&self, channel: &ChannelPlace, dir: &Path) -> Way {
        let (clock, random) = (Arc::clone(&self.options.clock), Arc::clone(&self.options.random));
        match channel {
            ChannelPlace::Folder(folder) => Way::Folder(Box::new(Exchange::new(folder, dir, clock, random))),
            ChannelPlace::Mail(place) => {
                let route = Route::new(&self.accounts, place, dir, self.options.environment);
                Way::Mail(Box::new(route))
            }
        }
    }

    /// Begins to be told of new mail.
    pub(crate) fn listen(&self, place: &MailPlace, tell: impl Fn() + Send + Sync + 'static) -> Option<Listening> {
        Listening::begin(&self.accounts, place, self.options.environment, tell)
    }

    fn engine_pre(&self) -> Result<engine::EnginePre<EngineState>, RuntimeError> {
        let path = self.components.find(ENGINE_FILE)?;
        let loaded = self.components.load(&path, None)?;
        let linked = self.engine_linker.instantiate_pre(&loaded).and_then(engine::EnginePre::new);
        linked.map_err(|error| unfit(path, "the engine", &error))
    }

    fn adapter_pre(&self, place: &TrackerPlace) -> Result<adapter::AdapterPre<AdapterState>, RuntimeError> {
        let path = self.components.find_adapter(&place.component)?;
        let loaded = self.components.load(&path, place.digest)?;
        let linked = self.adapter_linker.instantiate_pre(&loaded).and_then(adapter::AdapterPre::new);
        linked.map_err(|error| unfit(path, "an adapter", &error))
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("options", &self.options).finish_non_exhaustive()
    }
}

fn unfit(path: PathBuf, wanted: &'static str, error: &wasmtime::Error) -> RuntimeError {
    RuntimeError::BadComponent { path, wanted, reason: format!("{error:#}") }
}

/// One configuration for all components: it is part of the cache's key.
fn configuration() -> wasmtime::Config {
    let mut config = wasmtime::Config::new();
    config
        .wasm_component_model(true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(limits::STACK_BYTES)
        .wasm_backtrace_max_frames(None);
    config
}

#[cfg(test)]
mod tests;
