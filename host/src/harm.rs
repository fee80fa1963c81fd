//! Parcels over which a component broke off: noted beside the synchronization,
//! so that the next process knows. One that was killed can't note anything.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Names that are remembered; more at a time only come from somebody who
/// floods, and each is noted again when it does harm again.
const FILES_MAX: usize = 64;

/// A file of lines, each a number and a name.
#[derive(Debug)]
pub(crate) struct Harm(PathBuf);

impl Harm {
    /// What is noted in this file, which need not be there.
    pub(crate) fn noted_in(file: PathBuf) -> Self {
        Self(file)
    }

    /// It happened once more. A note that can't be written is written the next
    /// time.
    pub(crate) fn note(&self, name: &str) {
        let mut noted = self.read().unwrap_or_default();
        *noted.entry(name.to_owned()).or_default() += 1;
        while noted.len() > FILES_MAX {
            // Never the one that was just noted: its second time would not come.
            let Some(other) = noted.keys().find(|other| *other != name).cloned() else { break };
            noted.remove(&other);
        }
        self.write(&noted);
    }

    /// These are no more.
    pub(crate) fn forget(&self, names: &[String]) {
        let Ok(mut noted) = self.read() else { return };
        let before = noted.len();
        noted.retain(|name, _| !names.contains(name));
        if noted.len() < before {
            self.write(&noted);
        }
    }

    /// All of them, and how often.
    pub(crate) fn noted(&self) -> io::Result<Vec<(String, u32)>> {
        Ok(self.read()?.into_iter().collect())
    }

    fn read(&self) -> io::Result<BTreeMap<String, u32>> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(error),
        };
        let line = |line: &str| {
            let (times, name) = line.split_once(' ')?;
            Some((name.to_owned(), times.parse().ok()?))
        };
        Ok(text.lines().filter_map(line).collect())
    }

    fn write(&self, noted: &BTreeMap<String, u32>) {
        let text: String = noted.iter().map(|(name, times)| format!("{times} {name}\n")).collect();
        if let Err(error) = fs::write(&self.0, text) {
            tracing::warn!("{} can't be written: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_flood_of_names_does_not_drop_the_one_that_was_just_noted() {
        let folder = tempfile::tempdir().unwrap();
        let harm = Harm::noted_in(folder.path().join("harm"));
        for number in 0..=FILES_MAX {
            harm.note(&format!("z{number:03}"));
        }
        harm.note("a");
        harm.note("a");
        let noted = harm.noted().unwrap();
        assert_eq!(noted.len(), FILES_MAX);
        assert!(noted.contains(&("a".to_owned(), 2)), "{noted:?}");
    }
}
