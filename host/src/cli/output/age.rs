//! Times, as people read them.

use chrono::{DateTime, Utc};

/// How long ago a time was: `3 min`. A time that can't be read stays as it is.
pub fn age(time: &str) -> String {
    let now = DateTime::<Utc>::from(std::time::SystemTime::now());
    between(time, now)
}

/// A time with its distance from now: `2026-11-23 15:04 UTC (in 6 days)`.
pub fn day(time: &str) -> String {
    let now = DateTime::<Utc>::from(std::time::SystemTime::now());
    dated(time, now)
}

fn between(time: &str, now: DateTime<Utc>) -> String {
    match DateTime::parse_from_rfc3339(time) {
        Ok(then) => span((now - then.to_utc()).num_seconds().max(0)),
        Err(_) => time.to_owned(),
    }
}

fn dated(time: &str, now: DateTime<Utc>) -> String {
    let Ok(then) = DateTime::parse_from_rfc3339(time) else { return time.to_owned() };
    let then = then.to_utc();
    let seconds = (then - now).num_seconds();
    let distance = if seconds > 0 { format!("in {}", span(seconds)) } else { format!("{} ago", span(-seconds)) };
    format!("{} UTC ({distance})", then.format("%Y-%m-%d %H:%M"))
}

fn span(seconds: i64) -> String {
    let counted = |number: i64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => counted(seconds / 86_400, "day", "days"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_that_fits() {
        let now = "2026-11-23T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        for (time, text) in [
            ("2026-11-23T11:59:58.5Z", "1 s"),
            ("2026-11-23T11:57:00Z", "3 min"),
            ("2026-11-23T01:00:00+00:00", "11 h"),
            ("2026-11-20T12:00:00Z", "3 days"),
            ("2026-11-23T12:00:07Z", "0 s"),
            ("once", "once"),
        ] {
            assert_eq!(between(time, now), text, "{time}");
        }
        assert_eq!(dated("2026-11-30T12:00:00Z", now), "2026-11-30 12:00 UTC (in 7 days)");
        assert_eq!(dated("2026-11-23T11:00:00Z", now), "2026-11-23 11:00 UTC (1 h ago)");
    }
}
