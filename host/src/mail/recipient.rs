//! To whom a synchronization's mail goes: whom the engine named first, until a
//! person says otherwise. A partner's Ferry that is taken over can't lead what is
//! sent to somebody else.

use std::io;
use std::path::{Path, PathBuf};

use ferry_post::Fault;

use crate::home::write_private;

/// The first recipient, in a file beside the synchronization.
#[derive(Debug)]
pub(super) struct Recipient {
    file: PathBuf,
    /// A person's word.
    word: Option<String>,
}

const FILE: &str = "recipient";

impl Recipient {
    /// Of the synchronization with this folder.
    pub(super) fn new(folder: &Path, word: Option<String>) -> Self {
        Self { file: folder.join(FILE), word }
    }

    /// To whom a mail goes that the engine has for somebody.
    pub(super) fn of(&self, named: &str) -> Result<String, Fault> {
        let first = match std::fs::read_to_string(&self.file) {
            Ok(first) => first,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                write_private(&self.file, named.as_bytes()).map_err(|error| self.unusable("written", &error))?;
                named.to_owned()
            }
            Err(error) => return Err(self.unusable("read", &error)),
        };
        if first == named || self.word.as_deref() == Some(named) {
            return Ok(self.word.clone().unwrap_or(first));
        }
        let so_far = self.word.as_ref().unwrap_or(&first);
        Err(Fault::Denied(format!(
            "the partner's Ferry tells {named} as its address, and mails have gone to {so_far} so far: ask your \
             partner, and if they have moved, say so with `ferry sync edit NAME --partner-address {named}`"
        )))
    }

    fn unusable(&self, how: &str, error: &io::Error) -> Fault {
        Fault::Denied(format!("{} can't be {how}: {error}", self.file.display()))
    }

    /// Who it is, where that is known.
    pub(super) fn known(&self) -> Option<String> {
        self.word.clone().or_else(|| std::fs::read_to_string(&self.file).ok())
    }
}

/// Who was named first for the synchronization with this folder.
pub(crate) fn first(folder: &Path) -> Option<String> {
    Recipient::new(folder, None).known()
}

/// People begin anew with a handshake file: whoever is named next is the first.
pub(crate) fn forget(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(folder.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mail_goes_to_whom_was_named_first_until_a_person_says_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let recipient = |word: Option<&str>| Recipient::new(folder.path(), word.map(str::to_owned));
        assert_eq!(recipient(None).of("a@x.test").unwrap(), "a@x.test");
        assert_eq!(recipient(None).of("a@x.test").unwrap(), "a@x.test");
        let refused = recipient(None).of("b@x.test").unwrap_err().to_string();
        assert!(refused.contains("a@x.test") && refused.contains("--partner-address b@x.test"), "{refused}");
        // The partner's Ferry goes on to tell the old address, or tells the new one.
        assert_eq!(recipient(Some("c@x.test")).of("a@x.test").unwrap(), "c@x.test");
        assert_eq!(recipient(Some("c@x.test")).of("c@x.test").unwrap(), "c@x.test");
        assert!(recipient(Some("c@x.test")).of("b@x.test").is_err());
        forget(folder.path()).unwrap();
        forget(folder.path()).unwrap();
        assert_eq!(recipient(None).of("b@x.test").unwrap(), "b@x.test");
    }
}
