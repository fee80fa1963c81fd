//! The home: the one directory that holds everything Ferry keeps. Only its
//! owner may look into it, and only one process at a time works in it.
//!
//! ```text
//! ferry.toml       what connects (settings)
//! secrets/         secrets that were asked for once
//! accounts/        how many mails each account has sent
//! trackers/NAME/   an adapter's own store
//! sync/NAME/       a synchronization: its store, its blobs, by default its exchange directory
//! cache/           compiled components, where no shared place was named; may be deleted
//! lock, socket     who works in the home now, and how to talk to it
//! ```

mod lock;
mod socket;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use lock::Lock;
pub use socket::Listener;
pub(crate) use socket::connect;

/// A home's paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The home at a path, which is made absolute. Nothing is created.
    pub fn at(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self { root: std::path::absolute(path)? })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether there is one yet.
    pub fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// Makes the home where there is none, and refuses one that others may
    /// write to.
    pub fn create(&self) -> io::Result<()> {
        private_directory(&self.root)?;
        let mode = std::fs::metadata(&self.root)?.permissions().mode();
        if mode & 0o022 != 0 {
            return Err(io::Error::other(format!(
                "{} may be written to by others (mode {:o}); run: chmod 700 {}",
                self.root.display(),
                mode & 0o777,
                self.root.display()
            )));
        }
        Ok(())
    }

    /// `ferry.toml`.
    pub fn settings(&self) -> PathBuf {
        self.root.join("ferry.toml")
    }

    /// Compiled components.
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// All synchronizations.
    pub fn synchronizations(&self) -> PathBuf {
        self.root.join("sync")
    }

    /// A synchronization, by its directory's name.
    pub fn synchronization(&self, directory: &str) -> PathBuf {
        self.synchronizations().join(directory)
    }

    /// An adapter's own, by the tracker's name.
    pub fn tracker(&self, name: &str) -> PathBuf {
        self.root.join("trackers").join(name)
    }

    /// A secret that was asked for once, by whose it is and what it is for.
    pub fn secret(&self, directory: &str, what: &str) -> PathBuf {
        self.secrets().join(format!("{directory}.{what}"))
    }

    /// All of them.
    pub fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    /// How many mails each account has sent.
    pub fn accounts(&self) -> PathBuf {
        self.root.join("accounts")
    }

    /// Held by the process that works in the home.
    pub fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The socket of that process, or a link to it.
    pub fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }
}

/// A directory that only its owner may enter, durably; parents are made as
/// needed.
pub fn private_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let made = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()).count();
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    // What lies in a folder is lost with the folder's own name.
    for parent in path.ancestors().skip(1).take(made) {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Writes a file that only its owner may read: whole or not at all, durably.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| io::Error::other("this is no file's name"))?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let temporary = folder.join(format!(".{}.{:016x}.tmp", name.to_string_lossy(), u64::from_le_bytes(random)));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_new_home_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path().join("a/home")).unwrap();
        assert!(!home.exists());
        home.create().unwrap();
        assert_eq!(std::fs::metadata(home.root()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_home_that_others_may_write_to_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let error = Home::at(dir.path()).unwrap().create().unwrap_err().to_string();
        assert!(error.contains("chmod 700"), "{error}");
    }

    #[test]
    fn a_private_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(write_private(&dir.path().join("none/file"), b"x").is_err());
    }
}
