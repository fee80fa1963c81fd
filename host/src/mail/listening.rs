//! Being told of new mail: a connection of its own that waits, and a thread that
//! keeps it. It only makes things quick; the clock is the truth.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry_post::{Fault, HangUp, Receiver};

use super::access::Environment;
use super::accounts::Accounts;
use super::place::{MailEnd, MailPlace};
use crate::host::hold;
use crate::schedule::Backoff;

/// How long one wait lasts: a server may end what takes half an hour (RFC 2177),
/// and what lies between may have forgotten it before.
const WAIT: Duration = Duration::from_secs(9 * 60);

/// Whoever is told.
type Tell = Box<dyn Fn() + Send + Sync>;

/// Tells of new mail until it is dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    ended: AtomicBool,
    waits: Mutex<Option<HangUp>>,
}

impl Listening {
    /// Begins; where the server doesn't tell, nothing comes of it.
    pub(crate) fn begin(
        accounts: &Accounts,
        place: &MailPlace,
        environment: Environment,
        tell: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let (end, receiver) = (place.receive.clone(), accounts.receiver(&place.receive, &place.trust));
        let ear = Ear { shared: shared.clone(), receiver, end, environment, tell: Box::new(tell) };
        let begun = std::thread::Builder::new().name("mail".to_owned()).spawn(move || ear.listen());
        if let Err(error) = begun {
            tracing::warn!(%error, "nothing tells of new mail: it is looked for by the clock");
        }
        Self { shared }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        if let Some(waits) = hold(&self.shared.waits).take() {
            waits.now();
        }
    }
}

struct Ear {
    shared: Arc<Shared>,
    receiver: Arc<Receiver>,
    end: MailEnd,
    environment: Environment,
    tell: Tell,
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
        (self.tell)();
        while !self.ended() {
            if mailbox.wait(WAIT)? {
                (self.tell)();
            }
            backoff.rest();
        }
        Ok(())
    }

    fn ended(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Rests, and looks up now and then whether anybody listens still.
    fn rest(&self, long: Duration) {
        let until = std::time::Instant::now() + long;
        while !self.ended() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(200).min(long));
        }
    }
}
