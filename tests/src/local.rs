//! Files of the local tracker, written as people write them and read as they
//! are documented: without a line of the adapter's, which is on trial.

mod read;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ferry_core::digest;

pub use read::{Comment, Document};
pub use write::{write_archive, write_tracker};

/// An issue as both sides should show it: without its key and what else is
/// each tracker's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown {
    /// Its title.
    pub title: String,
    /// Its description, byte for byte.
    pub description: Option<String>,
    /// Type, status and fields, as front matter has them; lists in order.
    pub fields: BTreeMap<String, String>,
    /// Author, time and text of public comments, in order.
    pub comments: Vec<(String, String, String)>,
    /// Name and digest of attachments, in order.
    pub attachments: Vec<(String, String)>,
}

/// The issues' files of a folder, in name order.
pub fn issue_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the tracker's folder is there");
    let names = entries.map(|entry| entry.expect("it can be read").path());
    let mut files: Vec<_> =
        names.filter(|path| path.is_file() && path.extension().is_some_and(|e| e == "md")).collect();
    files.sort();
    files
}

/// Reads one issue's file.
pub fn read(file: &Path) -> Document {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    read::parse(&text).unwrap_or_else(|reason| panic!("{}: {reason}\n{text}", file.display()))
}

/// All issues of a folder as both sides should show them, in order.
pub fn shown(folder: &Path) -> Vec<Shown> {
    let mut all: Vec<Shown> = issue_files(folder).iter().map(|file| show(file)).collect();
    all.sort();
    all
}

/// One issue as both sides should show it.
pub fn show(file: &Path) -> Shown {
    let document = read(file);
    let public = document.comments.iter().filter(|comment| !comment.is_internal);
    let mut comments: Vec<_> = public.map(|it| (it.author.clone(), it.created.clone(), it.text.clone())).collect();
    comments.sort();
    let folder = file.with_extension("");
    let held = std::fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.expect("it can be read"));
    let held = held.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    let mut attachments: Vec<_> = held
        .map(|entry| {
            let content = std::fs::read(entry.path()).expect("an attachment can be read");
            (entry.file_name().to_string_lossy().into_owned(), digest::of(&content).to_string())
        })
        .collect();
    attachments.sort();
    let own = ["key", "created", "effect", "title"];
    let mut front = document.front;
    for (name, value) in defaults(file.parent().expect("an issue lies in a folder")) {
        front.entry(name.to_owned()).or_insert(value);
    }
    let fields = front.into_iter().filter(|(name, _)| !own.contains(&name.as_str()));
    Shown {
        title: document.title,
        description: document.description,
        fields: fields.map(|(name, value)| (name, words(&value))).collect(),
        comments,
        attachments,
    }
}

/// The type and status of an issue that names none: the first of each.
fn defaults(folder: &Path) -> [(&'static str, toml::Value); 2] {
    let text = std::fs::read_to_string(folder.join("tracker.toml")).unwrap_or_default();
    let tracker: toml::Table = toml::from_str(&text).expect("tests write TOML");
    let first = |list: &str| tracker.get(list).and_then(|list| list.get(0)).cloned();
    let issue_type = first("types").and_then(|it| it.get("name").cloned()).unwrap_or_else(|| "Task".into());
    [("type", issue_type), ("status", first("statuses").unwrap_or_else(|| "open".into()))]
}

fn words(value: &toml::Value) -> String {
    match value {
        toml::Value::Array(items) => {
            let mut words: Vec<String> = items.iter().map(words).collect();
            words.sort();
            words.join(", ")
        }
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The issue of that title.
pub fn find_titled(folder: &Path, title: &str) -> Option<PathBuf> {
    issue_files(folder).into_iter().find(|file| {
        // Somebody may be writing or removing it.
        let text = std::fs::read_to_string(file).unwrap_or_default();
        read::parse(&text).is_ok_and(|document| document.title == title)
    })
}

/// A person gives the issue another title, with an editor that writes beside
/// it and renames.
pub fn retitle(file: &Path, title: &str) {
    edit(file, |text| {
        let (start, end) = read::title_line(text).expect("the issue has a title line");
        format!("{}# {title}{}", &text[..start], &text[end..])
    });
}

/// A person edits the file.
pub fn edit(file: &Path, change: impl FnOnce(&str) -> String) {
    let text = std::fs::read_to_string(file).expect("people edit what is there");
    let beside = file.with_extension("md~");
    std::fs::write(&beside, change(&text)).expect("a directory of our own can be written");
    std::fs::rename(&beside, file).expect("a directory of our own can be written");
}

/// Panics with the first difference unless both folders show the same issues.
pub fn assert_equal(one: &Path, other: &Path) {
    let (ours, theirs) = (shown(one), shown(other));
    for (left, right) in ours.iter().zip(&theirs) {
        assert_eq!(left, right, "{} (left) and {} (right) differ", one.display(), other.display());
    }
    assert_eq!(ours.len(), theirs.len(), "{} and {} have not the same issues", one.display(), other.display());
}
