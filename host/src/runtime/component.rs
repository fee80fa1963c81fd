//! Finding components, and loading each once a process.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use wasmtime::component::Component;

use super::cache::Cache;
use super::limits::COMPONENT_BYTES;
use super::{ADAPTER_SUFFIX, RuntimeError};
use crate::digest::Digest;

/// The search path, the cache on disk, and what this process has loaded.
pub(super) struct Components {
    search: Vec<PathBuf>,
    cache: Cache,
    loaded: Mutex<HashMap<PathBuf, Loaded>>,
}

#[derive(Clone)]
struct Loaded {
    identity: Identity,
    digest: Digest,
    component: Component,
}

/// What tells one state of a file from another without reading it. The time of
/// change can't be set by anyone but the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size: u64,
    pub(super) modified_ns: i128,
    pub(super) changed_ns: i128,
}

impl Identity {
    fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = path.metadata()?;
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

impl Components {
    pub(super) fn new(engine: &wasmtime::Engine, search: Vec<PathBuf>, cache: PathBuf) -> Self {
        Self { search, cache: Cache::new(engine, cache), loaded: Mutex::default() }
    }

    /// A file on the search path.
    pub(super) fn find(&self, file: &str) -> Result<PathBuf, RuntimeError> {
        let found = self.search.iter().map(|folder| folder.join(file)).find(|path| path.is_file());
        found.ok_or_else(|| RuntimeError::NoComponent { name: file.to_owned(), searched: self.search.clone() })
    }

    /// An adapter by its name, or by the path of its file.
    pub(super) fn find_adapter(&self, component: &str) -> Result<PathBuf, RuntimeError> {
        if !component.contains('/') && !component.ends_with(".wasm") {
            return self.find(&format!("{component}{ADAPTER_SUFFIX}"));
        }
        let path = PathBuf::from(component);
        if path.is_file() {
            return Ok(path);
        }
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Err(RuntimeError::NoComponent { name: component.to_owned(), searched: vec![folder] })
    }

    /// Loads it, from memory, from the cache, or by compiling it.
    pub(super) fn load(&self, path: &Path, pinned: Option<Digest>) -> Result<Component, RuntimeError> {
        let identity = Identity::of(path).map_err(RuntimeError::io("read", path))?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let known = loaded.get(path).filter(|known| known.identity == identity).cloned();
        let known = match known {
            Some(known) => known,
            None => {
                let (digest, component) = self.cache.load(path, &identity)?;
                let fresh = Loaded { identity, digest, component };
                loaded.insert(path.to_owned(), fresh.clone());
                fresh
            }
        };
        match pinned {
            Some(pinned) if pinned != known.digest => {
                Err(RuntimeError::OtherDigest { path: path.to_owned(), pinned, found: known.digest })
            }
            _ => Ok(known.component),
        }
    }
}

/// A component's bytes and their digest.
pub(super) fn read(path: &Path) -> Result<(Vec<u8>, Digest), RuntimeError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(COMPONENT_BYTES + 1).read_to_end(&mut bytes))
        .map_err(RuntimeError::io("read", path))?;
    if bytes.len() as u64 > COMPONENT_BYTES {
        let source = std::io::Error::other(format!("larger than the {COMPONENT_BYTES} bytes of a component"));
        return Err(RuntimeError::io("read", path)(source));
    }
    let digest = Digest::of(&bytes);
    Ok((bytes, digest))
}
