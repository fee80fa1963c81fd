//! I10: nothing outside the agreement is sent. Internal comments say CANARY.

use super::state::Shadow;
use super::{Check, End, Event};

pub(super) struct Scope;

impl Check for Scope {
    fn name(&self) -> &'static str {
        "I10 scope"
    }

    fn event(&mut self, end: End, event: &Event, _: &Shadow) -> Result<(), String> {
        match event {
            Event::Put(name, bytes) if holds(bytes, b"CANARY") => {
                Err(format!("{end:?} sent an internal comment in {name}"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the bytes hold the others somewhere.
pub(super) fn holds(bytes: &[u8], others: &[u8]) -> bool {
    memchr::memmem::find(bytes, others).is_some()
}
