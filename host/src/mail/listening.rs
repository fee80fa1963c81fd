//! Being told of new mail: a connection of its own that waits, and a thread that
//! keeps it. It only makes things quick; the clock is the truth.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_post::{Fault, HangUp, Receiver};

use super::access::Environment;
use super::accounts::Accounts;
use super::place::{MailEnd, MailPlace};
use crate::backoff::Backoff;
use crate::host::hold;

/// How long one wait lasts: a server may end what takes half an hour (RFC 2177),
/// and what lies between may have forgotten it before.
const WAIT: Duration = Duration::from_secs(9 * 60);

/// Whoever is told.
type Tell = Box<dyn Fn() + Send + Sync>;

/// Tells of new mail until it is dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    shared: Arc<Shared>,
    number: u64,
}

/// One connection that waits, and all who want to know.
#[derive(Default)]
pub(super) struct Shared {
    folder: String,
    ended: AtomicBool,
    waits: Mutex<Option<HangUp>>,
    listeners: Mutex<BTreeMap<u64, Tell>>,
}

impl Listening {
    /// Begins, or joins who listens to the same folder of the account already.
    /// Where the server doesn't tell, nothing comes of it; nor where another
    /// folder of the account is listened to, since a server allows only so many
    /// connections.
    pub(crate) fn begin(
        accounts: &Accounts,
        place: &MailPlace,
        environment: Environment,
        tell: impl Fn() + Send + Sync + 'static,
    ) -> Option<Self> {
        let end = &place.receive;
        let mut ears = accounts.ears();
        let ear = ears.entry((end.account(), place.trust.clone())).or_default();
        let tell: Tell = Box::new(tell);
        let tell = match ear.upgrade() {
            Some(shared) if shared.folder != end.place.folder && !shared.ended() => return None,
            Some(shared) => match Self::join(&shared, tell) {
                Ok(listening) => return Some(listening),
                Err(tell) => tell,
            },
            None => tell,
        };
        let shared = Arc::new(Shared { folder: end.place.folder.clone(), ..Shared::default() });
        *ear = Arc::downgrade(&shared);
        let listening = Self::join(&shared, tell).ok()?;
        let ear = Ear { shared, receiver: accounts.receiver(end, &place.trust), end: end.clone(), environment };
        let begun = std::thread::Builder::new().name("mail".to_owned()).spawn(move || ear.listen());
        if let Err(error) = begun {
            tracing::warn!(%error, "nothing tells of new mail: it is looked for by the clock");
        }
        Some(listening)
    }

    /// Hands back whom nobody would tell any more: the last one that listened left.
    fn join(shared: &Arc<Shared>, tell: Tell) -> Result<Self, Tell> {
        let mut listeners = hold(&shared.listeners);
        if shared.ended() {
            return Err(tell);
        }
        let number = listeners.last_key_value().map_or(0, |(number, _)| number + 1);
        listeners.insert(number, tell);
        Ok(Self { shared: shared.clone(), number })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut listeners = hold(&self.shared.listeners);
        listeners.remove(&self.number);
        if listeners.is_empty() {
            self.shared.ended.store(true, Ordering::Release);
            if let Some(waits) = hold(&self.shared.waits).take() {
                waits.now();
            }
        }
    }
}

impl Shared {
    fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    fn tell(&self) {
        hold(&self.listeners).values().for_each(|tell| tell());
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({}, {})", self.folder, hold(&self.listeners).len())
    }
}

struct Ear {
    shared: Arc<Shared>,
    receiver: Arc<Receiver>,
    end: MailEnd,
    environment: Environment,
}

impl Ear {
    fn listen(self) {
        let mut backoff = Backoff::default();
        while !self.ended() {
            match self.hear(&mut backoff) {
                Ok(()) => return,
                Err(fault) if self.ended() => drop(fault),
                Err(fault) => {
                    tracing::debug!(server = %self.end.place.server(), %fault, "not told of new mail for now");
                    self.rest(backoff.next());
                }
            }
        }
    }

    /// Waits and tells; ends where the server tells nothing, or nobody listens.
    fn hear(&self, backoff: &mut Backoff) -> Result<(), Fault> {
        let credentials = || self.end.access.credentials(self.environment);
        let mut mailbox = self.receiver.connect(&credentials, &self.end.place.folder)?;
        if !mailbox.tells() {
            return Ok(());
        }
        *hold(&self.shared.waits) = Some(mailbox.hang_up());
        // What came before we began to wait.
        self.shared.tell();
        while !self.ended() {
            if mailbox.wait(WAIT)? {
                self.shared.tell();
            }
            backoff.rest();
        }
        Ok(())
    }

    fn ended(&self) -> bool {
        self.shared.ended()
    }

    /// Rests, and looks up now and then whether anybody listens still.
    fn rest(&self, long: Duration) {
        let until = std::time::Instant::now() + long;
        while !self.ended() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(200).min(long));
        }
    }
}
