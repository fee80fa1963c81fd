//! Being woken by folders that change, and by servers that tell of mail.

use std::path::PathBuf;
use std::sync::Arc;

use crate::host::{Host, Seat, Wake};
use crate::mail::{Listening, MailPlace};
use crate::settings::Synchronization;
use crate::watch::{Interest, Watch, Watched};

/// What is watched for one synchronization: where parcels come, and the folder
/// that its tracker was granted.
#[derive(Debug, Default)]
pub(super) struct Watching {
    folders: Option<(Vec<Watched>, Watch)>,
    mailbox: Option<(MailPlace, Option<Listening>)>,
}

const ARRIVED: Wake = Wake { receive: true, pull: false, end: false };
const CHANGED: Wake = Wake { receive: false, pull: true, end: false };

impl Watching {
    /// Watches what a synchronization has now. To be called at each look: a
    /// share may have come, a link may lead elsewhere.
    pub fn watch(&mut self, host: &Host, sync: &Synchronization, seat: &Arc<Seat>) {
        let receive = sync.exchange.as_ref().map(|exchange| exchange.join("RECEIVE"));
        let watched = |path: PathBuf, interest| Watched { path, interest };
        let comes = receive.map(|path| watched(path, Interest::Arrivals));
        let changes = host.granted_folder(sync).map(|path| watched(path, Interest::Changes));
        let folders: Vec<Watched> = comes.into_iter().chain(changes).collect();
        match &mut self.folders {
            Some((before, watch)) if *before == folders => watch.refresh(),
            now => {
                let (seat, interests) = (seat.clone(), folders.iter().map(|it| it.interest).collect::<Vec<_>>());
                let wake = move |index: usize| match interests.get(index) {
                    Some(Interest::Arrivals) => seat.wake(ARRIVED),
                    _ => seat.wake(CHANGED),
                };
                *now = Some((folders.clone(), Watch::new(folders, wake)));
            }
        }
        let mailbox = host.mailbox(sync);
        if self.mailbox.as_ref().map(|(place, _)| place) != mailbox.as_ref() {
            self.mailbox = mailbox.map(|place| {
                let seat = seat.clone();
                let listening = host.listen_to(&place, move || seat.wake(ARRIVED));
                (place, listening)
            });
        }
    }
}
