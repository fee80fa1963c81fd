//! Listings. The pages of one listing come from one look at the folder: to
//! read a folder of ten thousand anew for each hundred would cost the square.

use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;

use super::{Entry, FileFault, changed_ns, entry, kind, place};

/// Entries of one look; a larger folder takes several.
const SNAPSHOT_ENTRIES_MAX: usize = 16_384;

/// A look at a folder, from a name on.
#[derive(Debug)]
pub(super) struct Snapshot {
    folder: String,
    since_ns: Option<u64>,
    after: Option<String>,
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
            let wanted = after.is_none_or(|after| found > after);
            if place::temporary(found) {
                leftovers.push(found.to_owned());
                continue;
            }
            if !shown || !wanted || matches!(found, "." | "..") {
                continue;
            }
            let stat = match rustix::fs::statat(&folder, found, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                // Gone between the two looks.
                Err(Errno::NOENT) => continue,
                Err(errno) => return Err(errno.into()),
            };
            if matches!(kind(&stat), FileType::RegularFile | FileType::Directory)
                && since_ns.is_none_or(|since| changed_ns(&stat) >= since)
            {
                entries.push(entry(found.to_owned(), &stat));
            }
            if entries.len() >= SNAPSHOT_ENTRIES_MAX * 2 {
                entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
                entries.truncate(SNAPSHOT_ENTRIES_MAX);
                complete = false;
            }
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        if entries.len() > SNAPSHOT_ENTRIES_MAX {
            entries.truncate(SNAPSHOT_ENTRIES_MAX);
            complete = false;
        }
        let after = after.map(str::to_owned);
        Ok((Self { folder: name.to_owned(), since_ns, after, entries, complete }, leftovers))
    }

    /// Whether the page after this name can be answered from it.
    pub(super) fn continues(&self, folder: &str, since_ns: Option<u64>, after: &str) -> bool {
        let reaches = self.complete || self.entries.last().is_some_and(|last| last.name.as_str() > after);
        let begins = self.after.as_deref().is_none_or(|begin| begin <= after);
        self.folder == folder && self.since_ns == since_ns && begins && reaches
    }

    /// A page.
    pub(super) fn page(&self, after: Option<&str>, limit: u32) -> Vec<Entry> {
        let start = after.map_or(0, |after| self.entries.partition_point(|entry| entry.name.as_str() <= after));
        self.entries.iter().skip(start).take(limit as usize).cloned().collect()
    }
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
