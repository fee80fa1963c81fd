//! How many mails may leave: so many a minute and so many a day, counted in a
//! file, so that a restart forgets nothing.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Fault;

/// Mails that an account may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// In a minute.
    pub minute: u32,
    /// In a day.
    pub day: u32,
}

impl Default for Rates {
    /// What Microsoft 365 allows in a minute, and Gmail in a day.
    fn default() -> Self {
        Self { minute: 30, day: 2000 }
    }
}

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// Two token buckets, and where they are kept. Each mail takes a token of both;
/// they fill up evenly.
#[derive(Debug)]
pub struct Buckets {
    rates: Rates,
    file: PathBuf,
    state: Option<State>,
}

/// What is used up, in thousandths of a mail, and when that was true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    minute: u64,
    day: u64,
    at_ms: u64,
}

/// A mail, in thousandths.
const MAIL: u64 = 1000;

impl Buckets {
    /// The buckets that are kept in a file, which need not be there yet.
    pub fn new(file: PathBuf, rates: Rates) -> Self {
        Self { rates, file, state: None }
    }

    /// No more than that from now on.
    pub(crate) fn at_most(&mut self, rates: Rates) {
        self.rates = Rates { minute: self.rates.minute.min(rates.minute), day: self.rates.day.min(rates.day) };
    }

    /// What is told where nothing may leave for so many seconds.
    pub(crate) fn empty(&self, wait: u32) -> Fault {
        let wait = Duration::from_secs(u64::from(wait));
        let Rates { minute, day } = self.rates;
        Fault::Busy(format!(
            "this account sent {minute} mails in a minute, or {day} in a day, which is its limit; the next may leave \
             in {wait:?}"
        ))
    }

    /// Takes a token of each, before a mail is sent: where there is none, says
    /// after how many seconds there will be. What can't be written down is
    /// counted here alone.
    pub fn take(&mut self) -> Result<(), u32> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.take_at(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
    }

    fn take_at(&mut self, now_ms: u64) -> Result<(), u32> {
        let known = self.state.or_else(|| self.read());
        let mut before = known.unwrap_or(State { minute: 0, day: 0, at_ms: now_ms });
        // A clock that was put back fills nothing, and isn't waited for.
        before.at_ms = before.at_ms.min(now_ms);
        let passed = now_ms - before.at_ms;
        let mut state = State {
            minute: drained(before.minute, self.rates.minute, MINUTE_MS, passed),
            day: drained(before.day, self.rates.day, DAY_MS, passed),
            at_ms: now_ms,
        };
        let waits = [wait_ms(state.minute, self.rates.minute, MINUTE_MS), wait_ms(state.day, self.rates.day, DAY_MS)];
        let wait = waits.into_iter().max().unwrap_or_default();
        if wait > 0 {
            self.state = Some(before);
            return Err(u32::try_from(wait.div_ceil(1000)).unwrap_or(u32::MAX));
        }
        (state.minute, state.day) = (state.minute + MAIL, state.day + MAIL);
        self.state = Some(state);
        if let Err(error) = self.write(state) {
            tracing::warn!(file = %self.file.display(), %error, "how many mails were sent can't be written down");
        }
        Ok(())
    }

    fn read(&self) -> Option<State> {
        let text = std::fs::read_to_string(&self.file).ok()?;
        let mut numbers = text.split_whitespace().map(str::parse);
        let mut number = || numbers.next().and_then(Result::ok);
        let full = |rate: u32| u64::from(rate) * MAIL;
        let (minute, day): (u64, u64) = (number()?, number()?);
        let (minute, day) = (minute.min(full(self.rates.minute)), day.min(full(self.rates.day)));
        Some(State { minute, day, at_ms: number()? })
    }

    /// By renaming: it is there whole, or as before.
    fn write(&self, State { minute, day, at_ms }: State) -> io::Result<()> {
        let beside = self.file.with_extension("new");
        let mut file = std::fs::File::create(&beside)?;
        writeln!(file, "{minute} {day} {at_ms}")?;
        drop(file);
        std::fs::rename(beside, &self.file)
    }
}

/// What is still used up after some time.
fn drained(used: u64, rate: u32, window_ms: u64, passed_ms: u64) -> u64 {
    let drained = u128::from(passed_ms) * u128::from(rate) * u128::from(MAIL) / u128::from(window_ms);
    used.saturating_sub(u64::try_from(drained).unwrap_or(u64::MAX))
}

/// How long until another mail fits.
fn wait_ms(used: u64, rate: u32, window_ms: u64) -> u64 {
    let over = (used + MAIL).saturating_sub(u64::from(rate) * MAIL);
    if over == 0 { 0 } else { (over * window_ms).div_ceil(u64::from(rate.max(1)) * MAIL) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn buckets(name: &str, minute: u32, day: u32) -> Buckets {
        let file = std::env::temp_dir().join(format!("ferry-buckets-{name}-{}", std::process::id()));
        drop(std::fs::remove_file(&file));
        Buckets::new(file, Rates { minute, day })
    }

    #[test]
    fn a_minute_holds_so_many_and_fills_up_evenly() {
        let mut buckets = buckets("minute", 30, 2000);
        let start = 1_790_000_000_000;
        for _ in 0..30 {
            assert_eq!(buckets.take_at(start), Ok(()));
        }
        assert_eq!(buckets.take_at(start), Err(2));
        assert_eq!(buckets.take_at(start + 1999), Err(1));
        assert_eq!(buckets.take_at(start + 2000), Ok(()));
        assert_eq!(buckets.take_at(start + 2000), Err(2));
        drop(std::fs::remove_file(buckets.file));
    }

    #[test]
    fn a_day_is_counted_across_restarts_and_a_clock_put_back_gains_nothing() {
        let mut before = buckets("day", 1000, 3);
        let start = 1_790_000_000_000;
        for _ in 0..3 {
            assert_eq!(before.take_at(start), Ok(()));
        }
        let mut after = Buckets::new(before.file.clone(), before.rates);
        assert_eq!(after.take_at(start), Err(28_800));
        assert_eq!(after.take_at(start - 3_600_000), Err(28_800));
        assert_eq!(after.take_at(start - 3_600_000 + 28_800_000), Ok(()));
        // Whatever stands there, a day's share is the most that is waited.
        std::fs::write(&after.file, format!("{0} {0} {start}", u64::MAX)).unwrap();
        let mut damaged = Buckets::new(after.file.clone(), after.rates);
        assert_eq!(damaged.take_at(start), Err(28_800));
        drop(std::fs::remove_file(after.file));
    }
}
