//! Being woken by folders that change.

use std::path::PathBuf;
use std::sync::Arc;

use crate::host::{Host, Seat, Wake};
use crate::settings::Synchronization;
use crate::watch::{Interest, Watch, Watched};

/// What is watched for one synchronization: where parcels come, and the folder
/// that its tracker was granted.
#[derive(Debug, Default)]
pub(super) struct Watching {
    now: Option<(Vec<PathBuf>, Watch)>,
}

impl Watching {
    /// Watches what a synchronization has now. To be called at each look: a
    /// share may have come, a link may lead elsewhere.
    pub fn watch(&mut self, host: &Host, sync: &Synchronization, seat: &Arc<Seat>) {
        let receive = sync.exchange.join("RECEIVE");
        let paths: Vec<PathBuf> = std::iter::once(receive).chain(host.granted_folder(sync)).collect();
        match &mut self.now {
            Some((before, watch)) if *before == paths => watch.refresh(),
            now => {
                let interest = [Interest::Arrivals, Interest::Changes];
                let watched = paths.iter().cloned().zip(interest).map(|(path, interest)| Watched { path, interest });
                let watched = watched.collect();
                let seat = seat.clone();
                let wake = move |index| seat.wake(Wake { receive: index == 0, pull: index == 1, end: false });
                *now = Some((paths, Watch::new(watched, wake)));
            }
        }
    }
}
