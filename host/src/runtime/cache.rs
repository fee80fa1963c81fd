//! Compiled components on disk. Compiling takes seconds, loading a millisecond.
//!
//! A compiled file is named by the digest of its source and by wasmtime's
//! version and configuration. An index entry a source path remembers the
//! source's digest together with inode, size and times, so that a start need
//! not read and hash megabytes: who could change the source without moving its
//! time of change (ctime, set by the kernel alone) could as well write into
//! this folder or this process.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

use super::component::{self, Identity};
use super::session::private_folder;
use super::{RuntimeError, load};
use crate::digest::{Digest, hex};

/// A folder of compiled components, ours alone.
pub(super) struct Cache {
    engine: Engine,
    folder: PathBuf,
    /// Of wasmtime's version, its configuration and this machine.
    compatibility: u64,
}

impl Cache {
    pub(super) fn new(engine: &Engine, folder: PathBuf) -> Self {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Self { engine: engine.clone(), folder, compatibility: hasher.finish() }
    }

    /// The component at a path, compiled where it wasn't before.
    pub(super) fn load(&self, path: &Path, identity: &Identity) -> Result<(Digest, Component), RuntimeError> {
        private_folder(&self.folder)?;
        self.check_folder()?;
        if let Some(digest) = self.remembered(path, identity)
            && let Ok(component) = load::compiled(&self.engine, &self.compiled(&digest))
        {
            return Ok((digest, component));
        }
        let (bytes, digest) = component::read(path)?;
        let compiled = self.compiled(&digest);
        let component = match load::compiled(&self.engine, &compiled) {
            Ok(component) => component,
            // Not there yet, or damaged: either way it is made anew.
            Err(_) => self.compile(path, &bytes, &compiled)?,
        };
        self.remember(path, identity, &digest)?;
        Ok((digest, component))
    }

    /// Others must not be able to put code here.
    fn check_folder(&self) -> Result<(), RuntimeError> {
        let metadata = fs::metadata(&self.folder).map_err(RuntimeError::io("read", &self.folder))?;
        if metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0 {
            return Ok(());
        }
        let source = io::Error::other("others can write there; make it yours alone (chown, chmod 700)");
        Err(RuntimeError::io("trusted with compiled components", &self.folder)(source))
    }

    fn compile(&self, path: &Path, bytes: &[u8], compiled: &Path) -> Result<Component, RuntimeError> {
        let refused = |error: wasmtime::Error| RuntimeError::BadComponent {
            path: path.to_owned(),
            wanted: "a component",
            reason: format!("{error:#}"),
        };
        tracing::info!(component = %path.display(), "compiling a component; this is done once");
        let code = self.engine.precompile_component(bytes).map_err(refused)?;
        self.write(compiled, &code).map_err(RuntimeError::io("written", compiled))?;
        // From the file, so that its pages are shared and can be given back.
        load::compiled(&self.engine, compiled).map_err(refused)
    }

    fn compiled(&self, digest: &Digest) -> PathBuf {
        self.folder.join(format!("{digest}-{:016x}.cwasm", self.compatibility))
    }

    fn index(&self, path: &Path) -> PathBuf {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let digest = Digest::of(absolute.as_os_str().as_encoded_bytes());
        self.folder.join(format!("{}.source", hex(digest.0.get(..16).unwrap_or_default())))
    }

    /// The digest of a source that hasn't changed since it was read.
    fn remembered(&self, path: &Path, identity: &Identity) -> Option<Digest> {
        let text = fs::read_to_string(self.index(path)).ok()?;
        let (known, digest) = text.trim_end().split_once(' ')?;
        (known == words(identity)).then(|| digest.parse().ok()).flatten()
    }

    fn remember(&self, path: &Path, identity: &Identity, digest: &Digest) -> Result<(), RuntimeError> {
        let index = self.index(path);
        let before = digest_in(&index).filter(|before| before != digest);
        let text = format!("{} {digest}\n", words(identity));
        self.write(&index, text.as_bytes()).map_err(RuntimeError::io("written", &index))?;
        // What was compiled from an older state of the file goes, unless it is
        // also the present state of another.
        match before {
            Some(before) if !self.wanted(&before) => fs::remove_file(self.compiled(&before)).unwrap_or_default(),
            _ => {}
        }
        Ok(())
    }

    /// Whether a source that we know has this digest.
    fn wanted(&self, digest: &Digest) -> bool {
        let Ok(entries) = fs::read_dir(&self.folder) else { return true };
        let sources =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.extension() == Some("source".as_ref()));
        sources.into_iter().any(|source| digest_in(&source).is_some_and(|known| known == *digest))
    }

    /// Whole or not at all; two processes may do it at once.
    fn write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let temporary = self.folder.join(format!(".{}.tmp", crate::random::hex_name(&crate::random::SystemRandom, 8)?));
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&temporary)?;
        let written =
            file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            fs::remove_file(&temporary).unwrap_or_default();
        }
        written
    }
}

/// The digest that an index entry remembers.
fn digest_in(index: &Path) -> Option<Digest> {
    fs::read_to_string(index).ok()?.trim_end().split_once(' ')?.1.parse().ok()
}

/// An identity as one word.
fn words(identity: &Identity) -> String {
    let Identity { device, inode, size, modified_ns, changed_ns } = identity;
    format!("{device}:{inode}:{size}:{modified_ns}:{changed_ns}")
}
