//! What a component's store holds: its ports, and what it may use.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ferry_http::Client;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{ResourceLimiter, StoreContextMut, UpdateDeadline};
use wasmtime_wasi::{WasiCtxView, WasiView};

use super::limits::{INSTANCES, MEMORIES, TABLE_ELEMENTS, TABLES, TICKS_BETWEEN_CHECKS};
use super::meter::{Meter, OutOfTime};
use super::quota::Quota;
use super::wasi::{self, Wasi};
use super::{CallError, Observer, Runtime, TrackerLink};
use crate::bindings::{adapter, engine};
use crate::blobs::Blobs;
use crate::files::Granted;
use crate::folder::Exchange;
use crate::mail::Route;
use crate::secret::{SecretError, SecretReference};
use crate::store::Store;

/// What every component has: a store, blobs, somebody who watches.
pub(crate) struct Ports {
    pub(crate) store: Arc<Store>,
    pub(crate) blobs: Arc<Blobs>,
    pub(crate) observer: Arc<dyn Observer>,
    /// Whose log lines these are.
    pub(crate) source: String,
    pub(crate) quota: Quota,
    pub(crate) reading: Arc<Reading>,
    pub(super) meter: Arc<Meter>,
}

impl Ports {
    pub(super) fn new(
        runtime: &Runtime,
        store: Arc<Store>,
        blobs: Arc<Blobs>,
        observer: Arc<dyn Observer>,
        source: &str,
    ) -> Self {
        let meter = Arc::new(Meter::new(runtime.options.limits.compute));
        let (quota, reading) = (Quota::new(), Arc::default());
        Self { store, blobs, observer, source: source.to_owned(), quota, reading, meter }
    }

    /// Work of the host, which isn't counted as the component's time.
    pub(crate) fn hosted<T>(&self, work: impl FnOnce(&Self) -> T) -> T {
        self.meter.hosted(|| work(self))
    }
}

/// What a component read from the channel, and hasn't committed anything since.
#[derive(Debug, Default)]
pub(crate) struct Reading(Mutex<Vec<String>>);

impl Reading {
    /// It reads what has these names: a file its own, a mail its handle and its
    /// parcel's.
    pub(crate) fn begins(&self, names: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// It is through with it.
    pub(crate) fn ends(&self) {
        self.under_way();
    }

    /// These are moved aside, whatever they were.
    pub(crate) fn moved(&self, names: &[String]) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reading.iter().any(|name| names.contains(name)) {
            reading.clear();
        }
    }

    /// The names of what is being read, and then none.
    pub(super) fn under_way(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The engine's channel.
pub(crate) struct Carrier {
    pub(crate) reading: Arc<Reading>,
    pub(crate) way: Option<Arc<Way>>,
    /// The parcels of the mails that were listed, by their handles.
    pub(crate) listed: BTreeMap<String, String>,
    pub(crate) meter: Arc<Meter>,
}

/// How parcels travel.
#[derive(Debug)]
pub(crate) enum Way {
    /// Through an exchange directory.
    Folder(Box<Exchange>),
    /// By mail.
    Mail(Box<Route>),
}

impl Way {
    /// The engine broke off over a parcel.
    pub(super) fn did_harm(&self, name: &str) {
        match self {
            Self::Folder(exchange) => exchange.did_harm(name),
            Self::Mail(route) => route.harm.note(name),
        }
    }
}

/// What an adapter's operator granted.
pub(crate) struct Grants {
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) folder: Option<Granted>,
    pub(crate) http: Arc<Client>,
    pub(crate) secrets: BTreeMap<String, SecretReference>,
    pub(crate) environment: fn(&str) -> Option<String>,
    pub(crate) blobs: Arc<Blobs>,
    pub(crate) meter: Arc<Meter>,
}

impl Grants {
    /// A secret by the name that the adapter gives it.
    pub(crate) fn secret(&self, name: &str) -> Result<String, String> {
        let reference = self.secrets.get(name).ok_or_else(|| {
            format!("no secret {name} was granted to this tracker; grant one with --secret {name}=REFERENCE")
        })?;
        let secret = reference.resolve(&self.environment, &|| Err(SecretError::NobodyToAsk));
        secret.map(|secret| secret.reveal().to_owned()).map_err(|error| error.to_string())
    }
}

/// The engine's store.
pub(crate) struct EngineState {
    pub(super) ports: Ports,
    pub(super) carrier: Carrier,
    pub(super) tracker: TrackerLink,
    pub(super) bounds: Bounds,
    pub(super) wasi: Wasi,
}

/// An adapter's store.
pub(crate) struct AdapterState {
    pub(super) ports: Ports,
    pub(super) grants: Grants,
    pub(super) bounds: Bounds,
    pub(super) wasi: Wasi,
}

/// What both kinds of store have.
pub(super) trait Bounded: 'static {
    fn bounds(&mut self) -> &mut Bounds;
    fn ports(&self) -> &Ports;
    fn wasi(&self) -> &Wasi;
}

impl Bounded for EngineState {
    fn bounds(&mut self) -> &mut Bounds {
        &mut self.bounds
    }

    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn wasi(&self) -> &Wasi {
        &self.wasi
    }
}

impl Bounded for AdapterState {
    fn bounds(&mut self) -> &mut Bounds {
        &mut self.bounds
    }

    fn ports(&self) -> &Ports {
        &self.ports
    }

    fn wasi(&self) -> &Wasi {
        &self.wasi
    }
}

impl WasiView for EngineState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi.view()
    }
}

impl WasiView for AdapterState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi.view()
    }
}

/// A component's memory and tables.
#[derive(Debug)]
pub(super) struct Bounds {
    memory_max: usize,
    memory: usize,
    /// Whether it was refused memory.
    refused: bool,
}

impl Bounds {
    pub(super) fn new(memory_max: usize) -> Self {
        Self { memory_max, memory: 0, refused: false }
    }
}

impl ResourceLimiter for Bounds {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.memory.saturating_sub(current).saturating_add(desired);
        if wanted > self.memory_max {
            self.refused = true;
            return Ok(false);
        }
        self.memory = wanted;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

/// A store with every limit set.
pub(super) fn store<T: Bounded>(runtime: &Runtime, state: T) -> wasmtime::Store<T> {
    let mut store = wasmtime::Store::new(&runtime.engine, state);
    store.limiter(|state| state.bounds());
    store.set_hostcall_fuel(runtime.options.limits.call_bytes);
    store.set_epoch_deadline(TICKS_BETWEEN_CHECKS);
    // Epochs are wall time: whether the component used it, or waited for the
    // host, its meter knows.
    store.epoch_deadline_callback(|store: StoreContextMut<'_, T>| {
        store.data().ports().meter.check()?;
        Ok(UpdateDeadline::Continue(TICKS_BETWEEN_CHECKS))
    });
    store
}

/// Why a call broke off.
pub(super) fn broken<T: Bounded>(
    store: &mut wasmtime::Store<T>,
    runtime: &Runtime,
    component: String,
    error: &wasmtime::Error,
) -> CallError {
    if error.downcast_ref::<OutOfTime>().is_some() {
        return CallError::TimedOut { component, limit: runtime.options.limits.compute };
    }
    let bounds = store.data_mut().bounds();
    if bounds.refused {
        return CallError::OutOfMemory { component, limit: bounds.memory_max };
    }
    let words = store.data().wasi().last_words();
    let reason = if words.is_empty() { format!("{error:#}") } else { format!("{words} ({error:#})") };
    CallError::Trapped { component, reason }
}

/// What the engine can reach.
pub(super) fn link_engine(runtime: &wasmtime::Engine) -> wasmtime::Result<Linker<EngineState>> {
    use engine::ferry::{host, state, tracker, transport};
    let mut linker = Linker::new(runtime);
    wasi::link(&mut linker, |state: &mut EngineState| state.wasi.random())?;
    let ports: fn(&mut EngineState) -> &mut Ports = |state| &mut state.ports;
    state::store::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    state::blobs::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    host::observe::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    tracker::model::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    engine::ferry::control::request::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    tracker::issues::add_to_linker::<_, HasSelf<TrackerLink>>(&mut linker, |state| &mut state.tracker)?;
    let carrier: fn(&mut EngineState) -> &mut Carrier = |state| &mut state.carrier;
    transport::delivery::add_to_linker::<_, HasSelf<Carrier>>(&mut linker, carrier)?;
    transport::folder::add_to_linker::<_, HasSelf<Carrier>>(&mut linker, carrier)?;
    transport::mailbox::add_to_linker::<_, HasSelf<Carrier>>(&mut linker, carrier)?;
    transport::submission::add_to_linker::<_, HasSelf<Carrier>>(&mut linker, carrier)?;
    Ok(linker)
}

/// What an adapter can reach.
pub(super) fn link_adapter(runtime: &wasmtime::Engine) -> wasmtime::Result<Linker<AdapterState>> {
    use adapter::ferry::host;
    use engine::ferry::{host::observe, state, tracker};
    let mut linker = Linker::new(runtime);
    wasi::link(&mut linker, |state: &mut AdapterState| state.wasi.random())?;
    let ports: fn(&mut AdapterState) -> &mut Ports = |state| &mut state.ports;
    let grants: fn(&mut AdapterState) -> &mut Grants = |state| &mut state.grants;
    state::store::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    state::blobs::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    observe::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    tracker::model::add_to_linker::<_, HasSelf<Ports>>(&mut linker, ports)?;
    host::settings::add_to_linker::<_, HasSelf<Grants>>(&mut linker, grants)?;
    host::files::add_to_linker::<_, HasSelf<Grants>>(&mut linker, grants)?;
    host::http::add_to_linker::<_, HasSelf<Grants>>(&mut linker, grants)?;
    Ok(linker)
}
