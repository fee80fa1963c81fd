//! Advances the epoch while components compute, and sleeps while none does.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use super::limits::TICK;

/// A thread that is there once the first call began.
pub(super) struct Ticker {
    engine: wasmtime::Engine,
    shared: Arc<Shared>,
    started: OnceLock<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    calls: usize,
    closed: bool,
}

/// A call is under way while this lives.
pub(super) struct Ticking(Arc<Shared>);

impl Ticker {
    pub(super) fn new(engine: wasmtime::Engine) -> Self {
        Self { engine, shared: Arc::default(), started: OnceLock::new() }
    }

    /// A call begins.
    pub(super) fn enter(&self) -> Ticking {
        self.started.get_or_init(|| {
            let (engine, shared) = (self.engine.clone(), Arc::clone(&self.shared));
            thread::spawn(move || tick(&engine, &shared));
        });
        self.shared.lock().calls += 1;
        self.shared.changed.notify_all();
        Ticking(Arc::clone(&self.shared))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.lock().calls -= 1;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tick(engine: &wasmtime::Engine, shared: &Shared) {
    loop {
        let mut state = shared.lock();
        while state.calls == 0 && !state.closed {
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return;
        }
        drop(state);
        thread::sleep(TICK);
        engine.increment_epoch();
    }
}
