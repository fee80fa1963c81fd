//! A granted folder.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};

use crate::random::Random;

/// A granted folder, as names relative to it.
#[derive(Debug)]
pub struct Granted {
    root: OwnedFd,
    random: Arc<dyn Random>,
}

impl Granted {
    /// Opens the folder.
    ///
    /// # Errors
    /// Where it isn't there or can't be read.
    pub fn open(path: &Path, random: Arc<dyn Random>) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self { root, random })
    }
}
