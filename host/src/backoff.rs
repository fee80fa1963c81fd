//! How long to step back while there is trouble.

use std::time::Duration;

/// The first step back.
const FIRST: Duration = Duration::from_secs(1);

/// The longest: a share that comes back is noticed within minutes.
const LONGEST: Duration = Duration::from_secs(300);

/// While there is trouble notices don't hurry us more than this.
const LEAST: Duration = Duration::from_millis(500);

/// Steps back, each twice as long, with jitter: two sides, or a hundred
/// synchronizations, don't knock on the same door at the same time.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    steps: u32,
}

impl Backoff {
    /// The next step back.
    pub fn next(&mut self) -> Duration {
        let plain = FIRST.saturating_mul(1 << self.steps.min(16)).min(LONGEST);
        self.steps = self.steps.saturating_add(1);
        let mut random = [0; 2];
        // Without randomness there is no jitter; that's all.
        let _ = getrandom::fill(&mut random);
        // Between three and five quarters.
        plain.mul_f64(0.75 + f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX) / 2.0)
    }

    /// The trouble is over.
    pub fn rest(&mut self) {
        self.steps = 0;
    }

    /// What notices have to wait at least.
    pub fn least(&self) -> Duration {
        if self.steps == 0 { Duration::ZERO } else { LEAST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_to_a_bound_with_jitter_and_begin_anew_after_rest() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.least(), Duration::ZERO);
        for step in 0..20 {
            let plain = FIRST.saturating_mul(1 << step.min(16)).min(LONGEST);
            let next = backoff.next();
            assert!(next >= plain.mul_f64(0.74) && next <= plain.mul_f64(1.26), "{step}: {next:?}");
        }
        assert_eq!(backoff.least(), LEAST);
        backoff.rest();
        assert!(backoff.next() < FIRST.mul_f64(1.3));
    }
}
