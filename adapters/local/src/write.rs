//! Carrying effects out: all on one issue are one write of its file, all of a
//! batch one synchronization to disk, after one for the numbers that it gives;
//! then files for attachments, which their marks in the issues already name;
//! then the index.

mod groups;

use ferry_adapter::model::{Applied, Content, Effect, Fault};
use ferry_adapter::outside::{Change, Entry, Expectation, FileContent, FileFault, Outside, Removal, Stamp, Writing};

use crate::attachments::{self, File};
use crate::document::{self, Document};
use crate::fold::{Done, Draft};
use crate::index::{Row, digest, short};
use crate::session::Session;
use crate::values::time_of;

/// How many names are tried for a new issue before something else is wrong.
const NAMES_MAX: u64 = 100;

use groups::{Group, answer};

type Outcome = Result<Applied, Fault>;

/// What became of one group.
struct Work<'a, 't> {
    group: Group,
    entry: Option<Entry>,
    old: Option<Row>,
    draft: Draft<'a, 't>,
    done: Vec<(usize, Result<Done, Fault>)>,
    /// What the file is to hold, until it is handed over.
    text: Option<String>,
    /// Whether the file was written.
    written: bool,
    /// The issue's revision before.
    revision: String,
    /// Whether the engine knows all that the file held before.
    known: bool,
    fault: Option<Fault>,
}

impl<O: Outside> Session<'_, O> {
    /// Carries effects out; one outcome for each.
    pub fn apply(&self, effects: &[Effect]) -> Result<Vec<Outcome>, Fault> {
        let mut outcomes: Vec<Option<Outcome>> = effects.iter().map(|_| None).collect();
        let groups = self.groups(effects, &mut outcomes)?;
        let names = self.names(&groups)?;
        let mut read = self.outside.read_files(&names).into_iter();
        let mut files = Vec::new();
        for group in groups {
            let found = if group.made_by.is_some() { None } else { read.next() };
            match found.transpose() {
                Ok(found) => files.push((group, found)),
                Err(fault) => {
                    let fault = self.lost(group.number, fault)?;
                    group.effects.iter().for_each(|at| answer(&mut outcomes, *at, Err(fault.clone())));
                }
            }
        }
        let now = time_of(self.outside.now_ns());
        let mut works = Vec::new();
        for (group, found) in &files {
            works.push(self.work(group.clone(), found.as_ref(), effects, &now)?);
        }
        self.write(&mut works)?;
        let wrote = works.iter().any(|work| work.written);
        for work in works {
            self.answers(work, &mut outcomes);
        }
        self.commit().map_err(|fault| if wrote { unsure(&fault) } else { fault })?;
        let never = || Err(Fault::Other("the effect was left out".to_owned()));
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(never)).collect())
    }

    /// Why an issue's file can't be read.
    pub fn lost(&self, number: u64, fault: FileFault) -> Result<Fault, Fault> {
        Ok(match fault {
            FileFault::NotFound if self.index.row(number)?.is_some() && !self.stays_away(number)? => {
                Fault::RetryLater(Some(1))
            }
            FileFault::TooLarge(limit) => Fault::Unreadable(format!("its file is larger than {limit} bytes")),
            other => other.into(),
        })
    }

    /// Makes a group's effects in memory.
    fn work<'a, 't>(
        &'a self,
        group: Group,
        found: Option<&'t (Entry, Vec<u8>)>,
        effects: &[Effect],
        now: &'a str,
    ) -> Result<Work<'a, 't>, Fault> {
        let old = if found.is_some() { self.index.row(group.number)? } else { None };
        let (document, fault) = match found {
            Some((_, bytes)) => self.readable(&group, bytes, old.as_ref()),
            None => (Document::default(), None),
        };
        let name = old.as_ref().map(|row| row.name.clone()).unwrap_or_default();
        let (files, folder, _) = self.files(old.as_ref(), &name, None, &document.attachments)?;
        let mut row = Row { folder, ..old.clone().unwrap_or_default() };
        crate::issue::number_loose(&document, &mut row, self.outside.now_ns());
        let listed = files.iter().map(|file| (file.name.as_str(), file.size));
        let text_digest = found.map(|(_, bytes)| digest(bytes)).unwrap_or_default();
        let revision = format!("{text_digest:032x}{}", attachments::revision(listed));
        let draft = Draft {
            document,
            row,
            files,
            arrivals: Vec::new(),
            removals: Vec::new(),
            project: &self.project,
            user: &self.user,
            now,
        };
        let entry = found.map(|(entry, _)| entry.clone());
        let mut work = Work {
            group,
            entry,
            old,
            draft,
            done: Vec::new(),
            text: None,
            written: false,
            revision,
            known: false,
            fault,
        };
        self.fold(&mut work, found.map(|(_, bytes)| bytes.as_slice()), effects);
        Ok(work)
    }

    fn readable<'t>(&self, group: &Group, bytes: &'t [u8], old: Option<&Row>) -> (Document<'t>, Option<Fault>) {
        let name = old.map_or("", |row| row.name.as_str());
        let unreadable = |line: usize, reason: &str| Fault::Unreadable(format!("{name}, line {line}: {reason}"));
        let parsed = match std::str::from_utf8(bytes) {
            Ok(text) => document::parse(text),
            Err(_) => return (Document::default(), Some(unreadable(1, "this isn't UTF-8: save the file as UTF-8"))),
        };
        match parsed {
            Ok(document) => {
                let key = document.front.text("key").map(|key| self.project.number(key));
                let other = key.is_some_and(|key| key != Some(group.number));
                // Another issue's file lies here now; the next scan sorts it out.
                (document, other.then_some(Fault::RetryLater(Some(1))))
            }
            Err(broken) => (Document::default(), Some(unreadable(broken.line, &broken.reason))),
        }
    }

    fn fold(&self, work: &mut Work<'_, '_>, before: Option<&[u8]>, effects: &[Effect]) {
        let first = work.group.effects.first().and_then(|at| effects.get(*at));
        let expected = first.and_then(|effect| effect.expected.as_ref()).filter(|_| work.entry.is_some());
        if work.fault.is_none() && expected.is_some_and(|expected| *expected != work.revision) {
            work.fault = Some(Fault::Stale);
        }
        if work.fault.is_some() {
            return;
        }
        let own = |old: &Row| old.revision == work.revision && old.writer.as_ref() == Some(&self.synchronization);
        work.known = expected.is_some() || work.old.as_ref().is_none_or(own);
        if work.group.made_by.is_some() {
            work.draft.document.set_key(&self.project.issue_key(work.group.number));
        }
        for at in work.group.effects.clone() {
            let Some(effect) = effects.get(at) else { continue };
            let repeated = work.group.made_by.is_none() && matches!(effect.content, Content::Create(_));
            let done = if repeated { Err(made_before()) } else { work.draft.make(&effect.key, &effect.content) };
            if let (Err(fault), Content::Create(_)) = (&done, &effect.content) {
                work.fault = Some(fault.clone());
                return;
            }
            work.done.push((at, done));
        }
        if before.is_none_or(|before| work.draft.document.render().as_bytes() != before) {
            work.text = Some(work.draft.finish(&self.project.issue_key(work.group.number)));
        }
    }

    /// Writes the files, and after them what is attached.
    fn write(&self, works: &mut [Work<'_, '_>]) -> Result<(), Fault> {
        let mut tries = 0;
        let mut waiting: Vec<usize> = (0..works.len()).collect();
        while !waiting.is_empty() {
            let (mut changes, mut places) = (Vec::new(), Vec::new());
            for place in &waiting {
                let Some(work) = works.get_mut(*place).filter(|work| work.fault.is_none()) else { continue };
                for change in self.changes_of(work) {
                    places.push(matches!(change, Change::Write(_)).then_some(*place));
                    changes.push(change);
                }
            }
            if changes.is_empty() {
                break;
            }
            waiting.clear();
            // Before anything that bears a number, that it is ours; what else
            // there is to keep shares its wait for the disk.
            let keeping = self.keeping().map_err(|fault| if tries > 0 { unsure(&fault) } else { fault })?;
            let all: Vec<Change> = keeping.changes.iter().cloned().chain(changes).collect();
            let mut stamps = self.outside.change_files(&all).into_iter();
            let kept = stamps.by_ref().take(keeping.changes.len()).collect();
            self.kept(keeping, kept).map_err(|fault| unsure(&fault))?;
            for (place, stamp) in places.into_iter().zip(stamps) {
                let Some(work) = place.and_then(|place| works.get_mut(place)) else { continue };
                match stamp {
                    Ok(stamp) => self.written(work, stamp),
                    // A file of that name that the index doesn't know: written
                    // just before a crash, or by hand.
                    Err(FileFault::Changed) if work.entry.is_none() && tries < NAMES_MAX => waiting.extend(place),
                    Err(fault) => work.fault = Some(fault.into()),
                }
            }
            tries += 1;
            self.renumber(works, &mut waiting, tries).map_err(|fault| unsure(&fault))?;
        }
        self.attach(works)
    }

    /// The changes to the folder that one issue asks for.
    fn changes_of(&self, work: &mut Work<'_, '_>) -> Vec<Change> {
        let folder = work.draft.row.folder.as_deref().unwrap_or_default();
        let removal =
            |name: &String| Change::Remove(Removal { name: format!("{folder}/{name}"), expected: Expectation::Any });
        let mut changes: Vec<_> = work.draft.removals.iter().map(removal).collect();
        work.draft.removals.clear();
        if let Some(text) = work.text.take() {
            work.draft.row.size = text.len() as u64;
            work.draft.row.digest = digest(text.as_bytes());
            let expected = match &work.entry {
                Some(entry) => Expectation::Unchanged(entry.changed_ns),
                None => Expectation::Absent,
            };
            let name = self.name_of(work);
            changes.push(Change::Write(Writing { name, content: FileContent::Bytes(text.into_bytes()), expected }));
        }
        changes
    }

    fn name_of(&self, work: &Work<'_, '_>) -> String {
        match &work.old {
            Some(row) => row.name.clone(),
            None => format!("{}.md", self.project.issue_key(work.group.number)),
        }
    }

    /// Gives new issues whose name is taken another number, unless the file
    /// there is what a crash left of the same effect.
    fn renumber(&self, works: &mut [Work<'_, '_>], waiting: &mut Vec<usize>, tries: u64) -> Result<(), Fault> {
        if waiting.is_empty() {
            return Ok(());
        }
        if tries == 1 {
            self.catch_up()?;
        }
        let mut again = Vec::new();
        for place in waiting.drain(..) {
            let Some(work) = works.get_mut(place) else { continue };
            let effect = work.group.made_by.clone().unwrap_or_default();
            if self.index.by_effect(&effect)?.is_some() {
                work.fault = Some(made_before());
                continue;
            }
            work.group.number = self.take_number();
            let key = self.project.issue_key(work.group.number);
            work.text = Some(work.draft.finish(&key));
            again.push(place);
        }
        *waiting = again;
        Ok(())
    }

    /// Takes a written file into the index.
    fn written(&self, work: &mut Work<'_, '_>, stamp: Stamp) {
        work.written = true;
        let name = self.name_of(work);
        let number = work.group.number;
        let row = &mut work.draft.row;
        if work.old.is_none() {
            row.name = name;
            row.created_ns = stamp.changed_ns;
            let mut meta = self.meta.borrow_mut();
            meta.files += 1;
            meta.next = meta.next.max(number.saturating_add(1));
        }
        row.file_id = stamp.file_id;
        row.changed_ns = stamp.changed_ns;
        row.title = short(work.draft.document.title());
        row.keyed = true;
        // What the engine can't know yet has to come with the next scan.
        row.writer = work.known.then(|| self.synchronization.clone());
    }

    /// Writes what is attached: its marks are durable by now.
    fn attach(&self, works: &mut [Work<'_, '_>]) -> Result<(), Fault> {
        let (mut changes, mut places) = (Vec::new(), Vec::new());
        for (place, work) in works.iter_mut().enumerate() {
            if work.fault.is_some() || work.draft.arrivals.is_empty() {
                continue;
            }
            let name = self.name_of(work);
            let stem = name.strip_suffix(".md").unwrap_or(&name).to_owned();
            let folder = work.draft.row.folder.get_or_insert(stem).clone();
            for arrival in &work.draft.arrivals {
                let name = format!("{folder}/{}", arrival.name);
                let content = FileContent::Blob(arrival.blob.clone());
                changes.push(Change::Write(Writing { name, content, expected: Expectation::Absent }));
                places.push((place, arrival.clone()));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        for ((place, arrival), stamp) in places.into_iter().zip(self.outside.change_files(&changes)) {
            let Some(work) = works.get_mut(place) else { continue };
            match stamp {
                Ok(stamp) => {
                    work.draft.files.push(File {
                        name: arrival.name,
                        size: arrival.size,
                        modified_ns: stamp.changed_ns,
                        changed_ns: stamp.changed_ns,
                    });
                }
                Err(fault) => work.refuse(&arrival.name, fault),
            }
        }
        Ok(())
    }

    fn answers(&self, mut work: Work<'_, '_>, outcomes: &mut [Option<Outcome>]) {
        if let Some(fault) = &work.fault {
            work.group.effects.iter().for_each(|at| answer(outcomes, *at, Err(fault.clone())));
            return;
        }
        let number = work.group.number;
        let listed = work.draft.files.iter().map(|file| (file.name.as_str(), file.size));
        let listed = attachments::revision(listed);
        let revision = if work.written {
            format!("{:032x}{listed}", work.draft.row.digest)
        } else {
            format!("{}{listed}", work.revision.split('-').next().unwrap_or_default())
        };
        if work.written {
            work.draft.row.revision.clone_from(&revision);
            self.index.set_row(number, &work.draft.row, work.old.as_ref(), |name| self.says(name, number));
            if let Some(effect) = &work.group.made_by {
                self.index.set_effect(effect, number);
            }
        } else if let Some(old) = work.old.as_ref().filter(|old| old.folder != work.draft.row.folder) {
            let row = Row { folder: work.draft.row.folder.clone(), writer: None, ..old.clone() };
            self.index.set_row(number, &row, Some(old), |name| self.says(name, number));
        }
        for (at, done) in work.done {
            let applied = done.map(|done| Applied {
                issue: number.to_string(),
                issue_key: self.project.issue_key(number),
                url: None,
                revision: revision.clone(),
                replaced: done.replaced,
                item: done.item,
                dropped: Vec::new(),
            });
            answer(outcomes, at, applied);
        }
    }
}

/// What its file holds by now is for the engine to read.
fn made_before() -> Fault {
    Fault::UnknownOutcome("the issue was made before: it is there already".to_owned())
}

/// A call failed after it had written some of the files.
fn unsure(fault: &Fault) -> Fault {
    Fault::UnknownOutcome(format!("{fault:?}"))
}

impl Work<'_, '_> {
    /// A file couldn't be written: its effect failed, the others hold.
    fn refuse(&mut self, name: &str, fault: FileFault) {
        let mark = self.draft.document.attachments.iter().find(|mark| mark.words.first().is_some_and(|w| w == name));
        let item = mark.and_then(|mark| mark.value("id")).map(str::to_owned);
        for (_, done) in &mut self.done {
            if done.as_ref().is_ok_and(|done| done.item.is_some() && done.item == item) {
                *done = Err(fault.clone().into());
            }
        }
    }
}
