//! Publishing: whole or not at all, and durably.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::{ChannelFault, fault};
use crate::random::{Random, hex_name};

/// Publishes a file in a folder: a temporary file beside it, synced, renamed,
/// and the folder synced. On return it survives a power cut.
pub(super) fn publish(folder: &OwnedFd, name: &str, content: &[u8], random: &dyn Random) -> Result<(), ChannelFault> {
    if !holds(folder, name, content) {
        let temporary = hex_name(random, 8).map_err(|error| fault::of_io(&error, "get random bytes"))?;
        let temporary = format!(".ferry-{temporary}.tmp");
        let published = write(folder, &temporary, content).and_then(|()| rename(folder, &temporary, name, content));
        if let Err(fault) = published {
            rustix::fs::unlinkat(folder, temporary.as_str(), AtFlags::empty()).unwrap_or_default();
            return Err(fault);
        }
    }
    // Also where it was there: who wrote it may have died before this.
    rustix::fs::fsync(folder).map_err(|errno| fault::of(errno, "sync SEND to disk"))
}

/// Whether it is one of our temporary files.
pub(super) fn temporary(name: &str) -> bool {
    name.starts_with(".ferry-") && name.ends_with(".tmp")
}

fn write(folder: &OwnedFd, name: &str, content: &[u8]) -> Result<(), ChannelFault> {
    let doing = "write a parcel into SEND";
    let failed = |errno| fault::of(errno, doing);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(0o600)).map_err(failed)?);
    file.write_all(content).map_err(|error| fault::of_io(&error, doing))?;
    // Who may read the folder may read the parcel: another account may carry
    // it, and it is sealed.
    let readers = rustix::fs::fstat(folder).map_err(failed)?.st_mode & 0o044;
    if readers != 0 {
        rustix::fs::fchmod(file.as_fd(), Mode::from_raw_mode(0o600 | readers)).unwrap_or_default();
    }
    file.sync_all().map_err(|error| fault::of_io(&error, doing))
}

fn rename(folder: &OwnedFd, from: &str, to: &str, content: &[u8]) -> Result<(), ChannelFault> {
    match rustix::fs::renameat(folder, from, folder, to) {
        Ok(()) => Ok(()),
        // On NFS an error may follow a success: look, compare, then decide.
        Err(_) if holds(folder, to, content) => Ok(()),
        Err(errno) => Err(fault::of(errno, "rename a parcel in SEND")),
    }
}

/// Whether the file is there with this content; anything odd is a no.
fn holds(folder: &OwnedFd, name: &str, content: &[u8]) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::openat(folder, name, flags, Mode::empty()) else { return false };
    let file = File::from(file);
    if !file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == content.len() as u64) {
        return false;
    }
    let mut held = Vec::with_capacity(content.len());
    let whole = (&file).take(content.len() as u64 + 1).read_to_end(&mut held).is_ok() && held == content;
    whole && !matches!(rustix::fs::fsync(&file), Err(Errno::IO))
}
