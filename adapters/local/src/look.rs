//! A look at one file: which issue it is, and what it says.

use ferry_adapter::model::{Fault, Issue, UnreadableIssue};
use ferry_adapter::outside::{Entry, FileFault, Outside};

use crate::attachments::{self, File};
use crate::document::{self, Document};
use crate::front::Broken;
use crate::index::{Row, digest, short};
use crate::issue;
use crate::marker::Marker;
use crate::numbers::SAID_MAX;
use crate::session::Session;

/// A file that changed this long ago may be in the middle of being written.
const SAVING_NS: u64 = 20_000_000;

/// A dropped file is an attachment once it was left alone so long.
const DROPPING_NS: u64 = 200_000_000;

/// What a look found.
pub struct Seen {
    /// The issue's number.
    pub number: u64,
    /// Its row now.
    pub row: Row,
    /// What the file says, or why it can't be understood.
    pub result: Result<Issue, String>,
    /// Whether it stands as this synchronization wrote it.
    pub own: bool,
    /// Whether a file among the attachments is still on its way.
    pub unfinished: bool,
}

impl Seen {
    /// The reason as the interface has it.
    pub fn unreadable(&self, key: String, reason: String) -> UnreadableIssue {
        UnreadableIssue { issue: self.number.to_string(), key, reason }
    }
}

/// Whose a file is.
struct Whose {
    number: u64,
    old: Option<Row>,
    /// The file that is the issue which this one says it is.
    copy_of: Option<String>,
}

impl<O: Outside> Session<'_, O> {
    /// Looks at a file; none where it is empty and never was an issue.
    pub fn look(&self, entry: &Entry, bytes: &[u8], folder: Option<&str>) -> Result<Option<Seen>, Fault> {
        if self.is_being_saved(entry, bytes)? {
            while self.outside.now_ns().saturating_sub(entry.changed_ns) < SAVING_NS {}
            if let Some(Ok((entry, bytes))) = self.outside.read_files(std::slice::from_ref(&entry.name)).pop() {
                return self.look_settled(&entry, &bytes, folder);
            }
        }
        self.look_settled(entry, bytes, folder)
    }

    /// Whether a program may be writing it: what it said before is cut off.
    fn is_being_saved(&self, entry: &Entry, bytes: &[u8]) -> Result<bool, Fault> {
        if self.outside.now_ns().saturating_sub(entry.changed_ns) >= SAVING_NS {
            return Ok(false);
        }
        let Some(row) = self.by_name(&entry.name)?.map(|number| self.index.row(number)).transpose()?.flatten() else {
            return Ok(false);
        };
        if row.file_id != entry.file_id {
            return Ok(false);
        }
        let comments = std::str::from_utf8(bytes).ok().and_then(|text| document::parse(text).ok());
        Ok(comments.is_none_or(|document| (document.comments.len() as u64) < row.comment_count))
    }

    fn look_settled(&self, entry: &Entry, bytes: &[u8], folder: Option<&str>) -> Result<Option<Seen>, Fault> {
        let parsed = parse(bytes);
        let key = match &parsed {
            Ok(document) => self.key(document),
            Err(_) => Ok(None),
        };
        let digest = digest(bytes);
        let title = parsed.as_ref().map_or(0, |document| short(document.title()));
        let empty = bytes.iter().all(u8::is_ascii_whitespace);
        if empty && self.by_name(&entry.name)?.is_none() {
            return Ok(None);
        }
        let whose = self.whose(entry, key.as_ref().ok().copied().flatten(), digest, title)?;
        let marks = parsed.as_ref().map_or(&[][..], |document| &document.attachments);
        let (files, folder, unfinished) = self.files(whose.old.as_ref(), &entry.name, folder, marks)?;
        let listed = files.iter().map(|file| (file.name.as_str(), file.size));
        let revision = format!("{digest:032x}{}", attachments::revision(listed));
        let old = whose.old.as_ref();
        let own = old.is_some_and(|old| {
            old.revision == revision && old.writer.as_deref() == Some(self.synchronization.as_str())
        });
        let mut row = Row {
            name: entry.name.clone(),
            file_id: entry.file_id,
            changed_ns: entry.changed_ns,
            size: entry.size,
            digest,
            title,
            revision,
            keyed: matches!(key, Ok(Some(_))) && whose.copy_of.is_none(),
            writer: old.and_then(|old| old.writer.clone()).filter(|_| own),
            folder,
            ..old.cloned().unwrap_or_else(|| Row {
                created_ns: entry.modified_ns,
                by_hand: parsed.as_ref().map_or(true, |document| document.front.text("created").is_none()),
                ..Row::default()
            })
        };
        let number = whose.number;
        let result = match (&whose.copy_of, parsed, key) {
            _ if empty => Err("the file is empty: restore its text, or delete the file".to_owned()),
            (_, Err(broken), _) | (_, Ok(_), Err(broken)) => Err(told(&entry.name, &broken)),
            (Some(other), ..) => Err(format!(
                "{} says that it is {}, and so does {other}: delete one of them, or remove the lines key and \
                 effect from one to make it an issue of its own",
                entry.name,
                self.project.issue_key(self.number_of(other)?.unwrap_or(number)),
            )),
            (None, Ok(document), Ok(_)) => {
                if let Some(effect) = document.front.text("effect").filter(|_| old.is_none() && row.keyed) {
                    self.index.set_effect(effect, number);
                }
                let read = issue::issue(number, &document, &files, &mut row, entry.modified_ns, &self.project);
                // What is on its way may be one that was there before: it isn't gone.
                let incomplete = if unfinished { vec!["attachments".to_owned()] } else { Vec::new() };
                read.map(|issue| Issue { incomplete, ..issue }).map_err(|broken| told(&entry.name, &broken))
            }
        };
        self.index.set_row(number, &row, old, |name| self.says(name, number));
        if old.is_none() {
            self.meta.borrow_mut().files += 1;
        }
        Ok(Some(Seen { number, row, result, own, unfinished }))
    }

    /// A file that can't even be read.
    pub fn look_unread(&self, entry: &Entry, fault: &FileFault) -> Result<Option<Seen>, Fault> {
        let reason = match fault {
            FileFault::NotFound => return Ok(None),
            FileFault::TooLarge(limit) => {
                format!("{} is larger than {limit} bytes: make attachments of its larger parts", entry.name)
            }
            FileFault::Denied(why) => format!("{} can't be opened ({why}): let Ferry read it", entry.name),
            other => return Err(other.clone().into()),
        };
        let whose = self.whose(entry, None, 0, 0)?;
        let (number, old) = (whose.number, whose.old.as_ref());
        let stamp = (entry.name.clone(), entry.file_id, entry.changed_ns, entry.size);
        let new = || Row { created_ns: entry.modified_ns, by_hand: true, ..Row::default() };
        let mut row = old.cloned().unwrap_or_else(new);
        (row.name, row.file_id, row.changed_ns, row.size) = stamp;
        row.writer = None;
        self.index.set_row(number, &row, old, |name| self.says(name, number));
        Ok(Some(Seen { number, row, result: Err(reason), own: false, unfinished: false }))
    }

    /// The number of the issue that the file of that name was when last seen.
    pub fn by_name(&self, name: &str) -> Result<Option<u64>, Fault> {
        if let Some(number) = self.number_in(name)
            && self.index.row(number)?.is_some_and(|row| row.name == name)
        {
            return Ok(Some(number));
        }
        self.index.by_name(name)
    }

    fn number_of(&self, name: &str) -> Result<Option<u64>, Fault> {
        self.by_name(name)
    }

    fn key(&self, document: &Document<'_>) -> Result<Option<u64>, Broken> {
        let Some(key) = document.front.get("key") else { return Ok(None) };
        let number = match key {
            crate::front::FrontValue::Text(key) => self.project.number(key),
            _ => None,
        };
        let broken = |reason: String| {
            let reason = format!("{reason}; remove the line, and it gets a number of its own");
            Broken::at(document.front_line + document.front.line("key"), reason)
        };
        match number {
            Some(number) if self.may_have(number) => Ok(Some(number)),
            Some(_) => Err(broken(format!("key says a number above {SAID_MAX}, and no issue has that"))),
            None => Err(broken(format!("key has to be like {:?}", self.project.issue_key(12)))),
        }
    }

    /// Whether an issue may have the number that its file says: none that lies
    /// far above all that were given, since the next issue's would lie there.
    fn may_have(&self, number: u64) -> bool {
        number <= SAID_MAX || number < self.meta.borrow().next
    }

    /// The files of an issue's folder, the folder, and whether one is still on
    /// its way into it.
    pub fn files(
        &self,
        old: Option<&Row>,
        name: &str,
        folder: Option<&str>,
        marks: &[Marker],
    ) -> Result<(Vec<File>, Option<String>, bool), Fault> {
        let stem = name.strip_suffix(".md").unwrap_or(name);
        let known = old.and_then(|old| old.folder.as_deref());
        let moved = known.is_some_and(|known| known != stem).then_some(stem);
        for folder in folder.into_iter().chain(moved).chain(known) {
            if let Some(mut files) = attachments::list(self.outside, folder)? {
                let (now, all) = (self.outside.now_ns(), files.len());
                files.retain(|file| {
                    let age = now.checked_sub(file.modified_ns);
                    age.is_none_or(|age| age >= DROPPING_NS) || attachments::mark_of(marks, file).is_some()
                });
                let unfinished = files.len() < all;
                return Ok((files, Some(folder.to_owned()), unfinished));
            }
        }
        Ok((Vec::new(), None, false))
    }

    /// Which issue a file is: what it says itself, else the one that it was
    /// under this name, else the one that it was under another name which is
    /// gone, else a new one.
    fn whose(&self, entry: &Entry, key: Option<u64>, digest: u128, title: u64) -> Result<Whose, Fault> {
        let named = self.by_name(&entry.name)?;
        if let Some(key) = key {
            return self.whose_by_key(entry, key, named);
        }
        let candidates = [self.index.by_file(entry.file_id)?, self.index.by_digest(digest)?];
        for candidate in candidates.into_iter().flatten().filter(|candidate| Some(*candidate) != named) {
            let Some(row) = self.index.row(candidate)? else { continue };
            let alike = row.digest == digest || (row.title == title && row.file_id == entry.file_id);
            if alike && !self.is_there(&row)? {
                self.displace(named)?;
                return Ok(Whose { number: candidate, old: Some(row), copy_of: None });
            }
        }
        self.named_or_new(entry, named, None)
    }

    fn whose_by_key(&self, entry: &Entry, key: u64, named: Option<u64>) -> Result<Whose, Fault> {
        let old = self.index.row(key)?;
        if named == Some(key) {
            return Ok(Whose { number: key, old, copy_of: None });
        }
        if let Some(row) = &old
            && row.name != entry.name
            && self.is_still(key, row)?
        {
            return self.named_or_new(entry, named, Some(row.name.clone()));
        }
        self.displace(named)?;
        let mut meta = self.meta.borrow_mut();
        meta.next = meta.next.max(key.saturating_add(1));
        Ok(Whose { number: key, old, copy_of: None })
    }

    fn named_or_new(&self, entry: &Entry, named: Option<u64>, copy_of: Option<String>) -> Result<Whose, Fault> {
        if let Some(number) = named {
            return Ok(Whose { number, old: self.index.row(number)?, copy_of });
        }
        let said = match self.number_in(&entry.name) {
            Some(said) if self.may_have(said) && self.index.row(said)?.is_none() && copy_of.is_none() => Some(said),
            _ => None,
        };
        let mut meta = self.meta.borrow_mut();
        let number = said.unwrap_or(meta.next);
        meta.next = meta.next.max(number.saturating_add(1));
        Ok(Whose { number, old: None, copy_of })
    }

    /// Another issue's file took the place of this one's.
    fn displace(&self, number: Option<u64>) -> Result<(), Fault> {
        let Some(number) = number else { return Ok(()) };
        if let Some(old) = self.index.row(number)? {
            let row = Row { name: String::new(), ..old.clone() };
            self.index.set_row(number, &row, Some(&old), |name| self.says(name, number));
            self.index.set_missing(number, self.outside.now_ns());
        }
        Ok(())
    }

    /// Whether the file that a row tells of is still under its name.
    pub fn is_there(&self, row: &Row) -> Result<bool, Fault> {
        if row.name.is_empty() {
            return Ok(false);
        }
        match self.outside.read_files(std::slice::from_ref(&row.name)).pop() {
            Some(Ok(_)) | Some(Err(FileFault::TooLarge(_) | FileFault::Denied(_))) => Ok(true),
            Some(Err(FileFault::NotFound)) | None => Ok(false),
            Some(Err(fault)) => Err(fault.into()),
        }
    }

    /// Whether the file that a row tells of is still there and still that
    /// issue.
    fn is_still(&self, number: u64, row: &Row) -> Result<bool, Fault> {
        if row.name.is_empty() {
            return Ok(false);
        }
        match self.outside.read_files(std::slice::from_ref(&row.name)).pop() {
            Some(Ok((entry, bytes))) => {
                let key = parse(&bytes).ok().and_then(|document| self.key(&document).ok().flatten());
                Ok(key.map_or(!row.keyed || entry.file_id == row.file_id, |key| key == number))
            }
            Some(Err(FileFault::TooLarge(_) | FileFault::Denied(_))) => Ok(true),
            Some(Err(FileFault::NotFound)) | None => Ok(false),
            Some(Err(fault)) => Err(fault.into()),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Document<'_>, Broken> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        Broken::at(1 + before.iter().filter(|byte| **byte == b'\n').count(), "this isn't UTF-8: save the file as UTF-8")
    })?;
    document::parse(text)
}

fn told(name: &str, broken: &Broken) -> String {
    format!("{name}, line {}: {}", broken.line, broken.reason)
}
