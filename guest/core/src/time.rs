//! Points in time, as arguments: the core has no clock.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z. Times are for people; order comes
/// from message numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// Seconds since 1970, rounded down.
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// This long afterwards.
    pub fn after_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from then to now; 0 where `then` is later.
    pub fn since(self, then: Self) -> u64 {
        self.0.saturating_sub(then.0)
    }

    /// RFC 3339 in UTC, to the second.
    pub fn rfc3339(self) -> String {
        i64::try_from(self.0)
            .ok()
            .and_then(DateTime::<Utc>::from_timestamp_millis)
            .map_or_else(|| "9999-12-31T23:59:59Z".to_owned(), |t| t.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        u64::try_from(time.timestamp_millis()).ok().map(Self)
    }
}
