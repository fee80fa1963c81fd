//! A batch of changes: contents first, to disk; then the names, in order; then
//! the names to disk. Two waits for the disk, however many files.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};

use super::place::{self, Staged};
use super::{Change, Content, FileFault, Stamp, kind, sync, walk};
use crate::blobs::Blobs;
use crate::random::{Random, hex_name};

/// Changes that share the waits: each holds a descriptor meanwhile.
const BATCH: usize = 256;

/// Carries them out; one answer for each, in order.
pub(super) fn apply(
    root: &OwnedFd,
    changes: &[Change],
    blobs: &Blobs,
    random: &dyn Random,
) -> Vec<Result<Stamp, FileFault>> {
    changes.chunks(BATCH).flat_map(|batch| apply_batch(root, batch, blobs, random)).collect()
}

fn apply_batch(
    root: &OwnedFd,
    changes: &[Change],
    blobs: &Blobs,
    random: &dyn Random,
) -> Vec<Result<Stamp, FileFault>> {
    let mut staged: Vec<_> = changes.iter().map(|change| stage(root, change, blobs, random)).collect();
    let files: Vec<&File> = staged.iter().flatten().flatten().map(|staged| &staged.file).collect();
    if let Err(fault) = sync::contents(root, files.into_iter()) {
        staged
            .iter_mut()
            .filter(|staged| matches!(staged, Ok(Some(_))))
            .for_each(|staged| *staged = Err(fault.clone()));
    }

    let mut touched = Vec::new();
    let mut answers: Vec<_> = changes
        .iter()
        .zip(staged)
        .map(|(change, staged)| change_name(root, change, staged?.as_mut(), &mut touched, random))
        .collect();

    if let Err(fault) = sync::folders(root, touched) {
        let reason = FileFault::Other(format!("it was changed, but may not survive a power cut: {fault}"));
        answers.iter_mut().filter(|answer| answer.is_ok()).for_each(|answer| *answer = Err(reason.clone()));
    }
    answers
}

/// Writes the new content beside everything else, under a name of our own. A
/// staged file removes itself where it didn't find its place.
fn stage<'a>(
    root: &'a OwnedFd,
    change: &Change,
    blobs: &Blobs,
    random: &dyn Random,
) -> Result<Option<Staged<'a>>, FileFault> {
    let Change::Write { name, content, .. } = change else { return Ok(None) };
    let before = existing_mode(root, name)?;
    let temporary = format!("{}{}{}", place::PREFIX, hex_name(random, 8)?, place::SUFFIX);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // Never more open than what it replaces, not even while it is written.
    let mode = before.unwrap_or(Mode::from_raw_mode(0o666));
    let file = File::from(rustix::fs::openat(root, temporary.as_str(), flags, mode)?);
    let mut staged = Staged { root, temporary, file, placed: false };
    match content {
        Content::Bytes(bytes) => staged.file.write_all(bytes)?,
        Content::Blob(blob) => {
            io::copy(&mut blobs.file(blob)?, &mut staged.file)?;
        }
    }
    if let Some(mode) = before {
        rustix::fs::fchmod(staged.file.as_fd(), mode)?;
    }
    Ok(Some(staged))
}

/// The mode of the file that is to be replaced, where there is one.
fn existing_mode(root: &OwnedFd, name: &str) -> Result<Option<Mode>, FileFault> {
    let stat = match walk::parent(root, name) {
        Ok((folder, last)) => rustix::fs::statat(&folder, last, AtFlags::SYMLINK_NOFOLLOW),
        Err(FileFault::NotFound) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    let regular = stat.ok().filter(|stat| kind(stat) == FileType::RegularFile);
    Ok(regular.map(|stat| Mode::from_raw_mode(stat.st_mode & 0o777)))
}

fn change_name(
    root: &OwnedFd,
    change: &Change,
    staged: Option<&mut Staged<'_>>,
    touched: &mut Vec<String>,
    random: &dyn Random,
) -> Result<Stamp, FileFault> {
    match (change, staged) {
        (Change::Write { name, expected, .. }, Some(staged)) => {
            touched.extend(walk::make_folders(root, name)?);
            // The granted folder too: the temporary name was there.
            touched.extend([String::new(), walk::parent_name(name).to_owned()]);
            staged.place(name, *expected)
        }
        (Change::Write { .. }, None) => Err(FileFault::Other("nothing was written".to_owned())),
        (Change::Remove { name, expected }, _) => {
            touched.push(walk::parent_name(name).to_owned());
            place::remove(root, name, *expected, random)
        }
        (Change::Rename { name, to }, _) => {
            touched.extend(walk::make_folders(root, to)?);
            touched.extend([walk::parent_name(name).to_owned(), walk::parent_name(to).to_owned()]);
            place::rename(root, name, to)
        }
    }
}
