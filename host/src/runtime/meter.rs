//! How long a component computed: wall time, without what it waited for us.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The component used up its time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("out of time")]
pub(super) struct OutOfTime;

/// One component's time. Shared between its store and its ports.
#[derive(Debug)]
pub(crate) struct Meter {
    base: Instant,
    /// When the present call began, since `base`.
    begun: AtomicU64,
    /// What the host took of it.
    hosted: AtomicU64,
    limit: Duration,
}

impl Meter {
    pub(super) fn new(limit: Duration) -> Self {
        Self { base: Instant::now(), begun: AtomicU64::new(0), hosted: AtomicU64::new(0), limit }
    }

    /// A call begins.
    pub(super) fn begin(&self) {
        self.begun.store(nanoseconds(self.base.elapsed()), Relaxed);
        self.hosted.store(0, Relaxed);
    }

    /// Work of the host, which isn't the component's.
    pub(crate) fn hosted<T>(&self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.hosted.fetch_add(nanoseconds(begun.elapsed()), Relaxed);
        done
    }

    /// Whether the component may go on.
    pub(super) fn check(&self) -> Result<(), OutOfTime> {
        let total = nanoseconds(self.base.elapsed()).saturating_sub(self.begun.load(Relaxed));
        let computed = total.saturating_sub(self.hosted.load(Relaxed));
        if computed > nanoseconds(self.limit) { Err(OutOfTime) } else { Ok(()) }
    }
}

/// Five centuries fit.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn waiting_for_the_host_costs_a_component_nothing() {
        let meter = Meter::new(Duration::from_secs(3600));
        meter.begin();
        meter.hosted.store(u64::MAX, Relaxed);
        meter.check().unwrap();
        let strict = Meter::new(Duration::ZERO);
        strict.begin();
        strict.hosted(|| ());
        assert!(strict.check().is_err());
    }
}
