//! `ferry.toml` on the disk: read whole and checked, changed entry by entry so
//! that what people wrote around it stays.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use toml_edit::{DocumentMut, Item, Table};

use super::{Channel, FORMAT, Name, Settings, Synchronization, Tracker};
use crate::home::write_private;

/// What stands at the head of a new `ferry.toml`.
const HEAD: &str = "\
# What Ferry connects: trackers, and synchronizations with their channels.
# Ferry changes entries here by its commands and keeps your comments; you may
# edit it by hand, too. Secrets never stand here.

";

/// Why `ferry.toml` can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It can't be read or written.
    #[error("{path} can't be {what}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// Why.
        reason: std::io::Error,
    },
    /// Another version of Ferry wrote it.
    #[error(
        "{path} was written by another version of Ferry (its format is {found}, this one knows {FORMAT}), and is \
        left as it is; install that version or a later one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format that the file says.
        found: i64,
    },
    /// A person has to mend it.
    #[error("{path} isn't right:\n{reason}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
}

/// The file, and what it holds.
#[derive(Debug)]
pub struct SettingsFile {
    path: PathBuf,
    document: DocumentMut,
    settings: Settings,
    stamp: Option<(SystemTime, u64)>,
}

impl SettingsFile {
    /// Reads the file; one that isn't there is empty.
    pub fn open(path: &Path) -> Result<Self, SettingsError> {
        let stamp = stamp(path);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(reason) => return Err(SettingsError::File { path: path.to_owned(), what: "read", reason }),
        };
        let wrong = |reason: String| SettingsError::Wrong { path: path.to_owned(), reason };
        let document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| wrong(e.to_string()))?;
        // Before the rest, which may be unknown here.
        let format = document.get("format").and_then(Item::as_integer);
        if let Some(found) = format.filter(|format| *format != i64::from(FORMAT)) {
            return Err(SettingsError::Newer { path: path.to_owned(), found });
        }
        let settings: Settings = toml_edit::de::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        for (name, sync) in &settings.synchronizations {
            check(name, sync, &settings).map_err(wrong)?;
        }
        Ok(Self { path: path.to_owned(), document, settings, stamp })
    }

    /// What it holds.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Reads it again where somebody changed it; says whether somebody did.
    pub fn refresh(&mut self) -> Result<bool, SettingsError> {
        if stamp(&self.path) == self.stamp {
            return Ok(false);
        }
        *self = Self::open(&self.path)?;
        Ok(true)
    }

    /// Adds a tracker, or replaces the one of this name.
    pub fn put_tracker(&mut self, name: &Name, tracker: Tracker) -> Result<(), SettingsError> {
        let item = self.encode(&tracker)?;
        put(&mut self.document, "trackers", name, item);
        self.settings.trackers.insert(name.clone(), tracker);
        self.save()
    }

    /// Forgets a tracker.
    pub fn remove_tracker(&mut self, name: &Name) -> Result<(), SettingsError> {
        remove(&mut self.document, "trackers", name);
        self.settings.trackers.remove(name);
        self.save()
    }

    /// Adds a synchronization, or replaces the one of this name.
    pub fn put_synchronization(&mut self, name: &Name, sync: Synchronization) -> Result<(), SettingsError> {
        let item = self.encode(&sync)?;
        put(&mut self.document, "synchronizations", name, item);
        self.settings.synchronizations.insert(name.clone(), sync);
        self.save()
    }

    /// Gives a synchronization another name.
    pub fn rename_synchronization(&mut self, name: &Name, to: &Name) -> Result<(), SettingsError> {
        if let Some(table) = self.document.get_mut("synchronizations").and_then(Item::as_table_like_mut)
            && let Some(item) = table.remove(name.as_str())
        {
            table.insert(to.as_str(), item);
        }
        if let Some(sync) = self.settings.synchronizations.remove(name) {
            self.settings.synchronizations.insert(to.clone(), sync);
        }
        self.save()
    }

    /// Forgets a synchronization.
    pub fn remove_synchronization(&mut self, name: &Name) -> Result<(), SettingsError> {
        remove(&mut self.document, "synchronizations", name);
        self.settings.synchronizations.remove(name);
        self.save()
    }

    fn encode<T: serde::Serialize>(&self, value: &T) -> Result<Table, SettingsError> {
        let wrong = |reason: String| SettingsError::Wrong { path: self.path.clone(), reason };
        let document = toml_edit::ser::to_document(value).map_err(|e| wrong(e.to_string()))?;
        let mut table = document.as_table().clone();
        for (_, item) in table.iter_mut() {
            if let Some(inline) = item.as_inline_table() {
                *item = Item::Table(inline.clone().into_table());
            }
        }
        Ok(table)
    }

    fn save(&mut self) -> Result<(), SettingsError> {
        let mut text = self.document.to_string();
        if self.stamp.is_none() {
            text.insert_str(0, HEAD);
            // From now on the head belongs to the first entry.
            self.document = text.parse().map_err(|e: toml_edit::TomlError| SettingsError::Wrong {
                path: self.path.clone(),
                reason: e.to_string(),
            })?;
        }
        let failed = |reason| SettingsError::File { path: self.path.clone(), what: "written", reason };
        write_private(&self.path, text.as_bytes()).map_err(failed)?;
        self.stamp = stamp(&self.path);
        Ok(())
    }
}

/// What tells that somebody wrote the file.
fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// What the types alone don't say.
fn check(name: &Name, sync: &Synchronization, settings: &Settings) -> Result<(), String> {
    if !settings.trackers.contains_key(&sync.tracker) {
        return Err(format!("synchronizations.{name}.tracker: there is no tracker \"{}\"", sync.tracker));
    }
    if sync.directory.is_empty() || sync.directory.starts_with('.') || sync.directory.contains('/') {
        return Err(format!("synchronizations.{name}.directory: \"{}\" is no folder's name", sync.directory));
    }
    match (sync.channel, &sync.exchange, &sync.mail) {
        (Channel::Folder, Some(_), None) => {}
        (Channel::Folder, None, _) => return Err(format!("synchronizations.{name}.exchange is missing")),
        (Channel::Folder, _, Some(_)) => {
            return Err(format!("synchronizations.{name}.mail: it goes through a folder, which can't be changed"));
        }
        (Channel::Mail, _, None) => return Err(format!("synchronizations.{name}.mail is missing")),
        (Channel::Mail, Some(_), _) => {
            return Err(format!("synchronizations.{name}.exchange: it goes by mail, which can't be changed"));
        }
        (Channel::Mail, None, Some(mail)) => {
            mail.check().map_err(|(key, why)| format!("synchronizations.{name}.mail.{key}: {why}"))?;
        }
    }
    if sync.polling_seconds == 0 {
        return Err(format!("synchronizations.{name}.polling_seconds: must be at least 1"));
    }
    Ok(())
}

/// Sets an entry; in one that is there, keys are changed in place.
fn put(document: &mut DocumentMut, group: &str, name: &Name, item: Table) {
    let parent = document.entry(group).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let Some(parent) = parent.as_table_like_mut() else { return };
    match parent.get_mut(name.as_str()).and_then(Item::as_table_like_mut) {
        Some(present) => {
            let gone: Vec<String> =
                present.iter().map(|(key, _)| key.to_owned()).filter(|key| !item.contains_key(key)).collect();
            for key in gone {
                present.remove(&key);
            }
            for (key, value) in item {
                replace(present, &key, value);
            }
        }
        None => {
            parent.insert(name.as_str(), Item::Table(item));
        }
    }
}

/// Sets a key, keeping the comment beside its value.
fn replace(table: &mut dyn toml_edit::TableLike, key: &str, mut value: Item) {
    if let (Some(old), Some(new)) = (table.get(key).and_then(Item::as_value), value.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, value);
}

fn remove(document: &mut DocumentMut, group: &str, name: &Name) {
    if let Some(parent) = document.get_mut(group).and_then(Item::as_table_like_mut) {
        parent.remove(name.as_str());
    }
}

#[cfg(test)]
mod tests;
