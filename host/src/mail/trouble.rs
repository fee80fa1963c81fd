//! What one way of the mail channel meets, beside the synchronization: also the
//! next process, and people who ask it, know since when and why it fails.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::{SecondsFormat, Utc};
use ferry_post::Fault;

use super::returned::keep;
use crate::host::hold;
use crate::request::MailTrouble;

/// The trouble of one way.
#[derive(Debug)]
pub(super) struct Trouble {
    file: PathBuf,
    /// What the file says, as far as this process knows.
    known: Mutex<Option<String>>,
}

/// The ways, in the names of their files.
const RECEIVE: &str = "receive-trouble";
const SEND: &str = "send-trouble";

impl Trouble {
    /// Of receiving, for the synchronization with this folder.
    pub(super) fn receiving(folder: &Path) -> Self {
        Self::at(folder.join(RECEIVE))
    }

    /// Of sending.
    pub(super) fn sending(folder: &Path) -> Self {
        Self::at(folder.join(SEND))
    }

    fn at(file: PathBuf) -> Self {
        let known = Mutex::new(std::fs::read_to_string(&file).ok());
        Self { file, known }
    }

    /// What came of a call. A mail that is too large, or gone, is no trouble of the
    /// way.
    pub(super) fn note<T>(&self, done: &Result<T, Fault>) {
        let mut known = hold(&self.known);
        match done {
            Err(Fault::TooLarge(_) | Fault::NotFound) => {}
            Ok(_) if known.is_some() => {
                *known = None;
                // What can't be removed is written over the next time.
                drop(std::fs::remove_file(&self.file));
            }
            Ok(_) => {}
            Err(fault) => {
                let reason = fault.to_string();
                if known.as_deref().and_then(|text| text.split_once(' ')).is_none_or(|(_, before)| before != reason) {
                    let text = format!("{} {reason}", Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true));
                    keep(&self.file, &text);
                    *known = Some(text);
                }
            }
        }
    }

    fn told(&self) -> Option<MailTrouble> {
        let known = hold(&self.known);
        let (since, reason) = known.as_deref()?.split_once(' ')?;
        Some(MailTrouble { since: since.to_owned(), reason: reason.to_owned() })
    }
}

/// The trouble of receiving and of sending, for the synchronization with this
/// folder.
pub(crate) fn last(folder: &Path) -> [Option<MailTrouble>; 2] {
    [Trouble::receiving(folder).told(), Trouble::sending(folder).told()]
}
