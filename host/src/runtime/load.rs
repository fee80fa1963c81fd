//! The one place that takes bytes on trust.
#![allow(unsafe_code)]

use std::path::Path;

use wasmtime::Engine;
use wasmtime::component::Component;

/// Maps a compiled component of our cache.
///
/// # Errors
/// Where it is damaged, or made by another version or configuration.
pub(super) fn compiled(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file is machine code that we run as it is. Only this host
    // writes into its cache (0700, checked to be ours and closed to others
    // before anything is read), under a name made of the source's digest and
    // of wasmtime's version and configuration, by temporary name and rename,
    // and it is never changed afterwards.
    unsafe { Component::deserialize_file(engine, path) }
}
