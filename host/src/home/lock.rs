//! The lock that says which process works in a home. The operating system
//! drops it with the process, so that a killed one is no obstacle.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;

use super::Home;

/// The home is ours until this is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the home, unless another process has it.
    pub fn take(home: &Home) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(home.lock_file())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(e)) => return Err(e),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Some(Self { file }))
    }

    /// The process that has the home, or had it last: for people to read.
    pub fn holder(home: &Home) -> Option<u32> {
        let mut text = String::new();
        File::open(home.lock_file()).ok()?.take(32).read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_at_a_time_has_the_home_and_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path()).unwrap();
        let lock = Lock::take(&home).unwrap().unwrap();
        assert!(Lock::take(&home).unwrap().is_none());
        assert_eq!(Lock::holder(&home), Some(std::process::id()));
        drop(lock);
        assert!(Lock::take(&home).unwrap().is_some());
    }

    #[test]
    fn a_lock_file_that_a_killed_process_left_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path()).unwrap();
        std::fs::write(home.lock_file(), "999999 and more than is expected here, much more than that\n").unwrap();
        assert!(Lock::take(&home).unwrap().is_some());
    }
}
