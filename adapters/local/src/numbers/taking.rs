//! Taking in what the folder keeps, where the store doesn't know it: the store
//! is new or was put back, or the folder was.

use std::collections::{BTreeMap, BTreeSet};

use ferry_adapter::model::Fault;
use ferry_adapter::outside::Outside;

use super::{Line, NUMBERS, SAID_MAX, parse};
use crate::index::Row;
use crate::scan::LISTING;
use crate::session::{Session, present};

impl<O: Outside> Session<'_, O> {
    /// Makes store and folder know the same. Where the folder is ahead it is
    /// right; where the store is, for as long as its files are there.
    pub fn take_in(&self) -> Result<(), Fault> {
        let head = self.head.borrow().clone();
        let there = self.names_there()?;
        let lines = self.lines(head.next, &there)?;
        let ahead = self.meta.borrow().count > head.count;
        self.index.load(&lines.keys().copied().collect::<Vec<_>>())?;
        let known = |name: &String| there.contains(name);
        for (number, line) in &lines {
            let old = self.index.row(*number)?;
            let stays = old.as_ref().is_some_and(|old| old.name != line.name && ahead && known(&old.name));
            // A file that nobody knows any more may have another name by now.
            if stays || old.is_some() && !known(&line.name) {
                self.index.note(*number);
                continue;
            }
            let row = merged(old.clone().unwrap_or_default(), line, old.is_none());
            self.index.set_row(*number, &row, old.as_ref(), |name| self.says(name, *number));
        }
        self.note_lacking(&lines)?;
        let highest = lines.keys().next_back().map_or(0, |number| number.saturating_add(1));
        {
            let mut meta = self.meta.borrow_mut();
            meta.next = meta.next.max(head.next).max(highest);
            meta.count = head.count;
            meta.state = Some(head.state);
        }
        // What Ferry itself made says in its file which effect did.
        self.catch_up()
    }

    /// Everything that the folder keeps, of the numbers that can be.
    fn lines(&self, next: u64, there: &BTreeSet<String>) -> Result<BTreeMap<u64, Line>, Fault> {
        let mut lines = BTreeMap::new();
        let block = |name: &String| Some((name.strip_prefix(NUMBERS)?.parse::<u64>().ok()?, name.clone()));
        let files: BTreeMap<u64, String> = there.iter().filter_map(block).collect();
        let files: Vec<String> = files.into_values().collect();
        for some in files.chunks(16) {
            for read in self.outside.read_files(some) {
                if let Some((_, bytes)) = present(Some(read))? {
                    lines.extend(parse(&bytes));
                }
            }
        }
        lines.retain(|number, _| *number <= SAID_MAX || *number < next);
        Ok(lines)
    }

    /// Notes what the store knows and the folder doesn't keep.
    fn note_lacking(&self, lines: &BTreeMap<u64, Line>) -> Result<(), Fault> {
        let mut from = 0;
        loop {
            let rows = self.index.rows(from, LISTING)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            from = *last;
            for (number, row) in rows {
                if !lines.contains_key(&number) && Line::of(&row).is_some() {
                    self.index.note(number);
                }
            }
        }
    }

    /// The names of the folder's files.
    pub fn names_there(&self) -> Result<BTreeSet<String>, Fault> {
        let mut names = BTreeSet::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.outside.entries("", None, after.as_deref(), LISTING)?;
            let last = page.len() < LISTING as usize;
            after = page.last().map(|entry| entry.name.clone());
            names.extend(page.into_iter().filter(|entry| !entry.folder).map(|entry| entry.name));
            if last {
                return Ok(names);
            }
        }
    }
}

/// A row with what a line says of it.
fn merged(old: Row, line: &Line, new: bool) -> Row {
    let newer = new || line.comments >= old.comments;
    let (file_id, title) = if new { (line.file_id, line.title) } else { (old.file_id, old.title) };
    Row {
        name: line.name.clone(),
        file_id,
        title,
        by_hand: line.created_ns > 0,
        created_ns: if line.created_ns > 0 { line.created_ns } else { old.created_ns },
        comments: old.comments.max(line.comments),
        loose: if newer { line.loose.clone() } else { old.loose.clone() },
        ..old
    }
}
