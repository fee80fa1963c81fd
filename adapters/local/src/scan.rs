//! What changed since a cursor. The times of change say where to look, never
//! that nothing happened: a scan begins a little before the last one ended, a
//! clock that was set back makes it look at everything, and names that vanished
//! are missed by their count.

use std::collections::{BTreeMap, BTreeSet};

use ferry_adapter::model::{ChangePage, Departure, Fault, Reason};
use ferry_adapter::outside::{Entry, Outside};

use crate::cursor::{Cursor, Scan, Step};
use crate::index;
use crate::session::{Cache, Session};

/// Entries asked of the folder at a time; bounds memory.
pub const LISTING: u32 = 8192;

/// The same while there is no time to go by, and the folder looks at every file
/// that it shows: what the pages of one tick take.
const FIRST_LISTING: u32 = 512;

/// What a page's files may weigh together, in bytes; one always fits.
const PAGE_BYTES: u64 = 4 << 20;

/// Scans overlap by this much: clocks of file systems are coarse, and a file
/// may show up a moment after the time that it carries.
const OVERLAP_NS: u64 = 100_000_000;

/// After so long without a change the overlap is of no use any more.
const SETTLED_NS: u64 = 1_000_000_000;

/// A vanished file is a departure after so long: editors save by renaming.
const MISSING_NS: u64 = 1_000_000_000;

/// A listing that a page ended within.
pub struct Listing {
    since_ns: Option<u64>,
    after: String,
    entries: std::vec::IntoIter<Entry>,
    last: bool,
}

impl<O: Outside> Session<'_, O> {
    /// One page of changes.
    pub fn changes(&self, since: Option<&str>, limit: u32, cache: &mut Cache) -> Result<ChangePage, Fault> {
        let limit = limit.max(1);
        let mut cursor = self.begin(since)?;
        let mut page = ChangePage { issues: vec![], gone: vec![], unreadable: vec![], next: String::new(), more: true };
        if let Some(scan) = &mut cursor.scan
            && let Step::Files(after) = scan.step.clone()
        {
            let step = self.files_page(&after, cursor.since_ns, scan, limit, cache, &mut page)?;
            scan.step = step;
        }
        self.commit()?;
        if let Some(scan) = &mut cursor.scan
            && let Step::Gone(after) = &scan.step
        {
            let after = (!after.is_empty()).then_some(after.as_slice());
            let found = self.index.gone(cursor.floor_ns, after, limit)?;
            let more = found.len() >= limit as usize;
            for (key, number) in found {
                // It may have come back.
                if self.index.row(number)?.is_none() {
                    page.gone.push(Departure { issue: number.to_string(), reason: Reason::Deleted });
                }
                scan.step = Step::Gone(key);
            }
            if !more {
                self.end(&mut cursor);
                page.more = false;
            }
        }
        let nothing = page.issues.is_empty() && page.gone.is_empty() && page.unreadable.is_empty();
        page.next = match since {
            // An idle scan leaves the cursor as it is: nothing has to be kept.
            Some(same) if !page.more && nothing && Cursor::parse(same).is_some_and(|c| is_at(&c, &cursor)) => {
                same.to_owned()
            }
            _ => cursor.render(),
        };
        Ok(page)
    }

    fn begin(&self, since: Option<&str>) -> Result<Cursor, Fault> {
        let known = since.map(|text| {
            Cursor::parse(text).ok_or_else(|| Fault::Other(format!("{text:?} isn't a cursor of this adapter")))
        });
        let known = known.transpose()?;
        let all = known.is_none();
        let mut cursor = known.unwrap_or_default();
        if cursor.scan.is_none() {
            let now_ns = self.outside.now_ns();
            let set_back = now_ns < cursor.mark_ns;
            cursor = Cursor {
                since_ns: if set_back { 0 } else { cursor.since_ns },
                floor_ns: if set_back { 0 } else { cursor.mark_ns },
                mark_ns: now_ns,
                scan: Some(Scan { all, high_ns: 0, hold_ns: u64::MAX, step: Step::Files(String::new()) }),
            };
        }
        Ok(cursor)
    }

    fn end(&self, cursor: &mut Cursor) {
        let Some(scan) = cursor.scan.take() else { return };
        let high_ns = scan.high_ns.max(cursor.since_ns.min(cursor.mark_ns));
        let settled = cursor.mark_ns > high_ns.saturating_add(SETTLED_NS);
        let next = if scan.high_ns == 0 {
            cursor.since_ns
        } else if settled {
            high_ns + 1
        } else {
            high_ns.min(cursor.mark_ns).saturating_sub(OVERLAP_NS)
        };
        cursor.since_ns = next.min(scan.hold_ns);
        if let Step::Gone(key) = &scan.step {
            let told_ns = index::time_in(key).unwrap_or(0);
            cursor.mark_ns = cursor.mark_ns.max(told_ns.saturating_add(1));
        }
    }

    /// Files of one page; answers the step that comes next.
    fn files_page(
        &self,
        after: &str,
        since_ns: u64,
        scan: &mut Scan,
        limit: u32,
        cache: &mut Cache,
        page: &mut ChangePage,
    ) -> Result<Step, Fault> {
        let since = (since_ns > 0).then_some(since_ns);
        let mut listing = self.listing(after, since, cache)?;
        let mut names = BTreeSet::new();
        let mut folders = BTreeMap::new();
        let (limit, mut weight) = (limit as usize, 0);
        let mut loaded = 0;
        while names.len() < limit && weight < PAGE_BYTES {
            let Some(entry) = listing.entries.as_slice().first().cloned() else {
                if listing.last {
                    break;
                }
                listing = self.listing(&listing.after, since, &mut Cache::default())?;
                loaded = 0;
                continue;
            };
            if loaded == 0 {
                let ahead = listing.entries.as_slice();
                loaded = ahead.len().min(limit);
                self.load(ahead.get(..loaded).unwrap_or(ahead))?;
            }
            loaded -= 1;
            listing.entries.next();
            listing.after.clone_from(&entry.name);
            scan.high_ns = scan.high_ns.max(entry.changed_ns);
            let Some(name) = self.of_interest(&entry, scan.all)? else { continue };
            names.insert(name);
            if entry.folder {
                folders.insert(entry.name, entry.changed_ns);
            } else {
                weight += entry.size;
            }
        }
        let done = listing.last && listing.entries.len() == 0;
        let next = listing.after.clone();
        cache.listing = (!done).then_some(listing);
        self.look_at(names, &folders, scan, page)?;
        if !done {
            return Ok(Step::Files(next));
        }
        self.departures(scan, since_ns)?;
        Ok(Step::Gone(Vec::new()))
    }

    fn look_at(
        &self,
        names: BTreeSet<String>,
        folders: &BTreeMap<String, u64>,
        scan: &mut Scan,
        page: &mut ChangePage,
    ) -> Result<(), Fault> {
        let names: Vec<String> = names.into_iter().collect();
        if names.is_empty() {
            return Ok(());
        }
        for (name, read) in names.iter().zip(self.outside.read_files(&names)) {
            let stem = name.strip_suffix(".md").unwrap_or(name);
            let folder = folders.get_key_value(stem);
            let seen = match &read {
                Ok((entry, bytes)) => {
                    let entry = Entry { name: name.clone(), ..entry.clone() };
                    self.look(&entry, bytes, folder.map(|(name, _)| name.as_str()))?
                }
                Err(fault) => match self.entry(name)? {
                    Some(entry) => self.look_unread(&entry, fault)?,
                    None => None,
                },
            };
            let Some(seen) = seen else { continue };
            if seen.unfinished {
                // The next scan looks again, whichever of the two led here.
                let led_ns = folder.map_or(seen.row.changed_ns, |(_, changed_ns)| *changed_ns);
                scan.hold_ns = scan.hold_ns.min(led_ns);
            }
            self.index.clear_missing(seen.number);
            if seen.own && !scan.all {
                continue;
            }
            match seen.result {
                Ok(issue) => page.issues.push(issue),
                Err(ref reason) => {
                    page.unreadable.push(seen.unreadable(self.project.issue_key(seen.number), reason.clone()));
                }
            }
        }
        Ok(())
    }

    /// A file's entry, where its content can't be had.
    fn entry(&self, name: &str) -> Result<Option<Entry>, Fault> {
        // The entry after the greatest name before it.
        let before = name.get(..name.len().saturating_sub(1)).unwrap_or_default();
        let after = (!before.is_empty()).then_some(before);
        let found = self.outside.entries("", None, after, 1000)?;
        Ok(found.into_iter().find(|entry| entry.name == name))
    }

    fn load(&self, entries: &[Entry]) -> Result<(), Fault> {
        let numbers: Vec<u64> = entries.iter().filter_map(|entry| self.number_in(&entry.name)).collect();
        self.index.load(&numbers)
    }

    /// The issue's file that an entry makes us look at.
    fn of_interest(&self, entry: &Entry, all: bool) -> Result<Option<String>, Fault> {
        if entry.folder {
            let name = format!("{}.md", entry.name);
            return Ok((!entry.name.starts_with('.') && self.project.is_issue(&name)).then_some(name));
        }
        if !self.project.is_issue(&entry.name) {
            return Ok(None);
        }
        if !all
            && let Some(number) = self.by_name(&entry.name)?
            && let Some(row) = self.index.row(number)?
        {
            let same = (row.file_id, row.changed_ns, row.size) == (entry.file_id, entry.changed_ns, entry.size);
            if same && row.writer.as_deref() == Some(self.synchronization.as_str()) {
                return Ok(None);
            }
        }
        Ok(Some(entry.name.clone()))
    }

    fn listing(&self, after: &str, since_ns: Option<u64>, cache: &mut Cache) -> Result<Listing, Fault> {
        if let Some(kept) = cache.listing.take()
            && kept.since_ns == since_ns
            && kept.after == after
            && !after.is_empty()
        {
            return Ok(kept);
        }
        let from = (!after.is_empty()).then_some(after);
        let limit = if since_ns.is_some() { LISTING } else { FIRST_LISTING };
        let entries = self.outside.entries("", since_ns, from, limit)?;
        let last = entries.len() < limit as usize;
        Ok(Listing { since_ns, after: after.to_owned(), entries: entries.into_iter(), last })
    }

    /// Files that vanished: missing at first, departures when they stay away.
    fn departures(&self, scan: &mut Scan, since_ns: u64) -> Result<(), Fault> {
        let now_ns = self.outside.now_ns();
        for (number, since_ns) in self.index.missing()? {
            let Some(row) = self.index.row(number)? else { continue };
            if self.is_there(&row)? {
                self.index.clear_missing(number);
            } else if now_ns.saturating_sub(since_ns) >= MISSING_NS || now_ns < since_ns {
                self.index.remove_row(number, &row);
                self.index.set_gone(number, now_ns);
            }
        }
        let files = self.outside.count_files("", ".md")?;
        if !scan.all && files == self.meta.borrow().files {
            return Ok(());
        }
        if let Some(oldest_ns) = self.reconcile(now_ns)?.filter(|oldest_ns| *oldest_ns < since_ns) {
            scan.hold_ns = scan.hold_ns.min(oldest_ns);
        }
        self.meta.borrow_mut().files = files;
        Ok(())
    }

    /// Whether a file that isn't there was missed before already: editors save by
    /// renaming, and it may be back in a moment.
    pub fn stays_away(&self, number: u64) -> Result<bool, Fault> {
        let now_ns = self.outside.now_ns();
        let since_ns = self.index.missing_since(number)?;
        if since_ns.is_none() {
            self.index.set_missing(number, now_ns);
        }
        Ok(since_ns.is_some_and(|since_ns| now_ns.saturating_sub(since_ns) >= MISSING_NS))
    }

    /// Compares every name with the index; answers the oldest time of change
    /// among files that it didn't know.
    fn reconcile(&self, now_ns: u64) -> Result<Option<u64>, Fault> {
        let mut names = self.names_there()?;
        self.commit()?;
        let missing: BTreeSet<u64> = self.index.missing()?.into_iter().map(|(number, _)| number).collect();
        let mut from = 0;
        loop {
            let rows = self.index.rows(from, LISTING)?;
            let Some((last, _)) = rows.last() else { break };
            from = *last;
            for (number, row) in &rows {
                if !names.remove(&row.name) && !missing.contains(number) {
                    self.index.set_missing(*number, now_ns);
                }
            }
        }
        // Files that carry an old time of change: unpacked or moved from
        // elsewhere on file systems that tell nothing of it.
        self.unknown(names)
    }

    fn unknown(&self, names: BTreeSet<String>) -> Result<Option<u64>, Fault> {
        let mut oldest_ns = None;
        let names: Vec<String> = names.into_iter().filter(|name| self.project.is_issue(name)).collect();
        for chunk in names.chunks(100) {
            for (name, read) in chunk.iter().zip(self.outside.read_files(chunk)) {
                if let Ok((entry, bytes)) = read {
                    let entry = Entry { name: name.clone(), ..entry };
                    if let Some(seen) = self.look(&entry, &bytes, None)? {
                        self.index.clear_missing(seen.number);
                        let changed_ns = seen.row.changed_ns;
                        oldest_ns = Some(oldest_ns.map_or(changed_ns, |oldest: u64| oldest.min(changed_ns)));
                    }
                }
            }
        }
        Ok(oldest_ns)
    }

    /// Takes files into the index that it doesn't know: what was written just
    /// before a crash.
    pub fn catch_up(&self) -> Result<(), Fault> {
        self.reconcile(self.outside.now_ns()).map(|_| ())
    }
}

/// Whether two cursors stand at the same place.
fn is_at(one: &Cursor, other: &Cursor) -> bool {
    one.scan == other.scan && one.since_ns == other.since_ns && one.mark_ns <= other.mark_ns
}
