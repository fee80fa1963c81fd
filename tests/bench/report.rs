//! What was measured, beside what was promised.

use std::time::Duration;

use ferry_tests::process::Cost;

/// One figure, over all rounds.
#[derive(Default)]
pub struct Series(Vec<Cost>);

impl Series {
    /// One more round.
    pub fn push(&mut self, cost: Cost) {
        self.0.push(cost);
    }

    /// The median of the processor time.
    pub fn cpu(&self) -> Duration {
        median(self.0.iter().map(|cost| cost.user + cost.system).collect())
    }

    /// The median of the part of it that passed in the kernel.
    pub fn system(&self) -> Duration {
        median(self.0.iter().map(|cost| cost.system).collect())
    }

    /// The median of the time that passed.
    pub fn wall(&self) -> Duration {
        median(self.0.iter().map(|cost| cost.wall).collect())
    }

    fn shown(&self) -> String {
        let (cpu, system, wall) = (shown(self.cpu()), shown(self.system()), shown(self.wall()));
        format!("{cpu} CPU, {system} of it in the kernel ({wall} wall)")
    }

    /// The most memory of any round, in bytes.
    pub fn memory(&self) -> u64 {
        self.0.iter().map(|cost| cost.memory).max().unwrap_or(0)
    }
}

/// The one in the middle.
pub fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Prints figures and remembers whether all kept their promise.
#[derive(Default)]
pub struct Report {
    broken: bool,
}

impl Report {
    /// One figure beside what it is measured by: at most so many times its
    /// processor time.
    pub fn ratio(&mut self, what: &str, measured: &Series, by: &Series, at_most: f64) {
        let ratio = measured.cpu().as_secs_f64() / by.cpu().as_secs_f64().max(1e-9);
        println!("{what}\n    {}\n    against {}", measured.shown(), by.shown());
        self.verdict(&format!("{ratio:.2} times its CPU, at most {at_most}"), ratio <= at_most);
    }

    /// The most memory of a process, in bytes.
    pub fn memory(&mut self, what: &str, bytes: u64, at_most: u64) {
        println!("{what}");
        self.verdict(&format!("{} MiB, at most {} MiB", bytes >> 20, at_most >> 20), bytes <= at_most);
    }

    /// More memory than at rest, in bytes, and processor time, in hundredths of a
    /// second.
    pub fn bounded(&mut self, what: &str, bytes: u64, bytes_max: u64, ticks: u64, ticks_max: u64) {
        let kept = bytes <= bytes_max && ticks <= ticks_max;
        self.verdict(&format!("{what}: {} MiB more, {} ms CPU", bytes >> 20, ticks * 10), kept);
    }

    /// A time that is reported and fails nothing.
    pub fn aim(&self, what: &str, measured: &Series, aim: Duration) {
        println!("{what}\n    {} wall; the aim is {}", shown(measured.wall()), shown(aim));
    }

    /// One promise, and whether it was kept.
    pub fn verdict(&mut self, what: &str, kept: bool) {
        println!("    {what}: {}", if kept { "kept" } else { "BROKEN" });
        self.broken |= !kept;
    }

    /// Whether all promises were kept.
    pub fn is_kept(&self) -> bool {
        !self.broken
    }
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}
