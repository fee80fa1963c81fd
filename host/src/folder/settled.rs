//! Whether a file stands still: copies show up half-written under their final
//! names.

use std::collections::HashMap;
use std::time::Duration;

use super::names::Seen;
use crate::clock::Clock;

/// What was seen of files, and since when it has been the same.
#[derive(Debug, Default)]
pub(super) struct Sightings(HashMap<String, (Seen, Duration)>);

impl Sightings {
    /// Forgets files that are gone; the names are in order.
    pub(super) fn keep(&mut self, names: &[String]) {
        self.0.retain(|name, _| names.binary_search(name).is_ok());
    }

    /// Whether size and times stood still for as long as it takes: while we
    /// watched, or by the file's own times. Those are the share's clock, which
    /// may be behind ours; a file that looks settled too early is refused and
    /// sent anew, which costs time and loses nothing.
    pub(super) fn settled(&mut self, name: &str, seen: Seen, settle: Duration, clock: &dyn Clock) -> bool {
        let now = clock.monotonic();
        let since = match self.0.get(name) {
            Some((before, since)) if *before == seen => *since,
            _ => {
                self.0.insert(name.to_owned(), (seen, now));
                now
            }
        };
        now.saturating_sub(since) >= settle || age(seen, clock) >= nanoseconds(settle)
    }
}

/// How old it is by its own times, in nanoseconds.
fn age(seen: Seen, clock: &dyn Clock) -> i128 {
    nanoseconds(clock.now()).saturating_sub(seen.modified_ns.max(seen.changed_ns))
}

fn nanoseconds(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug)]
    struct Hand(Mutex<Duration>);

    impl Clock for Hand {
        fn now(&self) -> Duration {
            *self.0.lock().unwrap()
        }

        fn monotonic(&self) -> Duration {
            *self.0.lock().unwrap()
        }
    }

    const SETTLE: Duration = Duration::from_secs(10);

    #[test]
    fn a_file_settles_by_standing_still() {
        let clock = Hand(Mutex::new(Duration::from_secs(100)));
        let mut sightings = Sightings::default();
        // The share's clock is a day ahead: only our own watching counts.
        let seen = |size| Seen { size, modified_ns: 1 << 100, changed_ns: 1 << 100 };
        assert!(!sightings.settled("a", seen(1), SETTLE, &clock));
        *clock.0.lock().unwrap() += Duration::from_secs(9);
        assert!(!sightings.settled("a", seen(1), SETTLE, &clock));
        assert!(!sightings.settled("a", seen(2), SETTLE, &clock), "it grew");
        *clock.0.lock().unwrap() += Duration::from_secs(9);
        assert!(!sightings.settled("a", seen(2), SETTLE, &clock));
        *clock.0.lock().unwrap() += Duration::from_secs(1);
        assert!(sightings.settled("a", seen(2), SETTLE, &clock));
    }

    #[test]
    fn a_file_that_is_old_is_settled_at_first_sight() {
        let clock = Hand(Mutex::new(Duration::from_secs(100)));
        let old = |seconds: i128| Seen { size: 1, modified_ns: 0, changed_ns: seconds * 1_000_000_000 };
        assert!(Sightings::default().settled("a", old(90), SETTLE, &clock));
        assert!(!Sightings::default().settled("a", old(91), SETTLE, &clock));
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let clock = Hand(Mutex::new(Duration::from_secs(100)));
        let mut sightings = Sightings::default();
        sightings.settled("a", Seen { size: 1, modified_ns: 1 << 100, changed_ns: 0 }, SETTLE, &clock);
        sightings.keep(&["b".to_owned()]);
        assert!(sightings.0.is_empty());
    }
}
