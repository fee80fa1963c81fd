//! Where a world stops: a fuse burns with every call to the outside, and when
//! it is through, the process is dead there.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Unwinds through the engine when the fuse is through: the engine sees no
/// error that it could handle, as a killed process doesn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crashed;

/// Counts the points where a process can die: before each call to the outside,
/// and after each that changes something.
#[derive(Debug, Default)]
pub struct Fuse {
    passed: Cell<u64>,
    left: Cell<Option<u64>>,
}

impl Fuse {
    /// One such point. Dies here where it was said.
    pub fn point(&self) {
        self.passed.set(self.passed.get() + 1);
        match self.left.get() {
            Some(0) => {
                self.left.set(None);
                resume_unwind(Box::new(Crashed));
            }
            Some(left) => self.left.set(Some(left - 1)),
            None => {}
        }
    }

    /// How many points were passed since the world began.
    pub fn passed(&self) -> u64 {
        self.passed.get()
    }

    /// Runs the work and dies at its n-th point, from 0; where the work has
    /// fewer, it ends as if nothing had been said.
    ///
    /// # Errors
    /// `Crashed` where it died.
    pub fn crash_at<T>(&self, n: u64, work: impl FnOnce() -> T) -> Result<T, Crashed> {
        self.left.set(Some(n));
        let outcome = catch_unwind(AssertUnwindSafe(work));
        self.left.set(None);
        outcome.map_err(|payload| match payload.downcast::<Crashed>() {
            Ok(crashed) => *crashed,
            Err(other) => resume_unwind(other),
        })
    }
}
