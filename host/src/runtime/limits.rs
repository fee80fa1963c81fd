//! What a component may use, each with its reason. The engine's own bounds on
//! issues and parcels are the engine's.

use std::time::Duration;

/// Bounds for one call into a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The engine's linear memory, in bytes: a parcel's payload a few times
    /// over (packed, sealed, opened, parsed) and a page of issues.
    pub engine_memory: usize,
    /// An adapter's linear memory, in bytes: a page of issues, pages of a web
    /// server's answers, an interpreter where it is written in Python.
    pub adapter_memory: usize,
    /// How long a component may compute in one call, host calls not counted:
    /// thousands of issues on a slow and busy machine, and an endless loop
    /// still ends on its own.
    pub compute: Duration,
    /// What a component may hand to the host in one call, in bytes: the
    /// largest value of the store and the largest commit, with room.
    pub call_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            engine_memory: 256 << 20,
            adapter_memory: 256 << 20,
            compute: Duration::from_secs(120),
            call_bytes: 64 << 20,
        }
    }
}

/// The stack of a component, in bytes. The engine calls the adapter, so two of
/// them lie in one thread's stack, which is 2 MiB where Rust made the thread.
pub(super) const STACK_BYTES: usize = 512 << 10;

/// Core instances in one component's store: a Rust component has two or three,
/// an interpreter a dozen.
pub(super) const INSTANCES: usize = 64;

/// Tables in one component's store; one an instance, and some for shims.
pub(super) const TABLES: usize = 64;

/// Elements of one table: functions that are called indirectly; Python has the
/// most, some ten thousand.
pub(super) const TABLE_ELEMENTS: usize = 200_000;

/// Memories in one component's store: one an instance that has one.
pub(super) const MEMORIES: usize = 16;

/// Random bytes of one request: seeds and keys.
pub(super) const RANDOM_BYTES: u64 = 64 << 10;

/// What is kept of a component's last words on its standard error, in bytes.
pub(super) const LAST_WORDS_BYTES: usize = 16 << 10;

/// How often a computing component is looked at.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// After so many looks its time is compared with what it may use.
pub(super) const TICKS_BETWEEN_CHECKS: u64 = 10;

/// A component file, in bytes: those with a JavaScript or Python interpreter
/// weigh 12 to 20 MB.
pub(super) const COMPONENT_BYTES: u64 = 128 << 20;

/// One log line's event and attributes, in bytes: a sentence, not a dump.
pub(crate) const LOG_BYTES: usize = 4 << 10;

/// Log lines of one call into a component: a chatty one can't fill the disk.
pub(crate) const LOG_LINES: u32 = 2_000;
