//! Opening SEND and RECEIVE, through their links, anew each time.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;

use super::{ChannelFault, fault};

/// Our parcels, until the partner has taken them.
pub(super) const SEND: &str = "SEND";
/// The partner's parcels.
pub(super) const RECEIVE: &str = "RECEIVE";

/// SEND, which must be there.
pub(super) fn send(exchange: &Path) -> Result<OwnedFd, ChannelFault> {
    let path = exchange.join(SEND);
    open(&path)?.ok_or_else(|| gone(&path))
}

/// RECEIVE. Before anything ever came it may lead nowhere yet: the partner's
/// side is still to be made.
pub(super) fn receive(exchange: &Path, came: bool) -> Result<Option<OwnedFd>, ChannelFault> {
    let path = exchange.join(RECEIVE);
    match open(&path)? {
        None if came => Err(gone(&path)),
        found => Ok(found),
    }
}

/// A folder of ours inside RECEIVE, made where it isn't there.
pub(super) fn inside(receive: &OwnedFd, name: &str) -> Result<OwnedFd, ChannelFault> {
    let doing = format!("use RECEIVE/{name}");
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(receive, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => {}
        other => return other.map_err(|errno| fault::of(errno, &doing)),
    }
    match rustix::fs::mkdirat(receive, name, Mode::from_raw_mode(0o777)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(fault::of(errno, &doing)),
    }
    rustix::fs::openat(receive, name, flags, Mode::empty()).map_err(|errno| fault::of(errno, &doing))
}

/// Our own parcels must not come back to us as the partner's.
pub(super) fn different(send: &OwnedFd, receive: &OwnedFd) -> Result<(), ChannelFault> {
    let identity = |folder| rustix::fs::fstat(folder).map(|stat| (stat.st_dev, stat.st_ino));
    match (identity(send), identity(receive)) {
        (Ok(send), Ok(receive)) if send == receive => Err(ChannelFault::Denied(
            "RECEIVE leads to our own SEND; let it lead to the partner's SEND, or be a folder of its own".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn open(path: &Path) -> Result<Option<OwnedFd>, ChannelFault> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match rustix::fs::openat(CWD, path, flags, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(fault::of(errno, &format!("open {}", path.display()))),
    }
}

fn gone(path: &Path) -> ChannelFault {
    let target = std::fs::read_link(path).map(|target| format!(" (a link to {})", target.display()));
    ChannelFault::Denied(format!(
        "{}{} isn't there: the share looks unmounted; mount it, or make the folder again",
        path.display(),
        target.unwrap_or_default()
    ))
}
