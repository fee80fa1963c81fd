//! To disk, with as few waits as it takes.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

use super::{FileFault, walk};

/// Up to so many files or folders are synced one by one; beyond, the whole
/// file system at once, which waits for other people's data too.
const SINGLY_MAX: usize = 4;

/// The contents of new files, before any name leads to them: after a power cut
/// a name must never lead to half a file.
pub(super) fn contents<'a>(root: &OwnedFd, files: impl ExactSizeIterator<Item = &'a File>) -> Result<(), FileFault> {
    if files.len() > SINGLY_MAX {
        return Ok(rustix::fs::syncfs(root)?);
    }
    for file in files {
        file.sync_all()?;
    }
    Ok(())
}

/// The names, after they changed. Folders that are gone again need nothing.
pub(super) fn folders(root: &OwnedFd, mut changed: Vec<String>) -> Result<(), FileFault> {
    changed.sort_unstable();
    changed.dedup();
    if changed.len() > SINGLY_MAX {
        return Ok(rustix::fs::syncfs(root)?);
    }
    for name in changed {
        match walk::folder(root, &name) {
            Ok(folder) => rustix::fs::fsync(folder.as_fd())?,
            Err(FileFault::NotFound) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
