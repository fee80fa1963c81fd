//! What the folder keeps of the index itself, since its files don't say it:
//! the numbers of issues that people made by hand, when they were first seen,
//! and the numbers of comments that have none in the file. It lies beside the
//! issues, so that a store put back from a backup, or a new one, gives nothing
//! a second number.
//!
//! `.ferry-next` says which number comes next and names the state of all of
//! it; `.ferry-numbers-0` holds the issues below 1000, and so on. Both are
//! lines of text that survive a merge under git: what isn't understood is
//! passed over, and the state then is one that no store knows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ferry_adapter::model::Fault;
use ferry_adapter::outside::{Change, Expectation, FileContent, FileFault, Outside, Stamp, Writing};

use crate::index::{Loose, Row, digest};
use crate::session::{Session, present};

mod taking;

/// The file that says what comes next.
pub const HEAD: &str = ".ferry-next";

/// Issues of one file: few enough to write anew for one of them, many enough
/// that a folder has few such files.
const BLOCK: u64 = 1000;

/// The greatest number that a file may say by its name or its key. One slip of
/// a hand would else use up the numbers of all; Ferry itself counts on beyond.
pub const SAID_MAX: u64 = 999_999_999;

/// No folder comes so far by counting: what says more is damaged.
pub const COUNTED_MAX: u64 = 1_000_000_000_000_000;

/// What `.ferry-next` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// No issue had this number or a greater one.
    pub next: u64,
    /// How often it was written.
    pub count: u64,
    /// Names what all of the files say; empty where there are none.
    pub state: String,
    /// The file's time of change; none where there is none.
    pub changed_ns: Option<u64>,
}

impl Head {
    /// Reads the file, as far as it can be understood.
    pub fn parse(bytes: &[u8], changed_ns: u64) -> Self {
        let mut head = Self { changed_ns: Some(changed_ns), ..Self::default() };
        // Of two sides of a merge the greater numbers, and a state of its own.
        for line in String::from_utf8_lossy(bytes).lines() {
            match line.split_once(' ') {
                Some(("next", number)) => head.next = head.next.max(counted(number).unwrap_or(0)),
                Some(("count", number)) => head.count = head.count.max(counted(number).unwrap_or(0)),
                Some(("state", state)) => head.state.push_str(state),
                _ => {}
            }
        }
        if head.state.is_empty() {
            "unreadable".clone_into(&mut head.state);
        }
        head
    }

    fn render(&self) -> Vec<u8> {
        let Self { next, count, state, .. } = self;
        let what = "# Ferry's numbers of the issues in this folder: keep it, and .ferry-numbers-*, where they are.";
        format!("{what}\nnext {next}\ncount {count}\nstate {state}\n").into_bytes()
    }
}

/// What the folder keeps of one issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its file.
    pub name: String,
    /// The file's identity when this was written, to find it renamed.
    pub file_id: u64,
    /// The digest of its title then.
    pub title: u64,
    /// When it was first seen, in nanoseconds; 0 where the file says it.
    pub created_ns: u64,
    /// The highest number among its comments so far.
    pub comments: u64,
    /// Comments without a number in the file.
    pub loose: Vec<Loose>,
}

impl Line {
    /// What is kept of an issue; none where its file says everything.
    pub fn of(row: &Row) -> Option<Self> {
        let needed = (row.by_hand || !row.loose.is_empty()) && !row.name.is_empty();
        needed.then(|| Self {
            name: row.name.clone(),
            file_id: row.file_id,
            title: row.title,
            created_ns: if row.by_hand { row.created_ns } else { 0 },
            comments: row.comments,
            loose: row.loose.clone(),
        })
    }

    /// Whether another line has to be written for an issue. The identity and
    /// the title are as they were when something else was written.
    pub fn differs(one: Option<&Self>, other: Option<&Self>) -> bool {
        let said = |line: &Self| (line.name.clone(), line.created_ns, line.loose.clone());
        one.map(said) != other.map(said)
    }

    fn render(&self, number: u64, out: &mut String) {
        let Self { name, file_id, title, created_ns, comments, loose } = self;
        let _ = write!(out, "issue {number} {created_ns} {comments} {file_id} {title:x} ");
        for c in name.chars() {
            if c.is_control() || c == '%' {
                let _ = write!(out, "%{:x};", u32::from(c));
            } else {
                out.push(c);
            }
        }
        out.push('\n');
        for Loose { id, digest, seen_ns } in loose {
            let _ = writeln!(out, "comment {number} {id} {digest:x} {seen_ns}");
        }
    }
}

/// A number that counting leads to.
fn counted(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number <= COUNTED_MAX)
}

/// Reads one of the files of numbers, as far as it can be understood. Of two
/// lines for a number the first is taken.
fn parse(bytes: &[u8]) -> BTreeMap<u64, Line> {
    let mut lines: BTreeMap<u64, Line> = BTreeMap::new();
    for text in String::from_utf8_lossy(bytes).lines() {
        if let Some((number, line)) = text.strip_prefix("issue ").and_then(issue) {
            lines.entry(number).or_insert(line);
        }
        if let Some((number, loose)) = text.strip_prefix("comment ").and_then(comment)
            && let Some(line) = lines.get_mut(&number)
            && line.loose.iter().all(|known| known.id != loose.id)
        {
            line.loose.push(loose);
        }
    }
    lines
}

fn issue(text: &str) -> Option<(u64, Line)> {
    let mut parts = text.splitn(6, ' ');
    let number = parts.next()?.parse().ok()?;
    let mut decimal = || parts.next()?.parse::<u64>().ok();
    let (created_ns, comments, file_id) = (decimal()?, decimal()?, decimal()?);
    let comments = if comments <= COUNTED_MAX { comments } else { 0 };
    let title = u64::from_str_radix(parts.next()?, 16).ok()?;
    let mut name = String::new();
    let mut pieces = parts.next()?.split('%');
    name.push_str(pieces.next()?);
    for piece in pieces {
        let (code, rest) = piece.split_once(';')?;
        name.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        name.push_str(rest);
    }
    Some((number, Line { name, file_id, title, created_ns, comments, loose: Vec::new() }))
}

fn comment(text: &str) -> Option<(u64, Loose)> {
    let mut parts = text.split(' ');
    let mut decimal = |radix| u64::from_str_radix(parts.next()?, radix).ok();
    Some((decimal(10)?, Loose { id: decimal(10)?, digest: decimal(16)?, seen_ns: decimal(10)? }))
}

const NUMBERS: &str = ".ferry-numbers-";

fn file_of(number: u64) -> String {
    format!("{NUMBERS}{}", number / BLOCK)
}

/// What the folder is still to keep, once the head says that the numbers are
/// ours.
#[derive(Default)]
pub struct Keeping {
    /// The changes; none where it keeps everything.
    pub changes: Vec<Change>,
    /// The state that they lead to; none where nothing is to be kept.
    state: Option<String>,
}

impl<O: Outside> Session<'_, O> {
    /// Makes the numbers that this call gave ours, and answers the changes to
    /// the folder without which one might be given again. They come before or
    /// with whatever tells of a number.
    ///
    /// The head is written by itself: where another Ferry was there first it is
    /// refused, and changes are refused one by one, so that what came with it
    /// would bear numbers that the other one gave.
    pub fn keeping(&self) -> Result<Keeping, Fault> {
        let noted = self.index.noted();
        let next = self.meta.borrow().next;
        let known = self.head.borrow().clone();
        if noted.is_empty() && next <= known.next {
            return Ok(Keeping::default());
        }
        let mut names: Vec<String> = noted.iter().map(|number| file_of(*number)).collect();
        names.dedup();
        let asked: Vec<String> = std::iter::once(HEAD.to_owned()).chain(names.iter().cloned()).collect();
        let mut read = self.outside.read_files(&asked).into_iter();
        if present(read.next())?.map(|(entry, _)| entry.changed_ns) != known.changed_ns {
            return Err(elsewhere());
        }
        let mut changes = Vec::new();
        for name in names {
            let found = present(read.next())?;
            let mut lines = found.as_ref().map(|(_, bytes)| parse(bytes)).unwrap_or_default();
            self.index.load(&lines.keys().copied().collect::<Vec<_>>())?;
            for number in noted.iter().filter(|number| file_of(**number) == name) {
                lines.insert(*number, Line::default());
            }
            let mut text = String::new();
            for number in lines.keys() {
                if let Some(line) = self.index.row(*number)?.as_ref().and_then(Line::of) {
                    line.render(*number, &mut text);
                }
            }
            changes.push(writing(&name, text.into_bytes(), found.map(|(entry, _)| entry.changed_ns)));
        }
        let state = self.claim(&known, next)?;
        Ok(Keeping { changes, state: Some(state) })
    }

    /// Writes the head, as it follows on the one that we know. Answers the
    /// state that it names.
    fn claim(&self, known: &Head, next: u64) -> Result<String, Fault> {
        let words = format!("{} {next} {} {}", known.state, self.outside.now_ns(), self.synchronization);
        let state = format!("{:032x}", digest(words.as_bytes()));
        let head =
            Head { next, count: known.count.saturating_add(1), state: state.clone(), changed_ns: known.changed_ns };
        let change = writing(HEAD, head.render(), head.changed_ns);
        let stamp = self.outside.change_files(&[change]).into_iter().next().transpose().map_err(refused)?;
        self.head.replace(Head { changed_ns: stamp.map(|stamp| stamp.changed_ns), ..head });
        Ok(state)
    }

    /// Takes what became of the changes.
    pub fn kept(&self, keeping: Keeping, outcome: Vec<Result<Stamp, FileFault>>) -> Result<(), Fault> {
        let Some(state) = keeping.state else { return Ok(()) };
        outcome.into_iter().collect::<Result<Vec<Stamp>, _>>().map_err(refused)?;
        let mut meta = self.meta.borrow_mut();
        (meta.state, meta.count) = (Some(state), self.head.borrow().count);
        self.index.forget_noted();
        Ok(())
    }
}

fn writing(name: &str, bytes: Vec<u8>, changed_ns: Option<u64>) -> Change {
    let expected = changed_ns.map_or(Expectation::Absent, Expectation::Unchanged);
    Change::Write(Writing { name: name.to_owned(), content: FileContent::Bytes(bytes), expected })
}

/// Another Ferry works on the folder, or git put other files there.
fn elsewhere() -> Fault {
    Fault::RetryLater(Some(1))
}

fn refused(fault: FileFault) -> Fault {
    match fault {
        FileFault::Changed => elsewhere(),
        fault => fault.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_read_as_they_are_written_and_a_merge_hides_none() {
        let line = |name: &str| Line {
            name: name.to_owned(),
            file_id: 7,
            title: 0xabc,
            created_ns: 5,
            comments: 3,
            loose: vec![Loose { id: 2, digest: 0xd, seen_ns: 9 }],
        };
        let (odd, plain) = (line("a b%\n.md"), line("first.md"));
        let mut text = "<<<<<<< ours\n".to_owned();
        odd.render(12, &mut text);
        text.push_str("=======\nissue nonsense\n");
        plain.render(13, &mut text);
        plain.render(12, &mut text);
        assert_eq!(parse(text.as_bytes()), BTreeMap::from([(12, odd), (13, plain)]));
    }

    #[test]
    fn a_merged_head_is_no_state_that_a_store_knows() {
        let merged = b"next 4\nnext 9\ncount 2\nstate a\n=======\nstate b\n";
        let head = Head::parse(merged, 1);
        assert_eq!((head.next, head.count, head.state.as_str()), (9, 2, "ab"));
        assert_eq!(Head::parse(&head.render(), 1), head);
    }

    #[test]
    fn a_head_that_says_more_than_counting_leads_to_says_nothing() {
        let damaged = Head::parse(b"next 18446744073709551615\ncount 18446744073709551615\nstate a\n", 1);
        assert_eq!((damaged.next, damaged.count, damaged.state.as_str()), (0, 0, "a"));
        assert_eq!(Head::parse(b"next 1000000001\nnext 99999999999999999999\nstate a\n", 1).next, 1_000_000_001);
    }
}
