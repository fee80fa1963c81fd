//! A missing share looks like an empty directory. So each side keeps a marker
//! in its SEND, and misses the partner's in RECEIVE.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::{ChannelFault, fault, open};

/// The marker's name: no dot file, so that whatever carries the parcels
/// carries it too; and no name of a parcel.
pub(super) const MARKER: &str = "FERRY.txt";

/// What a person reads in it.
const TEXT: &[u8] = b"Ferry carries sealed parcels through this folder. This file tells the other side\n\
    that it looks at the right place, and not at the empty folder of a share that\n\
    isn't mounted. Whatever copies the parcels has to copy this file as well.\n";

/// Shows ours in SEND.
pub(super) fn show(send: &OwnedFd) -> Result<(), ChannelFault> {
    if shown(send)? {
        return Ok(());
    }
    let doing = "write the marker FERRY.txt into SEND";
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(send, MARKER, flags, Mode::from_raw_mode(0o666)) {
        Ok(file) => File::from(file).write_all(TEXT).map_err(|error| fault::of_io(&error, doing)),
        Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(fault::of(errno, doing)),
    }
}

/// Whether a folder shows one.
pub(super) fn shown(folder: &OwnedFd) -> Result<bool, ChannelFault> {
    match rustix::fs::statat(folder, MARKER, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(fault::of(errno, "look for the marker FERRY.txt")),
    }
}

/// The partner's isn't there, though something came before.
pub(super) fn missing(exchange: &Path) -> ChannelFault {
    ChannelFault::Denied(format!(
        "{} doesn't show the partner's marker {MARKER}: the share looks unmounted, or what carries the parcels leaves \
         it out; mount the share, or copy {MARKER} from the partner's SEND",
        exchange.join(open::RECEIVE).display()
    ))
}
