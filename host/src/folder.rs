//! The folder channel: an exchange directory with SEND and RECEIVE.
//!
//! Nothing but names, sizes and times is known here of what travels. Either
//! folder may be a link to another file system or share, so both are opened
//! anew for each call, and inside them no link is followed.

mod fault;
mod marker;
mod names;
mod open;
mod prepare;
mod publish;
mod settled;

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::clock::Clock;
use crate::harm::Harm;
use crate::random::Random;
use crate::runtime::FolderPlace;

pub use fault::ChannelFault;
pub use prepare::{PrepareError, prepare};

use settled::Sightings;

/// Where what was taken is moved to, in RECEIVE.
const DONE: &str = "done";
/// Where what was refused is moved to, in RECEIVE.
const REJECTED: &str = "rejected";
/// How often `done` is looked through for what is old.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// A file in SEND or RECEIVE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name, without a path.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// Whether what it holds now is all that is going to come.
    pub settled: bool,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Durably taken.
    Processed,
    /// Refused; kept for a person to look at.
    Rejected,
}

/// An exchange directory.
#[derive(Debug)]
pub struct Exchange {
    path: PathBuf,
    settle: Duration,
    keep_done: Duration,
    /// Says, once it is there, that something came: from then on RECEIVE must
    /// show the partner's marker.
    arrived: PathBuf,
    harm: Harm,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    sightings: Sightings,
    pruned: Option<Duration>,
    swept: bool,
}

impl Exchange {
    /// An exchange directory; `state` is a folder of the synchronization's own
    /// for what has to be remembered. Nothing is made or opened yet.
    pub fn new(place: &FolderPlace, state: &Path, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            path: place.path.clone(),
            settle: place.settle,
            keep_done: place.keep_done,
            arrived: state.join("partner-seen"),
            harm: Harm::noted_in(state.join("harmful-parcels")),
            clock,
            random,
            memory: Mutex::default(),
        }
    }

    /// Appears in SEND whole or not at all, and durably. The same name with
    /// the same content again is no error.
    ///
    /// # Errors
    /// By what the caller should do next.
    pub fn put(&self, name: &str, content: &[u8]) -> Result<(), ChannelFault> {
        names::check(name)?;
        let send = open::send(&self.path)?;
        marker::show(&send)?;
        self.sweep(&send);
        publish::publish(&send, name, content, &*self.random)
    }

    /// Takes back from SEND what the partner has acknowledged.
    ///
    /// # Errors
    /// By what the caller should do next; a name that isn't there is none.
    pub fn withdraw(&self, names: &[String]) -> Result<(), ChannelFault> {
        let send = open::send(&self.path)?;
        for name in names {
            names::check(name)?;
            match rustix::fs::unlinkat(&send, name.as_str(), AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT | Errno::BUSY | Errno::TXTBSY) => {}
                Err(errno) => return Err(fault::of(errno, "remove files from SEND")),
            }
        }
        Ok(())
    }

    /// Files in SEND whose names begin with the token, in name order.
    ///
    /// # Errors
    /// By what the caller should do next.
    pub fn sent(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        let send = open::send(&self.path)?;
        marker::show(&send)?;
        let names = names::list(&send, token)?;
        Ok(names::page(&send, &names, after, limit)?
            .into_iter()
            .map(|(name, stat)| Listed { name: name.to_owned(), size: stat.size, settled: true })
            .collect())
    }

    /// Files in RECEIVE whose names begin with the token, in name order.
    ///
    /// # Errors
    /// `Denied` where the share looks unmounted; else by what to do next.
    pub fn received(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        let came = self.arrived.exists();
        let Some(receive) = open::receive(&self.path, came)? else { return Ok(Vec::new()) };
        // Whoever looks for the partner's parcels shows that it is there.
        if let Ok(send) = open::send(&self.path) {
            marker::show(&send)?;
            open::different(&send, &receive)?;
        }
        let shown = marker::shown(&receive)?;
        if came && !shown {
            return Err(marker::missing(&self.path));
        }
        let names = names::list(&receive, token)?;
        if !came && (shown || !names.is_empty()) {
            File::create(&self.arrived).map_err(|error| fault::of_io(&error, "note that a parcel came"))?;
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.sightings.keep(&names);
        let listed = names::page(&receive, &names, after, limit)?.into_iter().map(|(name, stat)| {
            let settled = memory.sightings.settled(name, stat, self.settle, &*self.clock);
            Listed { name: name.to_owned(), size: stat.size, settled }
        });
        Ok(listed.collect())
    }

    /// A file of RECEIVE, whole, where it is at most `max_bytes`.
    ///
    /// # Errors
    /// `TooLarge` and `NotFound`; else by what to do next.
    pub fn read(&self, name: &str, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        names::check(name)?;
        let receive = open::receive(&self.path, true)?.ok_or(ChannelFault::NotFound)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&receive, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            // A link is no parcel.
            Err(Errno::NOENT | Errno::LOOP) => return Err(ChannelFault::NotFound),
            Err(errno) => return Err(fault::of(errno, "read a parcel in RECEIVE")),
        };
        let unreadable = |error: std::io::Error| fault::of_io(&error, "read a parcel in RECEIVE");
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(ChannelFault::NotFound);
        }
        let too_large = ChannelFault::TooLarge(max_bytes);
        if metadata.len() > max_bytes {
            return Err(too_large);
        }
        let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        file.take(max_bytes.saturating_add(1)).read_to_end(&mut content).map_err(unreadable)?;
        if content.len() as u64 > max_bytes { Err(too_large) } else { Ok(content) }
    }

    /// Moves files of RECEIVE aside.
    ///
    /// # Errors
    /// By what the caller should do next; a name that isn't there is none.
    pub fn dispose(&self, names: &[String], disposition: Disposition) -> Result<(), ChannelFault> {
        let Some(receive) = open::receive(&self.path, true)? else { return Ok(()) };
        let aside = match disposition {
            Disposition::Processed => DONE,
            Disposition::Rejected => REJECTED,
        };
        let folder = open::inside(&receive, aside)?;
        let mut gone = Vec::new();
        let moved = names.iter().try_for_each(|name| {
            names::check(name)?;
            match rustix::fs::renameat(&receive, name.as_str(), &folder, name.as_str()) {
                Ok(()) | Err(Errno::NOENT) => gone.push(name.clone()),
                // Somebody holds it: the next time, then.
                Err(Errno::BUSY | Errno::TXTBSY) => {}
                Err(errno) => return Err(fault::of(errno, &format!("move files to RECEIVE/{aside}"))),
            }
            Ok(())
        });
        // What is still there is read again, and may do harm again.
        self.harm.forget(&gone);
        moved?;
        if disposition == Disposition::Processed {
            self.prune(&folder);
        }
        Ok(())
    }

    /// Brings a file that was moved aside as rejected back into RECEIVE.
    ///
    /// # Errors
    /// `NotFound` where it is neither there nor in RECEIVE.
    pub fn restore(&self, name: &str) -> Result<(), ChannelFault> {
        names::check(name)?;
        let receive = open::receive(&self.path, true)?.ok_or(ChannelFault::NotFound)?;
        let rejected = open::inside(&receive, REJECTED)?;
        // A person wants it looked at, whatever it did.
        self.harm.forget(&[name.to_owned()]);
        match rustix::fs::renameat_with(&rejected, name, &receive, name, RenameFlags::NOREPLACE) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            // Not every file system knows the flag; a parcel replaced by one
            // of the same digest is no loss.
            Err(Errno::INVAL | Errno::NOSYS) => rustix::fs::renameat(&rejected, name, &receive, name)
                .map_err(|errno| fault::of(errno, "move a file out of RECEIVE/rejected")),
            Err(Errno::NOENT) if rustix::fs::statat(&receive, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() => Ok(()),
            Err(errno) => Err(fault::of(errno, "move a file out of RECEIVE/rejected")),
        }
    }

    /// A component broke off over a file of RECEIVE.
    pub fn did_harm(&self, name: &str) {
        self.harm.note(name);
    }

    /// Such files that are still there, and how often it happened.
    ///
    /// # Errors
    /// Where it can't be read what was noted.
    pub fn harmful(&self) -> Result<Vec<(String, u32)>, ChannelFault> {
        self.harm.noted().map_err(|error| fault::of_io(&error, "read which parcels did harm"))
    }

    /// The two folders as paths, to watch; links are resolved by who watches.
    pub fn folders(&self) -> (PathBuf, PathBuf) {
        (self.path.join(open::SEND), self.path.join(open::RECEIVE))
    }

    /// Removes from `done` what has been there for long enough. A failure is
    /// tomorrow's again: it costs room and nothing else.
    fn prune(&self, done: &OwnedFd) {
        let now = self.clock.monotonic();
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.pruned.is_some_and(|last| now.saturating_sub(last) < PRUNE_EVERY) {
            return;
        }
        memory.pruned = Some(now);
        names::remove_older(done, self.clock.now().saturating_sub(self.keep_done), |name| names::check(name).is_ok());
    }

    /// Removes what a crash left of our temporary files, once a session.
    fn sweep(&self, send: &OwnedFd) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut memory.swept, true) {
            names::remove_older(send, self.clock.now().saturating_sub(PRUNE_EVERY), publish::temporary);
        }
    }
}

#[cfg(test)]
mod tests;
