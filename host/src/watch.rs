//! Waking up when a folder changes. A wake-up and nothing more: events get
//! lost, on network shares they don't exist, and the periodic scan is the
//! truth.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind, RenameMode};
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

/// How often a share without events is looked at.
const POLL_EVERY: Duration = Duration::from_secs(5);

/// File systems whose changes come from other machines without an event
/// (statfs(2)): NFS, SMB, CIFS, SMB2, FUSE (sshfs and the like), 9P, Ceph, AFS.
const REMOTE: [u32; 8] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x00C3_6400, 0x5346_414F];

/// What of a folder is worth waking up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Files that came or were written: RECEIVE, where removals are our own.
    Arrivals,
    /// Everything, in the folders inside too: a tracker's.
    Changes,
}

/// A folder to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Its path, which may lead through links and need not be there yet.
    pub path: PathBuf,
    /// What is worth waking up for.
    pub interest: Interest,
}

/// Watches folders until it is dropped.
pub struct Watch {
    seats: Vec<Seat>,
    wake: Arc<dyn Fn(usize) + Send + Sync>,
}

struct Seat {
    watched: Watched,
    /// Where the path led, and what watches it.
    watching: Option<(PathBuf, Box<dyn Watcher + Send>)>,
}

impl Watch {
    /// Watches these folders; `wake` is called with the index of one that
    /// changed, from another thread and as often as it changes. What can't be
    /// watched now is tried again at [`Watch::refresh`].
    pub fn new(folders: Vec<Watched>, wake: impl Fn(usize) + Send + Sync + 'static) -> Self {
        let seats = folders.into_iter().map(|watched| Seat { watched, watching: None }).collect();
        let mut watch = Self { seats, wake: Arc::new(wake) };
        watch.refresh();
        watch
    }

    /// Resolves the links again, and watches what has come since. To be called
    /// at each periodic scan.
    pub fn refresh(&mut self) {
        for (index, seat) in self.seats.iter_mut().enumerate() {
            let leads = seat.watched.path.canonicalize().ok();
            if leads.as_ref() == seat.watching.as_ref().map(|(path, _)| path) {
                continue;
            }
            seat.watching = None;
            let Some(path) = leads else { continue };
            let wake = Arc::clone(&self.wake);
            match watch(&path, seat.watched.interest, move || wake(index)) {
                Ok(watcher) => seat.watching = Some((path, watcher)),
                Err(error) => tracing::debug!(path = %path.display(), %error, "can't be watched; scanning goes on"),
            }
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.seats.iter().map(|seat| &seat.watched)).finish()
    }
}

fn watch(path: &Path, interest: Interest, wake: impl Fn() + Send + 'static) -> notify::Result<Box<dyn Watcher + Send>> {
    let handler = move |event: notify::Result<Event>| {
        // An error may stand for events that were dropped.
        if event.map_or(true, |event| matters(&event, interest)) {
            wake();
        }
    };
    let mode = match interest {
        Interest::Arrivals => RecursiveMode::NonRecursive,
        Interest::Changes => RecursiveMode::Recursive,
    };
    let config = Config::default().with_poll_interval(POLL_EVERY).with_follow_symlinks(false);
    let mut watcher: Box<dyn Watcher + Send> = if remote(path) {
        Box::new(PollWatcher::new(handler, config)?)
    } else {
        Box::new(RecommendedWatcher::new(handler, config)?)
    };
    watcher.watch(path, mode)?;
    Ok(watcher)
}

/// Whether an event is worth a wake-up. Reading isn't, or we would wake
/// ourselves; nor are dot files, under which everybody writes.
fn matters(event: &Event, interest: Interest) -> bool {
    let hidden = |path: &PathBuf| path.file_name().map(OsStr::as_bytes).is_some_and(|name| name.starts_with(b"."));
    if !event.paths.is_empty() && event.paths.iter().all(hidden) {
        return false;
    }
    let arrived = matches!(
        event.kind,
        EventKind::Access(AccessKind::Close(AccessMode::Write))
            | EventKind::Create(_)
            | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Any))
            | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(MetadataKind::WriteTime))
            | EventKind::Any
            | EventKind::Other
    );
    let left = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
    arrived || (left && interest == Interest::Changes)
}

/// Whether changes may come from elsewhere without an event.
#[cfg(target_os = "linux")]
fn remote(path: &Path) -> bool {
    // Magic numbers are 32 bits, whatever the field's type is here.
    rustix::fs::statfs(path).is_ok_and(|stat| REMOTE.contains(&((stat.f_type as u64 & 0xFFFF_FFFF) as u32)))
}

/// Elsewhere the kinds of file systems have other names: scanning finds what
/// watching doesn't.
#[cfg(not(target_os = "linux"))]
fn remote(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};

    use tempfile::TempDir;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn watching(path: &Path, interest: Interest) -> (Watch, Receiver<usize>) {
        let (sender, receiver) = channel();
        let watched = Watched { path: path.to_owned(), interest };
        (Watch::new(vec![watched], move |index| sender.send(index).unwrap_or_default()), receiver)
    }

    #[test]
    fn a_file_that_is_renamed_into_the_folder_wakes_us() {
        let folder = TempDir::new().unwrap();
        let (_watch, woken) = watching(folder.path(), Interest::Arrivals);
        fs::write(folder.path().join(".a.tmp"), "x").unwrap();
        fs::rename(folder.path().join(".a.tmp"), folder.path().join("a")).unwrap();
        assert_eq!(woken.recv_timeout(PATIENCE), Ok(0));
    }

    #[test]
    fn a_folder_that_comes_later_is_watched_after_a_refresh() {
        let folder = TempDir::new().unwrap();
        let link = folder.path().join("RECEIVE");
        std::os::unix::fs::symlink(folder.path().join("peer"), &link).unwrap();
        let (mut watch, woken) = watching(&link, Interest::Arrivals);
        fs::create_dir(folder.path().join("peer")).unwrap();
        watch.refresh();
        fs::write(folder.path().join("peer/a"), "x").unwrap();
        assert_eq!(woken.recv_timeout(PATIENCE), Ok(0));
    }

    #[test]
    fn reading_hidden_files_and_our_own_removals_wake_nobody() {
        use notify::event::{CreateKind, RemoveKind};
        let event = |kind, name: &str| Event::new(kind).add_path(PathBuf::from("/f").join(name));
        let created = EventKind::Create(CreateKind::File);
        let removed = EventKind::Remove(RemoveKind::File);
        assert!(matters(&event(created, "a"), Interest::Arrivals));
        assert!(!matters(&event(created, ".a"), Interest::Changes));
        assert!(!matters(&event(EventKind::Access(AccessKind::Open(AccessMode::Any)), "a"), Interest::Changes));
        assert!(!matters(&event(removed, "a"), Interest::Arrivals));
        assert!(matters(&event(removed, "a"), Interest::Changes));
    }
}
