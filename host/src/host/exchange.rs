//! The exchange directory of a synchronization, as people lay it out.

use std::path::{Path, PathBuf};

use super::Host;
use crate::folder;
use crate::home::private_directory;
use crate::request::{Failure, FolderOptions};

impl Host {
    /// The exchange directory that is wanted, looked at before anything is
    /// made.
    pub(super) fn exchange_path(&self, directory: &str, options: &FolderOptions) -> Result<PathBuf, Failure> {
        let own = || self.home.synchronization(directory).join("exchange");
        let exchange = options.exchange.clone().unwrap_or_else(own);
        if exchange.exists() && !exchange.is_dir() {
            return Err(Failure::usage(format!("{} is no folder", exchange.display())));
        }
        if options.peer.as_ref().is_some_and(|peer| same(peer, &exchange)) {
            return Err(Failure::usage(format!("--exchange and --peer are the same folder, {}", exchange.display()))
                .with_help("--exchange is yours, --peer is your partner's"));
        }
        let settings = self.settings()?;
        let mut others = settings.synchronizations.iter().filter(|(_, sync)| sync.directory != directory);
        match others.find(|(_, sync)| sync.exchange.as_ref().is_some_and(|other| same(other, &exchange))) {
            Some((name, _)) => {
                Err(Failure::usage(format!("{} is the exchange directory of {name} already", exchange.display()))
                    .with_help("give each synchronization one of its own"))
            }
            None => Ok(exchange),
        }
    }
}

/// Makes an exchange directory: SEND and RECEIVE, the latter a link to the
/// peer's SEND where there is a peer; that one is made, too, so that either
/// side may come first.
pub(super) fn make(exchange: &Path, peer: Option<&Path>) -> Result<(), Failure> {
    if let Some(peer) = peer {
        let send = peer.join("SEND");
        if send.symlink_metadata().is_err() {
            private_directory(&send).map_err(Failure::io(format!("{} can't be made", send.display())))?;
        }
    }
    private_directory(exchange).map_err(Failure::io(format!("{} can't be made", exchange.display())))?;
    folder::prepare(exchange, peer).map_err(|e| Failure::failed(e.to_string()))?;
    let durable = std::fs::File::open(exchange).and_then(|folder| folder.sync_all());
    durable.map_err(Failure::io(format!("{} can't be synced to disk", exchange.display())))?;
    try_out(exchange)
}

/// Whether parcels could come and go: nothing is left behind.
pub(super) fn try_out(exchange: &Path) -> Result<(), Failure> {
    let send = exchange.join("SEND");
    let probe = send.join(format!(".ferry-test-{}.tmp", std::process::id()));
    let written = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    written.map_err(Failure::io(format!("nothing can be written into {}", send.display())))?;
    let receive = exchange.join("RECEIVE");
    match std::fs::read_dir(&receive) {
        Ok(_) => Ok(()),
        Err(e) => Err(Failure::failed(format!("{} can't be looked into: {e}", receive.display()))
            .with_help("mount the share, or mend the link that it is")),
    }
}

/// Whether two paths lead to the same folder.
fn same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn either_side_may_come_first() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
        make(&ours, Some(&theirs)).unwrap();
        make(&theirs, Some(&ours)).unwrap();
        std::fs::write(ours.join("SEND/a"), "from us").unwrap();
        std::fs::write(theirs.join("SEND/b"), "from them").unwrap();
        assert_eq!(std::fs::read_to_string(theirs.join("RECEIVE/a")).unwrap(), "from us");
        assert_eq!(std::fs::read_to_string(ours.join("RECEIVE/b")).unwrap(), "from them");
        make(&ours, Some(&theirs)).unwrap();
    }

    #[test]
    fn what_lies_in_receive_is_not_thrown_away() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
        make(&ours, None).unwrap();
        std::fs::write(ours.join("RECEIVE/parcel"), "sealed").unwrap();
        let error = make(&ours, Some(&theirs)).unwrap_err();
        assert!(error.message.contains("RECEIVE"), "{error}");
        assert!(ours.join("RECEIVE/parcel").exists());
    }

    #[test]
    fn a_channel_that_leads_nowhere_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
        make(&ours, Some(&theirs)).unwrap();
        std::fs::remove_dir_all(&theirs).unwrap();
        let error = try_out(&ours).unwrap_err();
        assert!(error.message.contains("RECEIVE"), "{error}");
    }
}
