//! The engine as a WASI component: the thin layer between the core's traits
//! and the imports of `ferry:sync/engine`. Every export makes an engine for
//! one call; nothing is held between two.

mod bindings;
mod convert;
mod exports;
mod imports;

use ferry_core::engine::{Engine, Ports};
use ferry_core::fault::Fault;
use ferry_core::time::Time;
use ferry_mail::MailChannel;
use ferry_wire::OpenPgp;

/// Runs one call of the engine, with the time and randomness of the host.
fn with_engine<T>(call: impl FnOnce(&Engine<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    let now = now();
    let mail = MailChannel::new(&imports::Mailbox, &imports::Submission, now);
    let ports = Ports {
        tracker: &imports::Tracker,
        channel: if imports::by_mail() { &mail } else { &imports::Folder },
        store: &imports::Store,
        blobs: &imports::Blobs,
        wire: &OpenPgp,
        observer: &imports::Observer,
    };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Fault::Other(format!("the host gives no random bytes: {error}")))?;
    let engine = Engine::new(ports, now, seed);
    engine.known_format()?;
    call(&engine)
}

fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
