//! Names: given, taken away and moved, unless somebody was there first.
//!
//! The kernel knows no "rename if unchanged". The nearest to it: compare the
//! file, swap the two names in one step, and look at what came out; if that is
//! not what was compared, swap back. Whoever writes in place into the swapped
//! file through a descriptor that was open before is still lost, as with any
//! editor that saves by renaming. Where a file system can't swap, comparing and
//! renaming are two steps, microseconds apart.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::fs::{AtFlags, FileType, RenameFlags, Stat};
use rustix::io::Errno;

use super::walk::{self, Parent};
use super::{Expectation, FileFault, Stamp, changed_ns, kind, modified_ns, size};
use crate::random::{Random, hex_name};

/// How our temporary names begin.
pub(super) const PREFIX: &str = ".ferry-";
/// And how they end.
pub(super) const SUFFIX: &str = ".tmp";

/// A temporary file that hasn't changed for so long was left by a crash.
const LEFT_OVER: Duration = Duration::from_secs(3600);

/// Whether it is one of our temporary names, which no listing shows.
pub(super) fn temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// A file that is written and has no name of its own yet.
pub(super) struct Staged<'a> {
    pub(super) root: &'a OwnedFd,
    pub(super) temporary: String,
    pub(super) file: File,
    pub(super) placed: bool,
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if !self.placed {
            discard(self.root, &self.temporary);
        }
    }
}

impl Staged<'_> {
    /// Gives it its name.
    pub(super) fn place(&mut self, name: &str, expected: Expectation) -> Result<Stamp, FileFault> {
        let (folder, last) = walk::parent(self.root, name)?;
        match expected {
            Expectation::Any => {
                replaceable(&folder, last)?;
                rustix::fs::renameat(self.root, self.temporary.as_str(), &folder, last)?;
            }
            Expectation::Absent => move_to_nothing(self.root, &self.temporary, &folder, last)?,
            Expectation::Unchanged(stamp) => self.replace(&folder, last, stamp)?,
        }
        self.placed = true;
        // Of this very file, whoever may have replaced it since.
        Ok(stamp(&rustix::fs::fstat(&self.file)?))
    }

    fn replace(&self, folder: &Parent<'_>, last: &str, stamp: u64) -> Result<(), FileFault> {
        let before = compare(folder, last, stamp)?;
        let temporary = self.temporary.as_str();
        match rustix::fs::renameat_with(self.root, temporary, folder, last, RenameFlags::EXCHANGE) {
            Ok(()) => {}
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                return Ok(rustix::fs::renameat(self.root, temporary, folder, last)?);
            }
            // It was there a moment ago.
            Err(Errno::NOENT) => return Err(FileFault::Changed),
            Err(errno) => return Err(errno.into()),
        }
        let out = rustix::fs::statat(self.root, temporary, AtFlags::SYMLINK_NOFOLLOW)?;
        if same(&before, &out) {
            discard(self.root, temporary);
            return Ok(());
        }
        rustix::fs::renameat_with(self.root, temporary, folder, last, RenameFlags::EXCHANGE)?;
        Err(FileFault::Changed)
    }
}

/// Removes a file, or an empty folder.
pub(super) fn remove(
    root: &OwnedFd,
    name: &str,
    expected: Expectation,
    random: &dyn Random,
) -> Result<Stamp, FileFault> {
    let (folder, last) = walk::parent(root, name)?;
    let stat = rustix::fs::statat(&folder, last, AtFlags::SYMLINK_NOFOLLOW)?;
    match (kind(&stat), expected) {
        (_, Expectation::Absent) => Err(FileFault::Changed),
        (FileType::Directory, _) => match rustix::fs::unlinkat(&folder, last, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY | Errno::EXIST) => Err(FileFault::Other(format!("the folder {name} isn't empty"))),
            other => Ok(other.map(|()| Stamp::default())?),
        },
        (FileType::RegularFile, Expectation::Any) => {
            rustix::fs::unlinkat(&folder, last, AtFlags::empty())?;
            Ok(Stamp::default())
        }
        (FileType::RegularFile, Expectation::Unchanged(stamp)) => {
            remove_unchanged(root, &folder, last, stamp, random)?;
            Ok(Stamp::default())
        }
        _ => Err(FileFault::NotFound),
    }
}

/// Moves a file or a folder to where nothing is.
pub(super) fn rename(root: &OwnedFd, name: &str, to: &str) -> Result<Stamp, FileFault> {
    let (folder, last) = walk::parent(root, name)?;
    let before = rustix::fs::statat(&folder, last, AtFlags::SYMLINK_NOFOLLOW)?;
    if !matches!(kind(&before), FileType::RegularFile | FileType::Directory) {
        return Err(FileFault::NotFound);
    }
    let (target, new) = walk::parent(root, to)?;
    move_to_nothing(&folder, last, &target, new)?;
    Ok(stamp(&rustix::fs::statat(&target, new, AtFlags::SYMLINK_NOFOLLOW)?))
}

fn remove_unchanged(
    root: &OwnedFd,
    folder: &Parent<'_>,
    last: &str,
    stamp: u64,
    random: &dyn Random,
) -> Result<(), FileFault> {
    let before = compare(folder, last, stamp)?;
    let aside = format!("{PREFIX}{}{SUFFIX}", hex_name(random, 8)?);
    rustix::fs::renameat(folder, last, root, aside.as_str())?;
    let out = rustix::fs::statat(root, aside.as_str(), AtFlags::SYMLINK_NOFOLLOW)?;
    if same(&before, &out) {
        discard(root, &aside);
        return Ok(());
    }
    // Where a third file has appeared meanwhile, this one stays aside rather
    // than overwrite it.
    move_to_nothing(root, &aside, folder, last)?;
    Err(FileFault::Changed)
}

/// Renames where nothing may be at the new name.
fn move_to_nothing(from: impl AsFd, name: &str, to: impl AsFd, new: &str) -> Result<(), FileFault> {
    match rustix::fs::renameat_with(&from, name, &to, new, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            match rustix::fs::statat(&to, new, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => Ok(rustix::fs::renameat(&from, name, &to, new)?),
                Ok(_) => Err(FileFault::Changed),
                Err(errno) => Err(errno.into()),
            }
        }
        other => Ok(other?),
    }
}

/// The file, where its time of change is still this one.
fn compare(folder: &Parent<'_>, last: &str, stamp: u64) -> Result<Stat, FileFault> {
    match rustix::fs::statat(folder, last, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if kind(&stat) == FileType::RegularFile && changed_ns(&stat) == stamp => Ok(stat),
        Ok(_) | Err(Errno::NOENT) => Err(FileFault::Changed),
        Err(errno) => Err(errno.into()),
    }
}

/// Whether what came out is what was compared. Renaming moves the time of
/// change, so the time of the data stands for it here.
fn same(before: &Stat, out: &Stat) -> bool {
    (before.st_ino, modified_ns(before), size(before)) == (out.st_ino, modified_ns(out), size(out))
}

/// Nothing, or a file: a link or a folder isn't written over.
fn replaceable(folder: &Parent<'_>, last: &str) -> Result<(), FileFault> {
    match rustix::fs::statat(folder, last, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if kind(&stat) != FileType::RegularFile => {
            Err(FileFault::Denied(format!("{last} is there and is no regular file")))
        }
        Ok(_) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Removes what a crash left of our temporary files: those that are old, since
/// another process may be at work on a fresh one.
pub(super) fn sweep(folder: impl AsFd, names: &[String], now: Duration) {
    let before = u64::try_from(now.saturating_sub(LEFT_OVER).as_nanos()).unwrap_or_default();
    for name in names {
        let stat = rustix::fs::statat(&folder, name.as_str(), AtFlags::SYMLINK_NOFOLLOW);
        if stat.is_ok_and(|stat| kind(&stat) == FileType::RegularFile && changed_ns(&stat) < before) {
            rustix::fs::unlinkat(&folder, name.as_str(), AtFlags::empty()).unwrap_or_default();
        }
    }
}

fn stamp(stat: &Stat) -> Stamp {
    Stamp { changed_ns: changed_ns(stat), file_id: stat.st_ino }
}

/// What can't be removed now is swept later; it shows in no listing.
fn discard(root: &OwnedFd, temporary: &str) {
    rustix::fs::unlinkat(root, temporary, AtFlags::empty()).unwrap_or_default();
}
