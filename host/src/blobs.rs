//! Attachment content and sealed parcels on their way: files of one folder,
//! under names that nobody can guess.
//!
//! A blob that is sealed is a file without write permission (0400): the mark
//! is in the file itself, so there is no second place that could disagree.

mod fault;

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::home::private_directory;
use crate::random::{Random, hex_name};

pub use fault::BlobFault;

/// A blob, in bytes: far above what any mapping lets through, far below what
/// an offset gone wrong would make.
pub const BLOB_BYTES_MAX: u64 = 16 << 30;
/// What one read answers at most, in bytes.
pub const READ_BYTES_MAX: u32 = 16 << 20;
/// Bytes of a blob's name, before they are written in hexadecimal.
const NAME_BYTES: usize = 16;
/// Read at a time while a blob is hashed.
const BUFFER_BYTES: usize = 256 << 10;

/// What a complete blob holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its content.
    pub digest: Digest,
}

/// The blobs of one synchronization.
#[derive(Debug)]
pub struct Blobs {
    folder: PathBuf,
    random: Arc<dyn Random>,
}

impl Blobs {
    /// The blobs in this folder, made (0700), durably, with the first one.
    pub fn new(folder: impl Into<PathBuf>, random: Arc<dyn Random>) -> Self {
        Self { folder: folder.into(), random }
    }

    /// A new, empty blob; answers its name.
    ///
    /// # Errors
    /// Where there is no room, or the folder can't be written.
    pub fn create(&self) -> Result<String, BlobFault> {
        let name = hex_name(&*self.random, NAME_BYTES)?;
        let path = self.folder.join(&name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private_directory(&self.folder)?;
                options.open(&path)?
            }
            other => other?,
        };
        Ok(name)
    }

    /// Writes at an offset.
    ///
    /// # Errors
    /// `Sealed` where it is complete, `TooLarge` beyond [`BLOB_BYTES_MAX`].
    pub fn write(&self, name: &str, offset: u64, content: &[u8]) -> Result<(), BlobFault> {
        let end = offset.checked_add(content.len() as u64).filter(|end| *end <= BLOB_BYTES_MAX);
        end.ok_or(BlobFault::TooLarge(BLOB_BYTES_MAX))?;
        let path = self.path(name)?;
        if sealed(&fs::metadata(&path)?) {
            return Err(BlobFault::Sealed);
        }
        OpenOptions::new().write(true).open(path)?.write_all_at(content, offset)?;
        Ok(())
    }

    /// Fills a new blob with at most so many bytes of a reader, by the kernel where
    /// it can.
    ///
    /// # Errors
    /// As [`Blobs::write`]; nothing is left behind.
    pub fn fill(&self, content: impl Read, max: u64) -> Result<String, BlobFault> {
        let (name, max) = (self.create()?, max.min(BLOB_BYTES_MAX));
        let filled = self.path(&name).and_then(|path| {
            let mut blob = OpenOptions::new().write(true).open(path)?;
            io::copy(&mut content.take(max + 1), &mut blob).map_err(BlobFault::from)
        });
        match filled {
            Ok(size) if size <= max => Ok(name),
            Ok(_) => self.remove(&name).and(Err(BlobFault::TooLarge(max))),
            Err(fault) => self.remove(&name).and(Err(fault)),
        }
    }

    /// What was written so far is durable on return.
    ///
    /// # Errors
    /// `NotFound` where one of them isn't there.
    pub fn sync(&self, names: &[String]) -> Result<(), BlobFault> {
        for name in names {
            File::open(self.path(name)?)?.sync_data()?;
        }
        if !names.is_empty() {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Complete and durable on return; sealing twice is no error.
    ///
    /// # Errors
    /// `NotFound` where it isn't there.
    pub fn seal(&self, name: &str) -> Result<Summary, BlobFault> {
        let path = self.path(name)?;
        let mut file = File::open(&path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut size = 0;
        loop {
            let length = file.read(&mut buffer)?;
            let Some(read) = buffer.get(..length).filter(|read| !read.is_empty()) else { break };
            hasher.update(read);
            size += length as u64;
        }
        if !sealed(&file.metadata()?) {
            file.set_permissions(Permissions::from_mode(0o400))?;
            file.sync_all()?;
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(Summary { size, digest: Digest(hasher.finalize().into()) })
    }

    /// At most `length` bytes from the offset on; fewer at its end, and never
    /// more than [`READ_BYTES_MAX`].
    ///
    /// # Errors
    /// `NotFound` where it isn't there.
    pub fn read(&self, name: &str, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        let file = File::open(self.path(name)?)?;
        let left = file.metadata()?.len().saturating_sub(offset);
        let length = left.min(u64::from(length.min(READ_BYTES_MAX)));
        // At most 16 MiB: it fits into any usize.
        let mut content = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact_at(&mut content, offset)?;
        Ok(content)
    }

    /// Its file, to copy from.
    ///
    /// # Errors
    /// `NotFound` where it isn't there.
    pub fn file(&self, name: &str) -> Result<File, BlobFault> {
        Ok(File::open(self.path(name)?)?)
    }

    /// Removes it; one that isn't there is no error.
    ///
    /// # Errors
    /// Where the folder can't be written.
    pub fn remove(&self, name: &str) -> Result<(), BlobFault> {
        match fs::remove_file(self.path(name)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// At most `limit` names in order, after one.
    ///
    /// # Errors
    /// Where the folder can't be read.
    pub fn names(&self, after: Option<&str>, limit: u32) -> Result<Vec<String>, BlobFault> {
        let listing = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in listing {
            let name = entry?.file_name().into_string().unwrap_or_default();
            if valid(&name) && after.is_none_or(|after| name.as_str() > after) {
                names.push(name);
            }
        }
        names.sort_unstable();
        names.truncate(limit as usize);
        Ok(names)
    }

    /// Only names of our own making lead to a file.
    fn path(&self, name: &str) -> Result<PathBuf, BlobFault> {
        if valid(name) { Ok(self.folder.join(name)) } else { Err(BlobFault::NotFound) }
    }

    /// Where they lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn valid(name: &str) -> bool {
    name.len() == NAME_BYTES * 2 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn sealed(metadata: &fs::Metadata) -> bool {
    metadata.permissions().mode() & 0o200 == 0
}

#[cfg(test)]
mod tests;
