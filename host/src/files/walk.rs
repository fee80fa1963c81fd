//! From a name to a descriptor, part by part, through folders that are no
//! links.
//!
//! `openat2` could do a whole name at once, but only on Linux and not in every
//! container; names here have one or two parts, and this way does the same
//! everywhere.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::{FileFault, kind};

/// A name, in bytes, as the kernel takes it.
const NAME_BYTES_MAX: usize = 4095;

/// The folder that a name lies in.
pub(super) enum Parent<'a> {
    /// The granted folder.
    Root(BorrowedFd<'a>),
    /// One inside.
    Inside(OwnedFd),
}

impl AsFd for Parent<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Root(folder) => *folder,
            Self::Inside(folder) => folder.as_fd(),
        }
    }
}

/// The name of the folder that a name lies in; empty for the granted one.
pub(super) fn parent_name(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The folder that a name lies in, and its last part.
pub(super) fn parent<'a, 'n>(root: &'a OwnedFd, name: &'n str) -> Result<(Parent<'a>, &'n str), FileFault> {
    check(name)?;
    let (folders, last) = name.rsplit_once('/').unwrap_or(("", name));
    Ok((folder(root, folders)?, last))
}

/// A folder by its name; the empty name is the granted one.
pub(super) fn folder<'a>(root: &'a OwnedFd, name: &str) -> Result<Parent<'a>, FileFault> {
    let mut at = Parent::Root(root.as_fd());
    if name.is_empty() {
        return Ok(at);
    }
    check(name)?;
    for piece in name.split('/') {
        at = Parent::Inside(step(&at, piece)?);
    }
    Ok(at)
}

/// Makes the folders on the way to a name; answers the names of those whose
/// content changed by it.
pub(super) fn make_folders(root: &OwnedFd, name: &str) -> Result<Vec<String>, FileFault> {
    check(name)?;
    let mut changed = Vec::new();
    let folders = parent_name(name);
    if folders.is_empty() || folder(root, folders).is_ok() {
        return Ok(changed);
    }
    let mut at = Parent::Root(root.as_fd());
    let mut so_far = String::new();
    for piece in folders.split('/') {
        match rustix::fs::mkdirat(&at, piece, Mode::from_raw_mode(0o777)) {
            Ok(()) => changed.push(so_far.clone()),
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        at = Parent::Inside(step(&at, piece)?);
        if !so_far.is_empty() {
            so_far.push('/');
        }
        so_far.push_str(piece);
    }
    Ok(changed)
}

/// A regular file, opened for reading.
pub(super) fn file(root: &OwnedFd, name: &str) -> Result<(File, Stat), FileFault> {
    let (folder, last) = parent(root, name)?;
    // A pipe must not make us wait before we see that it is one.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(&folder, last, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    if kind(&stat) == FileType::RegularFile { Ok((file.into(), stat)) } else { Err(FileFault::NotFound) }
}

fn step(at: &Parent<'_>, piece: &str) -> Result<OwnedFd, FileFault> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(at, piece, flags, Mode::empty())?)
}

/// No part of a name is empty or a way out; all of it is looked at before any
/// of it is walked.
fn check(name: &str) -> Result<(), FileFault> {
    let sound = |piece: &str| !matches!(piece, "" | "." | "..");
    if name.len() <= NAME_BYTES_MAX && !name.contains('\0') && name.split('/').all(sound) {
        return Ok(());
    }
    Err(FileFault::InvalidName(name.to_owned()))
}
