//! Listings. The pages of one listing come from one look at the folder: to
//! read a folder of ten thousand anew for each hundred would cost the square.

use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;

use super::{Entry, FileFault, entry, kind, place};

/// Names of one look; a larger folder takes several.
const SNAPSHOT_NAMES_MAX: usize = 16_384;

/// A look at a folder, from a name on. Where nothing is asked of the times of
/// change, files are looked at when their page is: an adapter that takes a
/// thousand of many in each call pays for a thousand.
#[derive(Debug)]
pub(super) struct Snapshot {
    folder: String,
    since_ns: Option<u64>,
    after: Option<String>,
    /// In name order. Without `since_ns` only their names are known.
    entries: Vec<Entry>,
    /// Whether the folder ends here.
    complete: bool,
}

impl Snapshot {
    /// Looks; answers also the temporary names that it came by.
    pub(super) fn take(
        folder: impl AsFd,
        name: &str,
        since_ns: Option<u64>,
        after: Option<&str>,
    ) -> Result<(Self, Vec<String>), FileFault> {
        let mut entries = Vec::new();
        let mut leftovers = Vec::new();
        let mut complete = true;
        for item in Dir::read_from(&folder)? {
            let item = item?;
            // Names that aren't UTF-8 can't be asked for, so they aren't shown.
            let Ok(found) = item.file_name().to_str() else { continue };
            let shown = matches!(item.file_type(), FileType::RegularFile | FileType::Directory | FileType::Unknown);
            if place::temporary(found) {
                leftovers.push(found.to_owned());
            } else if shown && after.is_none_or(|after| found > after) && !matches!(found, "." | "..") {
                entries.extend(match since_ns {
                    Some(since) => look(&folder, found)?.filter(|entry| entry.changed_ns >= since),
                    None => Some(unseen(found)),
                });
            }
            if entries.len() >= SNAPSHOT_NAMES_MAX * 2 {
                complete &= shorten(&mut entries);
            }
        }
        complete &= shorten(&mut entries);
        let after = after.map(str::to_owned);
        Ok((Self { folder: name.to_owned(), since_ns, after, entries, complete }, leftovers))
    }

    /// Whether what comes after this name can be answered from it.
    pub(super) fn continues(&self, folder: &str, since_ns: Option<u64>, after: &str) -> bool {
        let reaches = self.complete || self.end().is_some_and(|end| end > after);
        let begins = self.after.as_deref().is_none_or(|begin| begin <= after);
        self.folder == folder && self.since_ns == since_ns && begins && reaches
    }

    /// The name where it ends, where the folder doesn't.
    pub(super) fn end(&self) -> Option<&str> {
        if self.complete { None } else { self.entries.last().map(|last| last.name.as_str()) }
    }

    /// At most `limit` entries after a name; fewer only at its end.
    pub(super) fn page(&self, folder: impl AsFd, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, FileFault> {
        let start = after.map_or(0, |after| self.entries.partition_point(|entry| entry.name.as_str() <= after));
        let rest = self.entries.iter().skip(start);
        if self.since_ns.is_some() {
            return Ok(rest.take(limit).cloned().collect());
        }
        let looked = rest.filter_map(|entry| look(&folder, &entry.name).transpose());
        looked.take(limit).collect()
    }
}

/// In name order, and no more than a look may keep; answers whether it kept
/// all.
fn shorten(entries: &mut Vec<Entry>) -> bool {
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let all = entries.len() <= SNAPSHOT_NAMES_MAX;
    entries.truncate(SNAPSHOT_NAMES_MAX);
    all
}

/// A file or folder; none where it is gone, or something else.
fn look(folder: impl AsFd, name: &str) -> Result<Option<Entry>, FileFault> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if matches!(kind(&stat), FileType::RegularFile | FileType::Directory) => {
            Ok(Some(entry(name.to_owned(), &stat)))
        }
        // Gone between the two looks, or never ours to show.
        Ok(_) | Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// A name that isn't looked at yet.
fn unseen(name: &str) -> Entry {
    Entry { name: name.to_owned(), size: 0, modified_ns: 0, changed_ns: 0, file_id: 0, folder: false }
}

/// How many regular files have a name that ends like this.
pub(super) fn count(folder: impl AsFd, suffix: &str) -> Result<u64, FileFault> {
    let mut files = 0;
    for item in Dir::read_from(&folder)? {
        let item = item?;
        let Ok(name) = item.file_name().to_str() else { continue };
        if !name.ends_with(suffix) || place::temporary(name) {
            continue;
        }
        let kind = match item.file_type() {
            // Some file systems don't say it in the listing.
            FileType::Unknown => rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| kind(&stat)),
            known => Ok(known),
        };
        files += u64::from(kind == Ok(FileType::RegularFile));
    }
    Ok(files)
}
