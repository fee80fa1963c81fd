//! How much a component may say in one call.

use super::limits::{LOG_BYTES, LOG_LINES};
use crate::bindings::engine::ferry::host::observe::Attribute;

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Quota {
    lines: u32,
}

impl Quota {
    pub(super) fn new() -> Self {
        Self { lines: LOG_LINES }
    }

    /// Whether this line may be written; it counts either way.
    pub(crate) fn admits(&mut self, event: &str, attributes: &[Attribute]) -> bool {
        let bytes = event.len() + attributes.iter().map(|a| a.name.len() + a.value.len()).sum::<usize>();
        let admitted = self.lines > 0 && bytes <= LOG_BYTES;
        self.lines = self.lines.saturating_sub(1);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chatty_component_falls_silent() {
        let mut quota = Quota::new();
        assert!((0..LOG_LINES).all(|_| quota.admits("line", &[])));
        assert!(!quota.admits("line", &[]));
    }

    #[test]
    fn a_dump_is_no_log_line() {
        assert!(!Quota::new().admits(&"x".repeat(LOG_BYTES + 1), &[]));
    }
}
