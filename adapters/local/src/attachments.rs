//! Attachments: files in the folder beside the issue. What Ferry wrote is noted
//! in the file; what a person dropped there is an attachment all the
//! same.

use ferry_adapter::model::{Attachment, Fault, Visibility};
use ferry_adapter::outside::{FileFault, Outside};

use crate::index;
use crate::marker::Marker;
use crate::project::Project;
use crate::values::time_of;

/// Attachments of one issue, at most: more are a fault of the issue.
const FILES_MAX: u32 = 10_000;

/// A file's name, in bytes; most file systems take 255.
const NAME_BYTES_MAX: usize = 120;

/// A file in an issue's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name in the folder.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// When its data last changed, in nanoseconds.
    pub modified_ns: u64,
    /// Its time of change, in nanoseconds.
    pub changed_ns: u64,
}

/// The files in an issue's folder, by name; none where there is no folder.
/// What lies in folders below it is no attachment.
pub fn list<O: Outside>(outside: &O, folder: &str) -> Result<Option<Vec<File>>, Fault> {
    match outside.entries(folder, None, None, FILES_MAX) {
        Ok(entries) => {
            let files = entries.into_iter().filter(|entry| !entry.folder && !is_scratch(&entry.name));
            let file = |entry: ferry_adapter::outside::Entry| File {
                name: entry.name,
                size: entry.size,
                modified_ns: entry.modified_ns,
                changed_ns: entry.changed_ns,
            };
            Ok(Some(files.map(file).collect()))
        }
        Err(FileFault::NotFound) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Files that programs leave while they work.
fn is_scratch(name: &str) -> bool {
    let ends = [".tmp", ".part", ".crdownload", "~"];
    name.starts_with('.') || ends.iter().any(|end| name.ends_with(end))
}

/// What the files add to the revision.
pub fn revision<'a>(files: impl Iterator<Item = (&'a str, u64)>) -> String {
    let mut listed: Vec<_> = files.map(|(name, size)| format!("{name}\0{size}\0")).collect();
    listed.sort();
    if listed.is_empty() { String::new() } else { format!("-{:032x}", index::digest(listed.concat().as_bytes())) }
}

/// The mark of a file, where its length is still what was written: another
/// length is another file under that name.
pub fn mark_of<'m>(marks: &'m [Marker], file: &File) -> Option<&'m Marker> {
    let size = file.size.to_string();
    marks.iter().find(|mark| mark.words.first() == Some(&file.name) && mark.value("size") == Some(size.as_str()))
}

/// A file as the interface has it.
pub fn attachment(file: &File, marks: &[Marker], project: &Project) -> Attachment {
    let Some(mark) = mark_of(marks, file) else {
        return Attachment {
            id: format!("{}:{}", file.size, file.name),
            name: file.name.clone(),
            media_type: media_type(&file.name).to_owned(),
            size: file.size,
            created: time_of(file.modified_ns),
            author: project.named(&project.author),
            visibility: Visibility::Public,
            effect: None,
        };
    };
    Attachment {
        id: mark.value("id").map_or_else(|| format!("{}:{}", file.size, file.name), str::to_owned),
        name: mark.value("name").unwrap_or(&file.name).to_owned(),
        media_type: mark.value("type").unwrap_or_else(|| media_type(&file.name)).to_owned(),
        size: file.size,
        created: mark.value("at").map_or_else(|| time_of(file.modified_ns), str::to_owned),
        author: project.named(mark.value("by").unwrap_or(&project.author)),
        visibility: visibility(mark),
        effect: mark.value("effect").map(str::to_owned),
    }
}

/// Who may read what a marker marks: the word `internal`, or a group.
pub fn visibility(marker: &Marker) -> Visibility {
    // An attachment's first word is its file, a comment's its number.
    let named = usize::from(marker.kind == "attachment");
    let says = |what: &str| marker.words.iter().skip(named).any(|word| word == what);
    match marker.value("group") {
        Some(group) => Visibility::Restricted(group.to_owned()),
        None if says("internal") => Visibility::Internal,
        None if says("unknown") => Visibility::Unknown,
        None => Visibility::Public,
    }
}

/// Puts into a marker who may read what it marks.
pub fn set_visibility(marker: &mut Marker, visibility: &Visibility) {
    match visibility {
        Visibility::Public => {}
        Visibility::Internal => marker.words.push("internal".to_owned()),
        Visibility::Unknown => marker.words.push("unknown".to_owned()),
        Visibility::Restricted(group) => marker.set("group", Some(group)),
    }
}

/// A file name that every system takes, near to what a person called it.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let odd = |c: char| c.is_control() || "<>:\"|?*".contains(c) || turns(c);
    let clean: String = last.chars().map(|c| if odd(c) { '_' } else { c }).collect();
    let clean = clean.trim_matches([' ', '.']).trim_end_matches('~');
    let (stem, extension) = clean.rsplit_once('.').map_or((clean, ""), |(stem, extension)| (stem, extension));
    let reserved = ["con", "prn", "aux", "nul"];
    let device = |stem: &str| {
        let digit = |prefix: &str| stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1);
        reserved.contains(&stem) || digit("com") || digit("lpt")
    };
    let first = clean.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let guard = if clean.is_empty() || device(&first) { "file_" } else { "" };
    let extension = cut(extension, 20);
    let stem = cut(stem, NAME_BYTES_MAX - extension.len());
    let whole = if extension.is_empty() { format!("{guard}{stem}") } else { format!("{guard}{stem}.{extension}") };
    if is_scratch(&whole) { format!("{whole}_") } else { whole }
}

/// The same name with a number, where it is taken.
pub fn numbered_name(name: &str, number: u32) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem} ({number}).{extension}"),
        None => format!("{name} ({number})"),
    }
}

fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// The media type that an extension stands for.
pub fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "txt" | "log" | "md" | "patch" | "diff" => "text/plain",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "xml" => "application/xml",
        "zip" => "application/zip",
        "gz" | "tgz" => "application/gzip",
        "mp4" => "video/mp4",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn no_name_leads_elsewhere_or_looks_like_another() {
        for (name, safe) in [
            ("log.txt", "log.txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system.ini", "system.ini"),
            ("..", "file_"),
            ("", "file_"),
            (".htaccess", "htaccess"),
            ("CON.txt", "file_CON.txt"),
            ("com1", "file_com1"),
            ("a\u{202e}gpj.exe", "a_gpj.exe"),
            ("a\u{2067}gpj.exe", "a_gpj.exe"),
            ("a\r\nb\u{1b}[2J", "a__b_[2J"),
        ] {
            assert_eq!(safe_name(name), safe);
        }
        assert!(safe_name(&"x".repeat(5_000)).len() <= 255);
    }
}
