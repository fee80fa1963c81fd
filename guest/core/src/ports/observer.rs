//! What a person watches while the engine works.

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named as in the interface.
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

/// Log lines and progress. Never a secret, never a word of an issue.
pub trait Observer {
    /// Writes one structured log line.
    fn log(&self, level: Level, event: &str, attributes: &[(&str, String)]);
    /// Says how far a long work has come.
    fn progress(&self, stage: &str, done: u64, total: Option<u64>);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {
    fn log(&self, _: Level, _: &str, _: &[(&str, String)]) {}
    fn progress(&self, _: &str, _: u64, _: Option<u64>) {}
}
