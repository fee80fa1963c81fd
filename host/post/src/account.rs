//! One account's connection, shared by all that use it: one for the mailbox,
//! one for submission, opened when they are needed and kept while they work.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bucket::{Buckets, Rates};
use crate::{Credentials, Fault, Mailbox, Place, Submission, Trust};

/// A mailbox that was silent for longer is asked first whether it is alive:
/// servers and what lies between close without a word. Before a mail that is
/// always asked: whether one left that broke off can't be known.
const SILENT: Duration = Duration::from_secs(30);

/// Who asks, as it is found out when a connection is opened: a secret may be
/// another one by then, and a token has to be fresh.
pub type Asks = Box<dyn Fn() -> Result<Credentials, Fault> + Send + Sync>;

/// What is needed to connect.
pub struct Terms {
    /// Where.
    pub place: Place,
    /// Whose word its certificate needs.
    pub trust: Trust,
    /// Who asks.
    pub credentials: Asks,
}

/// A mailbox, connected when it is used.
pub struct Receiver {
    terms: Terms,
    open: Mutex<Option<(Mailbox, Instant)>>,
}

/// A way to submit, connected when it is used.
pub struct Sender {
    terms: Terms,
    rates: Rates,
    open: Mutex<Outgoing>,
}

struct Outgoing {
    buckets: Buckets,
    open: Option<Submission>,
}

impl Receiver {
    /// Nothing is connected yet.
    pub fn new(terms: Terms) -> Self {
        Self { terms, open: Mutex::default() }
    }

    /// Works with the mailbox. What can't be known to have happened is done
    /// again on a connection of its own, once: it must not matter.
    ///
    /// # Errors
    /// By what to do next.
    pub fn with<T>(&self, mut work: impl FnMut(&mut Mailbox) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut open = hold(&self.open);
        if let Some((mut mailbox, used)) = open.take() {
            let alive = used.elapsed() < SILENT || mailbox.alive().is_ok();
            if alive {
                match work(&mut mailbox) {
                    Err(Fault::Unreachable(_)) => {}
                    done => {
                        if done.as_ref().err().is_none_or(Fault::leaves_connection) {
                            *open = Some((mailbox, Instant::now()));
                        }
                        return done;
                    }
                }
            }
        }
        let mut mailbox = self.connect()?;
        let done = work(&mut mailbox);
        if done.as_ref().err().is_none_or(Fault::leaves_connection) {
            *open = Some((mailbox, Instant::now()));
        }
        done
    }

    /// A connection of its own: to be told of new mail, or to try.
    ///
    /// # Errors
    /// By what to do next.
    pub fn connect(&self) -> Result<Mailbox, Fault> {
        let Terms { place, trust, credentials } = &self.terms;
        Mailbox::open(place, trust, credentials()?)
    }
}

impl Sender {
    /// Nothing is connected yet.
    pub fn new(terms: Terms, rates: Rates, buckets: Buckets) -> Self {
        Self { terms, rates, open: Mutex::new(Outgoing { buckets, open: None }) }
    }

    /// Submits a mail. It is counted before it is sent, whatever comes of it.
    ///
    /// # Errors
    /// By what to do next.
    pub fn submit(&self, sender: &str, recipient: &str, mail: &[u8]) -> Result<(), Fault> {
        let mut outgoing = hold(&self.open);
        let mut submission = self.alive(&mut outgoing)?;
        outgoing.buckets.take().map_err(|wait| Fault::Busy(self.rates.told(wait), Some(wait)))?;
        let done = submission.submit(sender, recipient, mail);
        if submission.is_good() {
            outgoing.open = Some(submission);
        }
        done
    }

    /// The largest mail that the server announces to take, in bytes.
    ///
    /// # Errors
    /// By what to do next.
    pub fn max_bytes(&self) -> Result<Option<u64>, Fault> {
        let mut outgoing = hold(&self.open);
        let submission = self.alive(&mut outgoing)?;
        let max = submission.max_bytes();
        outgoing.open = Some(submission);
        Ok(max)
    }

    /// A connection of its own: to try.
    ///
    /// # Errors
    /// By what to do next.
    pub fn connect(&self) -> Result<Submission, Fault> {
        let Terms { place, trust, credentials } = &self.terms;
        Submission::open(place, trust, credentials()?)
    }

    fn alive(&self, outgoing: &mut Outgoing) -> Result<Submission, Fault> {
        let before = outgoing.open.take().and_then(|mut submission| submission.alive().ok().map(|()| submission));
        before.map_or_else(|| self.connect(), Ok)
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receiver({})", self.terms.place)
    }
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sender({})", self.terms.place)
    }
}
