//! What servers report of mails that came back, for people: the latest is kept
//! beside the synchronization, until it is a matter of the past.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::home::write_private;
use crate::host::hold;

/// The least time between two looks for reports.
const LOOK: Duration = Duration::from_secs(5 * 60);

/// By which word mails of ours are known in reports, and what the last one said.
#[derive(Debug)]
pub(super) struct Returned {
    token: PathBuf,
    said: PathBuf,
    looked: Mutex<Option<Instant>>,
}

impl Returned {
    /// Of the synchronization with this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { token: folder.join("sent-as"), said: folder.join("returned"), looked: Mutex::default() }
    }

    /// A mail leaves: what its subject begins with is in that of all others.
    pub(super) fn leaves(&self, mail: &[u8]) {
        let headers = mail.split(|byte| *byte == b'\n').take_while(|line| line.len() > 1);
        let subject = headers.filter_map(|line| std::str::from_utf8(line).ok()?.strip_prefix("Subject: "));
        let Some((token, _)) = subject.last().and_then(|subject| subject.trim().rsplit_once('-')) else { return };
        if self.token().as_deref() != Some(token) {
            keep(&self.token, token);
        }
    }

    /// The word by which reports about our mails are known, once one has left.
    pub(super) fn token(&self) -> Option<String> {
        std::fs::read_to_string(&self.token).ok()
    }

    /// Whether it is time to look for reports again.
    pub(super) fn is_due(&self) -> bool {
        let mut looked = hold(&self.looked);
        let due = looked.is_none_or(|looked| looked.elapsed() >= LOOK);
        if due {
            *looked = Some(Instant::now());
        }
        due
    }

    /// What was found.
    pub(super) fn note(&self, said: Option<&str>) {
        match said {
            Some(said) if std::fs::read_to_string(&self.said).is_ok_and(|before| before == said) => {}
            Some(said) => keep(&self.said, said),
            // Mostly there is nothing to remove.
            None => drop(std::fs::remove_file(&self.said)),
        }
    }
}

/// What the last report said of a mail of the synchronization with this folder.
pub(crate) fn last(folder: &Path) -> Option<String> {
    std::fs::read_to_string(Returned::new(folder).said).ok()
}

/// A hint that can't be kept is no trouble.
pub(super) fn keep(file: &Path, text: &str) {
    if let Err(error) = write_private(file, text.as_bytes()) {
        tracing::warn!(path = %file.display(), %error, "a hint can't be kept");
    }
}
