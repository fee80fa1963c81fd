//! A granted folder: what an adapter may read and change of the file system.
//!
//! Every name is walked part by part from the folder's descriptor, and no part
//! may be a link, so that nothing outside can be reached whatever anybody puts
//! inside. What the system offers no atomic form of is checked as late as
//! possible; where a gap remains, the place says so.

mod apply;
mod fault;
mod listing;
mod place;
mod sync;
mod walk;

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags, Stat};

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::random::Random;

pub use fault::FileFault;

use listing::Snapshot;

/// A file that is read whole, in bytes.
pub const READ_BYTES_MAX: u64 = 16 << 20;
/// All files of one `read`, in bytes: what fits into a component beside its
/// work.
pub const READ_TOTAL_BYTES_MAX: u64 = 64 << 20;
/// A file that keeps changing while it is read is tried so often.
const READ_ATTEMPTS: u32 = 3;

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name within the folder that was asked for.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// When its data last changed, in nanoseconds since 1970.
    pub modified_ns: u64,
    /// When its data or name last changed, in nanoseconds since 1970.
    pub changed_ns: u64,
    /// Its inode number.
    pub file_id: u64,
    /// Whether it is a folder.
    pub folder: bool,
}

/// What a file is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What the blob of this name holds.
    Blob(String),
}

/// What must hold of a name for a change to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing.
    Any,
    /// There is no such file.
    Absent,
    /// The file's `changed_ns` is this.
    Unchanged(u64),
}

/// One change to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Writes a file; folders on the way are made.
    Write {
        /// Its name.
        name: String,
        /// What it is to hold.
        content: Content,
        /// What must hold for it.
        expected: Expectation,
    },
    /// Removes a file, or an empty folder.
    Remove {
        /// Its name.
        name: String,
        /// What must hold for it.
        expected: Expectation,
    },
    /// Moves a file or a folder to where nothing is.
    Rename {
        /// Its name now.
        name: String,
        /// Its name afterwards.
        to: String,
    },
}

/// What a change left behind; zeros where nothing is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The file's `changed_ns`.
    pub changed_ns: u64,
    /// The file's `file_id`.
    pub file_id: u64,
}

/// A granted folder, for the life of one component instance.
#[derive(Debug)]
pub struct Granted {
    root: OwnedFd,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    snapshot: Option<Snapshot>,
}

impl Granted {
    /// Opens the folder. The path itself may lead through links: the operator
    /// chose it.
    ///
    /// # Errors
    /// Where it isn't there or can't be read.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self { root, clock, random, snapshot: None })
    }

    /// At most `limit` entries of a folder in name order, after a name; where
    /// `since_ns` is given, only those that changed then or later. The pages
    /// that follow a first one go on with the names that were there then.
    ///
    /// # Errors
    /// `NotFound` where there is no such folder.
    pub fn entries(
        &mut self,
        folder: &str,
        since_ns: Option<u64>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, FileFault> {
        let opened = walk::folder(&self.root, folder)?;
        let mut found = Vec::new();
        let mut after = after.map(str::to_owned);
        loop {
            let continues =
                |last: &Snapshot| after.as_ref().is_some_and(|after| last.continues(folder, since_ns, after));
            let snapshot = match self.snapshot.take().filter(continues) {
                Some(snapshot) => snapshot,
                None => {
                    let (snapshot, leftovers) = Snapshot::take(&opened, folder, since_ns, after.as_deref())?;
                    place::sweep(&opened, &leftovers, self.clock.now());
                    snapshot
                }
            };
            let snapshot = self.snapshot.insert(snapshot);
            found.extend(snapshot.page(&opened, after.as_deref(), limit as usize - found.len())?);
            match snapshot.end() {
                // A folder larger than one look: the page goes on in the next.
                Some(end) if found.len() < limit as usize => after = Some(end.to_owned()),
                _ => return Ok(found),
            }
        }
    }

    /// How many files of a folder have a name that ends in `suffix`; one
    /// reading of the folder, no look at a file.
    ///
    /// # Errors
    /// `NotFound` where there is no such folder.
    pub fn count(&self, folder: &str, suffix: &str) -> Result<u64, FileFault> {
        listing::count(walk::folder(&self.root, folder)?, suffix)
    }

    /// Files' entries and contents, in the order asked for.
    pub fn read(&self, names: &[String]) -> Vec<Result<(Entry, Vec<u8>), FileFault>> {
        let mut left = READ_TOTAL_BYTES_MAX;
        let mut answers = Vec::with_capacity(names.len());
        for name in names {
            let answer = self.read_one(name, left);
            if let Ok((_, content)) = &answer {
                left = left.saturating_sub(content.len() as u64);
            }
            answers.push(answer);
        }
        answers
    }

    /// Copies a file into a new blob and answers the blob's name.
    ///
    /// # Errors
    /// `NotFound` where there is no such file; else by what to do next.
    pub fn into_blob(&self, name: &str, blobs: &Blobs) -> Result<String, FileFault> {
        let (mut file, _) = walk::file(&self.root, name)?;
        Ok(blobs.fill(&mut file, u64::MAX)?)
    }

    /// Each file changes whole or not at all; all are durable on return.
    pub fn apply(&mut self, changes: &[Change], blobs: &Blobs) -> Vec<Result<Stamp, FileFault>> {
        self.snapshot = None;
        apply::apply(&self.root, changes, blobs, &*self.random)
    }

    fn read_one(&self, name: &str, left: u64) -> Result<(Entry, Vec<u8>), FileFault> {
        let (file, mut stat) = walk::file(&self.root, name)?;
        let mut content = Vec::new();
        for attempt in 1..=READ_ATTEMPTS {
            if size(&stat) > READ_BYTES_MAX {
                return Err(FileFault::TooLarge(size(&stat)));
            }
            if size(&stat) > left {
                return Err(FileFault::Other(format!(
                    "{name}: more than {READ_TOTAL_BYTES_MAX} bytes in one read; ask for fewer files at a time"
                )));
            }
            content = whole(&file, &stat)?;
            let now = rustix::fs::fstat(&file)?;
            // Somebody writes in place: what we have may be half of it. At the
            // last attempt the older stamp is answered, so that a write that
            // expects it fails, and the next scan shows the file again.
            if changed_ns(&now) == changed_ns(&stat) || attempt == READ_ATTEMPTS {
                break;
            }
            stat = now;
        }
        Ok((entry(name.rsplit('/').next().unwrap_or(name).to_owned(), &stat), content))
    }
}

/// A file's bytes. One more is asked for than there should be, so that one
/// read is enough, and a file that has grown shows.
fn whole(file: &File, stat: &Stat) -> Result<Vec<u8>, FileFault> {
    let expected = usize::try_from(size(stat)).unwrap_or_default();
    let mut content = vec![0; expected + 1];
    let mut length = 0;
    while let Some(rest) = content.get_mut(length..) {
        match file.read_at(rest, length as u64) {
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        }
        // A short read before the end is followed by another.
        let ended = length >= expected || file.metadata()?.len() <= length as u64;
        if ended {
            break;
        }
    }
    content.truncate(length);
    Ok(content)
}

fn entry(name: String, stat: &Stat) -> Entry {
    Entry {
        name,
        size: size(stat),
        modified_ns: modified_ns(stat),
        changed_ns: changed_ns(stat),
        file_id: stat.st_ino,
        folder: kind(stat) == FileType::Directory,
    }
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or_default()
}

fn changed_ns(stat: &Stat) -> u64 {
    nanoseconds(stat.st_ctime, stat.st_ctime_nsec)
}

fn modified_ns(stat: &Stat) -> u64 {
    nanoseconds(stat.st_mtime, stat.st_mtime_nsec)
}

/// Times before 1970 are 1970.
fn nanoseconds(seconds: i64, rest: impl TryInto<u64>) -> u64 {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000).saturating_add(rest.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests;
