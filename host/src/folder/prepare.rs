//! Making an exchange directory, for the command line.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf, absolute};

use super::open::{RECEIVE, SEND};

/// Why an exchange directory can't be made.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// A folder or link can't be made.
    #[error("{} can't be made: {source}", path.display())]
    Make {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// RECEIVE is there and isn't that link.
    #[error("{} is there already and doesn't lead to {}; move it away, or leave out the peer", receive.display(),
        wanted.display())]
    Other {
        /// RECEIVE.
        receive: PathBuf,
        /// Where it was to lead.
        wanted: PathBuf,
    },
}

/// Makes an exchange directory with SEND and RECEIVE, where they aren't there.
/// With a peer's exchange directory RECEIVE becomes a link to its SEND, which
/// need not be there yet.
///
/// # Errors
/// Where something can't be made, or RECEIVE is something else already.
pub fn prepare(exchange: &Path, peer: Option<&Path>) -> Result<(), PrepareError> {
    folder(exchange)?;
    folder(&exchange.join(SEND))?;
    let receive = exchange.join(RECEIVE);
    let Some(peer) = peer else { return folder(&receive) };
    let make = |source| PrepareError::Make { path: receive.clone(), source };
    let wanted = absolute(peer).map_err(make)?.join(SEND);
    match fs::read_link(&receive) {
        Ok(target) if target == wanted => return Ok(()),
        // An empty folder was made by us a moment ago, or by the person.
        Err(_) if fs::remove_dir(&receive).map_or_else(|error| error.kind() == io::ErrorKind::NotFound, |()| true) => {}
        _ => return Err(PrepareError::Other { receive, wanted }),
    }
    symlink(&wanted, &receive).map_err(make)
}

/// A folder, or a link to one: who made the link decides where it leads.
fn folder(path: &Path) -> Result<(), PrepareError> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(|source| PrepareError::Make { path: path.to_owned(), source })
}
