//! What is left of a synchronization that isn't in `ferry.toml`: of one whose
//! beginning or end was cut off nothing stays, its secret keys least of all.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::Host;
use crate::home::private_directory;
use crate::request::Failure;
use crate::settings::Settings;

/// Lies in the folder of a synchronization until `ferry.toml` has it, and again
/// before that forgets it. A folder without it is never removed: what people
/// put back from a backup may be ahead of their `ferry.toml`.
const MARK: &str = "unfinished";

impl Host {
    /// Before the first file of a synchronization, or the last.
    pub(super) fn mark_unfinished(&self, directory: &str) -> Result<(), Failure> {
        let own = self.home.synchronization(directory);
        let mark = || OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(own.join(MARK));
        let marked = private_directory(&own).and_then(|()| mark()).and_then(|_| File::open(&own)?.sync_all());
        marked.map_err(Failure::io(format!("{} can't be made", own.display())))
    }

    /// `ferry.toml` has it.
    pub(super) fn finished(&self, directory: &str) {
        let mark = self.home.synchronization(directory).join(MARK);
        if let Err(e) = std::fs::remove_file(&mark) {
            // It is taken away by the next command.
            tracing::warn!(path = %mark.display(), error = %e, "a file that nobody needs stays");
        }
    }

    /// Removes what attempts left that were cut off.
    pub(super) fn clear_unfinished(&self, settings: &Settings) {
        for entry in std::fs::read_dir(self.home.synchronizations()).into_iter().flatten().flatten() {
            let Ok(directory) = entry.file_name().into_string() else { continue };
            let known = settings.synchronizations.values().any(|sync| sync.directory == directory);
            match (entry.path().join(MARK).exists(), known) {
                (true, true) => self.finished(&directory),
                (true, false) => self.undo(&directory),
                // Cut off before it was marked, it is empty.
                (false, false) => drop(std::fs::remove_dir(entry.path())),
                (false, true) => {}
            }
        }
    }

    /// Removes what a beginning has made, and of its exchange directory what is
    /// empty.
    pub(super) fn undo(&self, directory: &str) {
        self.sweep(directory);
        let own = self.home.synchronization(directory);
        let exchange = own.join("exchange");
        for folder in [exchange.join("SEND"), exchange.join("RECEIVE"), exchange, own] {
            // What isn't empty stays.
            let _ = if folder.is_symlink() { std::fs::remove_file(&folder) } else { std::fs::remove_dir(&folder) };
        }
    }

    /// Removes what a synchronization kept, but its exchange directory; the mark
    /// goes last.
    pub(super) fn sweep(&self, directory: &str) {
        self.forget_secrets(directory);
        let own = self.home.synchronization(directory);
        for entry in std::fs::read_dir(&own).into_iter().flatten().flatten() {
            if entry.file_name() != "exchange" && entry.file_name() != MARK {
                remove(&entry.path());
            }
        }
        let mark = own.join(MARK);
        if mark.exists() {
            remove(&mark);
        }
        // Stays where an exchange directory is in it.
        let _ = std::fs::remove_dir(&own);
    }
}

fn remove(path: &Path) {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    if let Err(e) = removed {
        tracing::warn!(path = %path.display(), error = %e, "a file of a synchronization that is gone stays");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::host::HostBuilder;

    #[test]
    fn nothing_stays_of_what_was_cut_off_and_everything_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let host = HostBuilder::new(dir.path().join("home")).unwrap().build().unwrap();
        for directory in ["cut-off", "with-parcels", "from-a-backup"] {
            host.mark_unfinished(directory).unwrap();
            let own = host.home.synchronization(directory);
            std::fs::create_dir_all(own.join("exchange/SEND")).unwrap();
            std::fs::create_dir_all(own.join("blobs")).unwrap();
            std::fs::write(own.join("store.db"), "keys").unwrap();
        }
        host.finished("from-a-backup");
        let parcel = host.home.synchronization("with-parcels").join("exchange/SEND/parcel");
        std::fs::write(&parcel, "sealed").unwrap();
        std::fs::create_dir(host.home.synchronization("empty")).unwrap();
        host.clear_unfinished(&host.settings().unwrap());
        let left = |directory: &str| host.home.synchronization(directory).exists();
        assert_eq!(["cut-off", "with-parcels", "from-a-backup", "empty"].map(left), [false, true, true, false]);
        assert!(parcel.exists() && !host.home.synchronization("with-parcels").join("store.db").exists());
        assert!(host.home.synchronization("from-a-backup").join("store.db").exists());
    }
}
