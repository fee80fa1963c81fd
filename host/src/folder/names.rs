//! Names of parcels, and listings of those that are ones.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::fs::{AtFlags, Dir, FileType, Stat};
use rustix::io::Errno;

use super::{ChannelFault, fault};

/// A name, in bytes.
const NAME_BYTES_MAX: usize = 120;

/// What is known of a file without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) size: u64,
    pub(super) modified_ns: i128,
    pub(super) changed_ns: i128,
}

/// Only plain names, which mean the same on every file system.
pub(super) fn check(name: &str) -> Result<(), ChannelFault> {
    if plain(name.as_bytes()) {
        return Ok(());
    }
    Err(ChannelFault::Other(format!("{name:?} is no name of a parcel")))
}

/// `[a-z0-9-]` and one extension: no dot files, no `~`, no paths, and no names
/// that are unfinished by convention.
fn plain(name: &[u8]) -> bool {
    let word =
        |part: &[u8]| !part.is_empty() && part.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let mut parts = name.splitn(2, |byte| *byte == b'.');
    let (stem, extension) = (parts.next().unwrap_or_default(), parts.next());
    name.len() <= NAME_BYTES_MAX
        && word(stem)
        && extension.is_none_or(|extension| word(extension) && !matches!(extension, b"tmp" | b"part" | b"filepart"))
}

/// The names of parcels that begin with the token, in order.
pub(super) fn list(folder: &OwnedFd, token: &str) -> Result<Vec<String>, ChannelFault> {
    let failed = |errno| fault::of(errno, "list the exchange directory");
    let mut names = Vec::new();
    for entry in Dir::read_from(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_bytes();
        let kind = entry.file_type();
        if name.starts_with(token.as_bytes())
            && plain(name)
            && matches!(kind, FileType::RegularFile | FileType::Unknown)
        {
            names.push(String::from_utf8_lossy(name).into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// At most `limit` of the names after one, with what is known of them; what
/// vanished meanwhile, or is no regular file, is left out.
pub(super) fn page<'a>(
    folder: &OwnedFd,
    names: &'a [String],
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<(&'a str, Seen)>, ChannelFault> {
    let start = after.map_or(0, |after| names.partition_point(|name| name.as_str() <= after));
    let mut found = Vec::new();
    for name in names.get(start..).unwrap_or_default() {
        if found.len() as u64 == u64::from(limit) {
            break;
        }
        match rustix::fs::statat(folder, name.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if regular(&stat) => found.push((name.as_str(), seen(&stat))),
            Ok(_) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(fault::of(errno, "look at a parcel")),
        }
    }
    Ok(found)
}

/// Removes files whose names fit and whose names or contents last changed
/// before a time; whatever can't be removed stays.
pub(super) fn remove_older(folder: &OwnedFd, before: Duration, fits: impl Fn(&str) -> bool) {
    let before = i128::try_from(before.as_nanos()).unwrap_or(i128::MAX);
    let Ok(entries) = Dir::read_from(folder) else { return };
    for entry in entries.flatten() {
        let Some(name) = entry.file_name().to_str().ok().filter(|name| fits(name)) else { continue };
        let old = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| regular(&stat) && seen(&stat).changed_ns < before);
        if old {
            rustix::fs::unlinkat(folder, name, AtFlags::empty()).unwrap_or_default();
        }
    }
}

fn regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

fn seen(stat: &Stat) -> Seen {
    let nanoseconds = |seconds: i64, rest: i128| i128::from(seconds) * 1_000_000_000 + rest;
    Seen {
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        modified_ns: nanoseconds(stat.st_mtime, i128::from(stat.st_mtime_nsec)),
        changed_ns: nanoseconds(stat.st_ctime, i128::from(stat.st_ctime_nsec)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finished_plain_names_are_parcels() {
        for name in ["0af-1.ferry", "a", "a-b.pgp"] {
            assert!(check(name).is_ok(), "{name}");
        }
        let long = "a".repeat(NAME_BYTES_MAX + 1);
        let bad = [
            "",
            ".",
            "..",
            ".a",
            "a.",
            "a/b",
            "../a",
            "A",
            "a~",
            "a b",
            "a.tmp",
            "a.part",
            "a.filepart",
            "a.b.c",
            "ä",
            "a (conflict).ferry",
            &long,
        ];
        for name in bad {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
