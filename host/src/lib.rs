//! Ferry's host: it runs the engine and the adapters as components, and moves
//! bytes for them. It decides nothing about issues.

pub mod bindings;
pub mod blobs;
pub mod clock;
pub mod control;
pub mod digest;
pub mod files;
pub mod folder;
pub mod random;
pub mod runtime;
pub mod store;
