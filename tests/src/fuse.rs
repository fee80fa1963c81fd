//! Where a world stops: a fuse burns with every call to the outside, and when
//! it is through, the process is dead there.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Unwinds through the engine when the fuse is through: the engine sees no
/// error that it could handle, as a killed process doesn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crashed;

/// A kind of call to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Something is read from the store.
    StoreRead,
    /// A commit.
    Commit,
    /// Anything on blobs.
    Blobs,
    /// Anything on the channel.
    Channel,
    /// Anything on the tracker.
    Tracker,
    /// One effect of the several that one call to the tracker carries out.
    Effect,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StoreRead => "reading the store",
            Self::Commit => "committing",
            Self::Blobs => "blobs",
            Self::Channel => "the channel",
            Self::Tracker => "the tracker",
            Self::Effect => "single effects",
        })
    }
}

/// A place where a process can die: before each call, and after each that
/// changes something. Behind a call that only reads, the world is as it is
/// before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Beside which call.
    pub call: Call,
    /// Whether what it changes is changed.
    pub after: bool,
}

/// Counts the points where a process can die.
#[derive(Debug, Default)]
pub struct Fuse {
    left: Cell<Option<u64>>,
    noted: RefCell<Option<Vec<Point>>>,
}

impl Fuse {
    /// A call begins. Dies here where it was said.
    pub fn before(&self, call: Call) {
        self.pass(Point { call, after: false });
    }

    /// A call has changed what it changes. Dies here where it was said.
    pub fn after(&self, call: Call) {
        self.pass(Point { call, after: true });
    }

    fn pass(&self, point: Point) {
        if let Some(noted) = &mut *self.noted.borrow_mut() {
            noted.push(point);
        }
        match self.left.get() {
            Some(0) => {
                self.left.set(None);
                resume_unwind(Box::new(Crashed));
            }
            Some(left) => self.left.set(Some(left - 1)),
            None => {}
        }
    }

    /// Runs the work, and answers the points that it passed.
    pub fn note<T>(&self, work: impl FnOnce() -> T) -> (T, Vec<Point>) {
        self.noted.replace(Some(Vec::new()));
        let outcome = work();
        (outcome, self.noted.take().unwrap_or_default())
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
