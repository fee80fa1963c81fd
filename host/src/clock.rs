//! Time, from one place, so that a test can stand still.

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the time comes from: the components' clocks, the ages of files on the
/// channel, everything.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Since 1970, in UTC, without leap seconds. May jump.
    fn now(&self) -> Duration;
    /// Since some moment of the process's life. Never goes back.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// The machine's clocks, the monotonic one from now on.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        // A clock before 1970 is a machine without one: zero is as good.
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}
