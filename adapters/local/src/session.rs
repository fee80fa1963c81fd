//! One call of the interface: the project as it is described now, the index,
//! and whether the folder is still the one that the index is about.

use std::rc::Rc;

use ferry_adapter::model::Fault;
use ferry_adapter::outside::{Change, Entry, Expectation, FileContent, FileFault, Level, Outside, Writing};

use crate::index::{Index, Meta};
use crate::numbers::{self, Head};
use crate::project::{FILE, Project};

/// Marks the folder, so that an unmounted share isn't taken for one whose
/// issues were all deleted, nor another folder for this one.
pub const MARK: &str = ".ferry-tracker";

/// Time of change, identity and length of `tracker.toml`; none without one.
type Stamp = Option<(u64, u64, u64)>;

/// What may be kept from one call to the next, as long as the instance lives.
#[derive(Default)]
pub struct Cache {
    project: Option<(Stamp, Rc<Project>)>,
    /// A listing that the next page goes on with.
    pub listing: Option<crate::scan::Listing>,
}

/// One call.
pub struct Session<'a, O> {
    /// The outside.
    pub outside: &'a O,
    /// The index.
    pub index: Index<'a, O>,
    /// The folder's row.
    pub meta: std::cell::RefCell<Meta>,
    /// What the folder keeps of the index.
    pub head: std::cell::RefCell<Head>,
    /// The project.
    pub project: Rc<Project>,
    /// The synchronization's name.
    pub synchronization: String,
    /// The account that Ferry writes with.
    pub user: String,
}

impl<'a, O: Outside> Session<'a, O> {
    /// Reads what a call begins with.
    pub fn open(outside: &'a O, cache: &mut Cache) -> Result<Self, Fault> {
        let mut read = outside.read_files(&[FILE, MARK, numbers::HEAD].map(str::to_owned)).into_iter();
        let described = present(read.next())?;
        let mark = present(read.next())?;
        let head =
            present(read.next())?.map(|(entry, bytes)| Head::parse(&bytes, entry.changed_ns)).unwrap_or_default();
        let project = project(outside, cache, described)?;
        let index = Index::new(outside);
        let known = index.meta()?;
        let fresh = known.is_none();
        let mut meta = known.unwrap_or_else(|| Meta { next: 1, ..Meta::default() });
        let marked = mark.map(|(_, bytes)| id_in(&bytes)).filter(|id| !id.is_empty());
        match marked {
            Some(id) if meta.instance.is_empty() || meta.instance == id => meta.instance = id,
            Some(_) => {
                let what = format!(
                    "this is another folder than before, or a copy of another one: its {MARK} names another tracker. \
                     Grant the folder that this tracker was added with, or add this one as a tracker of its own"
                );
                return Err(Fault::Other(what));
            }
            None => put_mark(outside, &mut meta)?,
        }
        if fresh {
            (meta.next, meta.files) = first_look(outside, &project)?;
            meta.state = Some(String::new());
        }
        let same = meta.state.as_ref() == Some(&head.state);
        let synchronization = outside.setting("synchronization").unwrap_or_default();
        let user = outside.setting("user").unwrap_or_else(|| project.author.clone());
        // A folder that keeps nothing yet needs no file only to say so.
        let head = Head { next: if head.changed_ns.is_none() { meta.next } else { head.next }, ..head };
        let session = Self { outside, index, meta: meta.into(), head: head.into(), project, synchronization, user };
        if fresh {
            session.index.set_meta(&session.meta.borrow());
        }
        if !same {
            session.take_in()?;
        }
        Ok(session)
    }

    /// Makes what the call learned durable: in the folder first, so that the
    /// store never knows of a number that could be given again.
    pub fn commit(&self) -> Result<(), Fault> {
        let keeping = self.keeping()?;
        let none = keeping.changes.is_empty();
        let outcome = if none { Vec::new() } else { self.outside.change_files(&keeping.changes) };
        self.kept(keeping, outcome)?;
        let meta = self.meta.borrow();
        if self.index.meta()?.as_ref() != Some(&*meta) {
            self.index.set_meta(&meta);
        }
        self.index.commit()
    }

    /// Whether a file's name says its number.
    pub fn says(&self, name: &str, number: u64) -> bool {
        self.number_in(name) == Some(number)
    }

    /// The number that a file's name says.
    pub fn number_in(&self, name: &str) -> Option<u64> {
        self.project.number(name.strip_suffix(".md")?)
    }
}

fn project<O: Outside>(
    outside: &O,
    cache: &mut Cache,
    described: Option<(Entry, Vec<u8>)>,
) -> Result<Rc<Project>, Fault> {
    let stamp = described.as_ref().map(|(entry, _)| (entry.changed_ns, entry.file_id, entry.size));
    if let Some((known, project)) = &cache.project
        && *known == stamp
    {
        return Ok(Rc::clone(project));
    }
    let text = described.map(|(_, bytes)| String::from_utf8(bytes)).transpose();
    let text = text.map_err(|_| Fault::Other(format!("{FILE} isn't UTF-8: save it as UTF-8")))?;
    // A tracker is checked before there is a project to work with.
    let key = outside.setting("project").filter(|key| !key.is_empty()).unwrap_or_else(|| "ISSUE".to_owned());
    let project = Rc::new(Project::parse(text.as_deref(), &key).map_err(Fault::Other)?);
    cache.project = Some((stamp, Rc::clone(&project)));
    Ok(project)
}

/// What became of reading a file.
pub type Read = Result<(Entry, Vec<u8>), FileFault>;

/// A file that was read; none where there is none.
pub fn present(read: Option<Read>) -> Result<Option<(Entry, Vec<u8>)>, Fault> {
    match read {
        Some(Ok(found)) => Ok(Some(found)),
        Some(Err(FileFault::NotFound)) | None => Ok(None),
        Some(Err(fault)) => Err(fault.into()),
    }
}

fn id_in(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().find(|line| !line.starts_with('#')).unwrap_or_default().trim().to_owned()
}

/// Marks a folder that has no mark: a new one, or one whose mark somebody
/// deleted; but not one that lost all its issues with it.
fn put_mark<O: Outside>(outside: &O, meta: &mut Meta) -> Result<(), Fault> {
    if meta.files > 0 && outside.count_files("", ".md")? == 0 {
        let what = format!(
            "the folder is empty, its {MARK} included: is the share mounted? If every issue was really deleted, \
             put a file {MARK} back that holds {}",
            meta.instance
        );
        return Err(Fault::Other(what));
    }
    if meta.instance.is_empty() {
        // A blob's name is the one thing here that nobody can guess.
        let blob = outside.create_blob()?;
        outside.remove_blob(&blob)?;
        let words = format!("{blob} {}", outside.now_ns());
        meta.instance = format!("{:032x}", crate::index::digest(words.as_bytes()));
    }
    let text = format!("# Names this tracker for Ferry: keep it where the issues are.\n{}\n", meta.instance);
    let change = Change::Write(Writing {
        name: MARK.to_owned(),
        content: FileContent::Bytes(text.into_bytes()),
        expected: Expectation::Absent,
    });
    outside.change_files(&[change]).into_iter().next().transpose()?;
    outside.log(Level::Info, "marked", &[("instance", &meta.instance)]);
    Ok(())
}

/// The first number above those that files' names say, and how many files there are.
fn first_look<O: Outside>(outside: &O, project: &Project) -> Result<(u64, u64), Fault> {
    let mut next = 1;
    let mut after: Option<String> = None;
    loop {
        let page = outside.entries("", None, after.as_deref(), crate::scan::LISTING)?;
        for entry in &page {
            let stem = entry.name.strip_suffix(".md").unwrap_or(&entry.name);
            let said = project.number(stem).filter(|number| *number <= numbers::SAID_MAX);
            next = next.max(said.map_or(1, |number| number + 1));
        }
        if page.len() < crate::scan::LISTING as usize {
            break;
        }
        after = page.last().map(|entry| entry.name.clone());
    }
    Ok((next, outside.count_files("", ".md")?))
}
