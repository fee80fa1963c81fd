//! The Unix socket of the process that works in a home. Its path must be short
//! (108 bytes on Linux, 104 elsewhere), and a home's may be long: then the
//! socket lies in a short private directory, and `socket` in the home is a
//! link to it.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use super::{Home, Lock};

/// The longest path of a socket that every system takes, in bytes.
const PATH_BYTES_MAX: usize = 100;

/// How the private directories for long homes are called.
const PREFIX: &str = "ferry-";

/// A socket that others connect to; it goes with this value.
#[derive(Debug)]
pub struct Listener {
    /// What is listened on.
    pub socket: UnixListener,
    paths: Vec<PathBuf>,
}

impl Listener {
    /// Listens in a home; what a killed process left is cleared away. The lock
    /// shows that nobody else listens. `short` is where a home with a long
    /// path has its socket's directory.
    pub fn bind(home: &Home, _lock: &Lock, short: &Path) -> io::Result<Self> {
        let plain = home.socket();
        clear(&plain)?;
        let (path, paths) = if plain.as_os_str().len() <= PATH_BYTES_MAX {
            (plain.clone(), vec![plain])
        } else {
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(io::Error::other)?;
            let directory = short.join(format!("{PREFIX}{:016x}", u64::from_le_bytes(random)));
            DirBuilder::new().mode(0o700).create(&directory)?;
            let path = directory.join("socket");
            symlink(&path, &plain)?;
            (path.clone(), vec![plain, path, directory])
        };
        let socket = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { socket, paths })
    }

    /// Where to reach it.
    pub fn path(&self) -> &Path {
        self.paths.get(1).or(self.paths.first()).map_or(Path::new(""), PathBuf::as_path)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for path in &self.paths {
            let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path));
        }
    }
}

/// Removes a stale socket, or a stale link with the directory it leads to.
fn clear(path: &Path) -> io::Result<()> {
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if metadata.file_type().is_symlink() {
        let target = std::fs::read_link(path)?;
        let directory = target.parent().unwrap_or(Path::new(""));
        let ours = directory.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        let socket = std::fs::symlink_metadata(&target).is_ok_and(|m| m.file_type().is_socket());
        if ours && socket {
            let _ = std::fs::remove_file(&target);
            let _ = std::fs::remove_dir(directory);
        }
    }
    std::fs::remove_file(path)
}

/// A connection to the process that works in the home; none where nobody does.
pub(crate) fn connect(home: &Home) -> io::Result<Option<UnixStream>> {
    let path = home.socket();
    let path = std::fs::read_link(&path).unwrap_or(path);
    match UnixStream::connect(path) {
        Ok(stream) => Ok(Some(stream)),
        Err(e) => match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Ok(None),
            // A path too long for a socket: nobody can listen there.
            io::ErrorKind::InvalidInput => Ok(None),
            _ => Err(e),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn listen(root: &Path, short: &Path) -> (Home, Lock, Listener) {
        let home = Home::at(root).unwrap();
        home.create().unwrap();
        let lock = Lock::take(&home).unwrap().unwrap();
        let listener = Listener::bind(&home, &lock, short).unwrap();
        (home, lock, listener)
    }

    #[test]
    fn a_socket_is_reached_by_its_home_and_only_by_the_owner() {
        let dir = tempfile::tempdir().unwrap();
        let (home, _lock, listener) = listen(dir.path(), Path::new("/nowhere"));
        assert!(connect(&home).unwrap().is_some());
        assert_eq!(std::fs::metadata(home.socket()).unwrap().permissions().mode() & 0o777, 0o600);
        drop(listener);
        assert!(connect(&home).unwrap().is_none());
        assert!(!home.socket().exists());
    }

    #[test]
    fn a_home_with_a_long_path_has_a_socket_too() {
        let dir = tempfile::tempdir().unwrap();
        let short = tempfile::tempdir_in("/tmp").unwrap();
        let root = dir.path().join("long".repeat(30));
        let (home, lock, listener) = listen(&root, short.path());
        assert!(connect(&home).unwrap().is_some());
        let directory = listener.path().parent().unwrap().to_owned();
        assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
        // A killed process removes nothing.
        std::mem::forget(listener);
        let listener = Listener::bind(&home, &lock, short.path()).unwrap();
        assert!(connect(&home).unwrap().is_some());
        assert!(!directory.exists());
        drop(listener);
        assert_eq!(std::fs::read_dir(short.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_process_left_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        let (home, lock, listener) = listen(dir.path(), dir.path());
        let Listener { .. } = &listener;
        std::mem::forget(listener);
        assert!(Listener::bind(&home, &lock, dir.path()).is_ok());
    }
}
