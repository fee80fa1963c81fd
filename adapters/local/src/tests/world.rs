//! A folder, a store and a clock in memory, and people who use them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_adapter::Adapter;
use ferry_adapter::model::{
    Applied, ChangePage, Content, Effect, Fault, Field, Issue, NewComment, NewIssue, Target, Value, Visibility,
};
use ferry_adapter::outside::{
    BlobFault, Blobs, Change, Clock, Entry, Expectation, FileContent, FileFault, Files, Level, Mutation, Observe, Row,
    Settings, Stamp, Store, StoreFault, Summary,
};

use crate::tracker::Tracker;
use crate::values::markdown;

#[derive(Clone, Debug)]
pub struct Stored {
    pub bytes: Vec<u8>,
    pub id: u64,
    pub changed_ns: u64,
}

/// What a person does.
pub type Act = Box<dyn FnOnce(&World)>;

/// What survives a crash, and what the tests turn. The folder and the clocks
/// are shared with other homes.
#[derive(Default)]
pub struct State {
    pub files: Rc<RefCell<BTreeMap<String, Stored>>>,
    pub rows: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    pub blobs: RefCell<BTreeMap<String, Vec<u8>>>,
    pub now_ns: Rc<Cell<u64>>,
    /// The file system's clock ticks so coarsely.
    pub tick_ns: Cell<u64>,
    pub next_id: Rc<Cell<u64>>,
    pub commits: Cell<u64>,
    pub changes: Cell<u64>,
    pub files_read: Cell<u64>,
    /// Commits of the store fail.
    pub broken: Cell<bool>,
    /// A person acts just before the folder changes.
    pub meanwhile: RefCell<Option<Act>>,
}

#[derive(Clone, Default)]
pub struct World(pub Rc<State>);

impl World {
    pub fn new() -> Self {
        let world = Self::default();
        world.0.now_ns.set(1_800_000_000_000_000_000);
        world.0.tick_ns.set(1);
        world.0.next_id.set(100);
        world
    }

    /// Another home on the same folder.
    pub fn other_home(&self) -> Self {
        let State { files, now_ns, tick_ns, next_id, .. } = &*self.0;
        let (files, now_ns, next_id) = (Rc::clone(files), Rc::clone(now_ns), Rc::clone(next_id));
        Self(Rc::new(State { files, now_ns, tick_ns: tick_ns.clone(), next_id, ..State::default() }))
    }

    pub fn tracker(&self) -> Tracker<World> {
        Tracker::new(self.clone())
    }

    pub fn wait_ms(&self, ms: u64) {
        self.0.now_ns.set(self.0.now_ns.get() + ms * 1_000_000);
    }

    fn stamp(&self) -> u64 {
        let tick = self.0.tick_ns.get();
        self.0.now_ns.get() / tick * tick
    }

    fn new_id(&self) -> u64 {
        self.0.next_id.set(self.0.next_id.get() + 1);
        self.0.next_id.get()
    }

    /// Saves by renaming, as most editors do.
    pub fn save(&self, name: &str, text: impl AsRef<[u8]>) {
        let stored = Stored { bytes: text.as_ref().to_vec(), id: self.new_id(), changed_ns: self.stamp() };
        self.0.files.borrow_mut().insert(name.to_owned(), stored);
    }

    /// Saves in place.
    pub fn overwrite(&self, name: &str, text: impl AsRef<[u8]>) {
        let changed_ns = self.stamp();
        let mut files = self.0.files.borrow_mut();
        let file = files.get_mut(name).unwrap();
        file.bytes = text.as_ref().to_vec();
        file.changed_ns = changed_ns;
    }

    pub fn rename(&self, name: &str, to: &str) {
        let changed_ns = self.stamp();
        let mut files = self.0.files.borrow_mut();
        let mut file = files.remove(name).unwrap();
        file.changed_ns = changed_ns;
        files.insert(to.to_owned(), file);
    }

    pub fn delete(&self, name: &str) {
        self.0.files.borrow_mut().remove(name).unwrap();
    }

    pub fn text(&self, name: &str) -> String {
        let files = self.0.files.borrow();
        let file = files.get(name).unwrap_or_else(|| panic!("no {name} among {:?}", files.keys()));
        String::from_utf8(file.bytes.clone()).unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        self.0.files.borrow().keys().filter(|name| !name.starts_with('.')).cloned().collect()
    }

    pub fn blob(&self, bytes: &[u8]) -> String {
        let name = self.create_blob().unwrap();
        self.0.blobs.borrow_mut().insert(name.clone(), bytes.to_vec());
        name
    }

    fn entries_of(&self, folder: &str) -> BTreeMap<String, Entry> {
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for (name, file) in self.0.files.borrow().iter() {
            let rest = if folder.is_empty() { Some(name.as_str()) } else { name.strip_prefix(&format!("{folder}/")) };
            let Some(rest) = rest else { continue };
            let (name, is_folder) = rest.split_once('/').map_or((rest, false), |(name, _)| (name, true));
            let entry = Entry {
                name: name.to_owned(),
                size: if is_folder { 0 } else { file.bytes.len() as u64 },
                modified_ns: file.changed_ns,
                changed_ns: file.changed_ns,
                file_id: if is_folder { 0 } else { file.id },
                folder: is_folder,
            };
            let slot = entries.entry(entry.name.clone()).or_insert_with(|| entry.clone());
            slot.changed_ns = slot.changed_ns.max(entry.changed_ns);
        }
        entries
    }

    fn change(&self, change: &Change) -> Result<Stamp, FileFault> {
        let check = |name: &str, expected: &Expectation| {
            let found = self.0.files.borrow().get(name).map(|file| file.changed_ns);
            match expected {
                Expectation::Any => Ok(()),
                Expectation::Absent if found.is_none() => Ok(()),
                Expectation::Unchanged(ns) if found == Some(*ns) => Ok(()),
                _ => Err(FileFault::Changed),
            }
        };
        match change {
            Change::Write(writing) => {
                check(&writing.name, &writing.expected)?;
                let bytes = match &writing.content {
                    FileContent::Bytes(bytes) => bytes.clone(),
                    FileContent::Blob(name) => {
                        self.0.blobs.borrow().get(name).cloned().ok_or(FileFault::Other("no blob".to_owned()))?
                    }
                };
                self.save(&writing.name, bytes);
                let files = self.0.files.borrow();
                let file = &files[&writing.name];
                Ok(Stamp { changed_ns: file.changed_ns, file_id: file.id })
            }
            Change::Remove(removal) => {
                check(&removal.name, &removal.expected)?;
                let removed = self.0.files.borrow_mut().remove(&removal.name);
                removed.map(|_| Stamp { changed_ns: 0, file_id: 0 }).ok_or(FileFault::NotFound)
            }
            Change::Rename(renaming) => {
                self.rename(&renaming.name, &renaming.to);
                Ok(Stamp { changed_ns: 0, file_id: 0 })
            }
        }
    }
}

impl Files for World {
    fn entries(
        &self,
        folder: &str,
        since_ns: Option<u64>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Entry>, FileFault> {
        let entries = self.entries_of(folder);
        if entries.is_empty() && !folder.is_empty() {
            return Err(FileFault::NotFound);
        }
        let fits = |entry: &Entry| {
            since_ns.is_none_or(|since| entry.changed_ns >= since)
                && after.is_none_or(|after| entry.name.as_str() > after)
        };
        Ok(entries.into_values().filter(fits).take(limit as usize).collect())
    }
    fn count_files(&self, folder: &str, suffix: &str) -> Result<u64, FileFault> {
        let entries = self.entries_of(folder);
        Ok(entries.values().filter(|entry| !entry.folder && entry.name.ends_with(suffix)).count() as u64)
    }
    fn read_files(&self, names: &[String]) -> Vec<Result<(Entry, Vec<u8>), FileFault>> {
        self.0.files_read.set(self.0.files_read.get() + names.len() as u64);
        let files = self.0.files.borrow();
        let read = |name: &String| {
            let file = files.get(name).ok_or(FileFault::NotFound)?;
            let entry = Entry {
                name: name.rsplit('/').next().unwrap().to_owned(),
                size: file.bytes.len() as u64,
                modified_ns: file.changed_ns,
                changed_ns: file.changed_ns,
                file_id: file.id,
                folder: false,
            };
            Ok((entry, file.bytes.clone()))
        };
        names.iter().map(read).collect()
    }
    fn copy_to_blob(&self, name: &str) -> Result<String, FileFault> {
        let bytes = self.0.files.borrow().get(name).map(|file| file.bytes.clone()).ok_or(FileFault::NotFound)?;
        Ok(self.blob(&bytes))
    }
    fn change_files(&self, changes: &[Change]) -> Vec<Result<Stamp, FileFault>> {
        let act = self.0.meanwhile.borrow_mut().take();
        if let Some(act) = act {
            act(self);
        }
        self.0.changes.set(self.0.changes.get() + 1);
        changes.iter().map(|change| self.change(change)).collect()
    }
}

impl Store for World {
    fn get(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreFault> {
        let rows = self.0.rows.borrow();
        Ok(keys.iter().map(|key| rows.get(key).cloned()).collect())
    }
    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Result<Vec<Row>, StoreFault> {
        let rows = self.0.rows.borrow();
        let range = rows.range(start.to_vec()..end.to_vec()).take(limit as usize);
        Ok(range.map(|(key, value)| Row { key: key.clone(), value: value.clone() }).collect())
    }
    fn count_rows(&self, start: &[u8], end: &[u8]) -> Result<u64, StoreFault> {
        Ok(self.0.rows.borrow().range(start.to_vec()..end.to_vec()).count() as u64)
    }
    fn commit(&self, mutations: &[Mutation]) -> Result<(), StoreFault> {
        if self.0.broken.get() {
            return Err(StoreFault::Other("killed".to_owned()));
        }
        self.0.commits.set(self.0.commits.get() + 1);
        let mut rows = self.0.rows.borrow_mut();
        for mutation in mutations {
            match mutation {
                Mutation::Put(row) => rows.insert(row.key.clone(), row.value.clone()),
                Mutation::Delete(key) => rows.remove(key),
            };
        }
        Ok(())
    }
}

impl Blobs for World {
    fn create_blob(&self) -> Result<String, BlobFault> {
        let name = format!("blob{}", self.new_id());
        self.0.blobs.borrow_mut().insert(name.clone(), Vec::new());
        Ok(name)
    }
    fn write_blob(&self, _: &str, _: u64, _: &[u8]) -> Result<(), BlobFault> {
        Err(BlobFault::NotFound)
    }
    fn seal_blob(&self, _: &str) -> Result<Summary, BlobFault> {
        Err(BlobFault::NotFound)
    }
    fn read_blob(&self, blob: &str, _: u64, _: u32) -> Result<Vec<u8>, BlobFault> {
        self.0.blobs.borrow().get(blob).cloned().ok_or(BlobFault::NotFound)
    }
    fn remove_blob(&self, blob: &str) -> Result<(), BlobFault> {
        self.0.blobs.borrow_mut().remove(blob);
        Ok(())
    }
}

impl Settings for World {
    fn setting(&self, name: &str) -> Option<String> {
        match name {
            "project" => Some("ACME".to_owned()),
            "user" => Some("ferry".to_owned()),
            "synchronization" => Some("one".to_owned()),
            _ => None,
        }
    }
}

impl Clock for World {
    fn now_ns(&self) -> u64 {
        // Time passes while somebody waits for it.
        self.0.now_ns.set(self.0.now_ns.get() + 1_000);
        self.0.now_ns.get()
    }
}

impl Observe for World {
    fn log(&self, _: Level, _: &str, _: &[(&str, &str)]) {}
    fn progress(&self, _: &str, _: u64, _: Option<u64>) {}
}

/// All pages of a scan, as one, and the cursor after it.
pub fn scan(tracker: &Tracker<World>, since: Option<&str>, limit: u32) -> (ChangePage, String) {
    let mut whole = tracker.changes(since.map(str::to_owned), limit).unwrap();
    while whole.more {
        let page = tracker.changes(Some(whole.next.clone()), limit).unwrap();
        assert!(page.issues.len() + page.unreadable.len() <= limit as usize && page.gone.len() <= limit as usize);
        whole.issues.extend(page.issues);
        whole.unreadable.extend(page.unreadable);
        whole.gone.extend(page.gone);
        (whole.next, whole.more) = (page.next, page.more);
    }
    let next = whole.next.clone();
    (whole, next)
}

pub fn effect(key: &str, target: Target, content: Content) -> Effect {
    Effect { key: key.to_owned(), target, expected: None, content }
}

pub fn create(key: &str, title: &str) -> Effect {
    let title = Field { name: "title".to_owned(), value: Value::Text(title.to_owned()) };
    let new = NewIssue { issue_type: "Bug".to_owned(), parent: None, fields: vec![title] };
    effect(key, Target::Nothing, Content::Create(new))
}

pub fn comment(key: &str, target: Target, text: &str) -> Effect {
    let new = NewComment { body: markdown(text), author: None, created: None, visibility: Visibility::Public };
    effect(key, target, Content::AddComment(new))
}

pub fn set(key: &str, issue: &str, name: &str, value: Value) -> Effect {
    let fields = vec![Field { name: name.to_owned(), value }];
    effect(key, Target::Existing(issue.to_owned()), Content::SetFields(fields))
}

pub fn apply(tracker: &Tracker<World>, effects: Vec<Effect>) -> Vec<Result<Applied, Fault>> {
    tracker.apply(effects)
}

pub fn read(tracker: &Tracker<World>, id: &str) -> Issue {
    tracker.read(vec![id.to_owned()]).pop().unwrap().unwrap()
}

pub fn value(issue: &Issue, name: &str) -> Value {
    issue.fields.iter().find(|field| field.name == name).unwrap().value.clone()
}
