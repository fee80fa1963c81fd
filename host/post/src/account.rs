//! One account's connection, shared by all that use it: one for the mailbox,
//! one for submission, opened when they are needed and kept while they work.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bucket::{Buckets, Rates};
use crate::refused::Refused;
use crate::{Credentials, Fault, Mailbox, Place, Submission, Trust};

/// A mailbox that was silent for longer is asked first whether it is alive:
/// servers and what lies between close without a word. Before a mail that is
/// always asked: whether one left that broke off can't be known.
const SILENT: Duration = Duration::from_secs(30);
/// A submission that was idle for longer is ended: servers have room for so many.
const IDLE: Duration = Duration::from_secs(60);

/// Who asks, as it is found out when a connection is opened: a secret may be
/// another one by then, and a token has to be fresh.
pub type Asks<'a> = &'a dyn Fn() -> Result<Credentials, Fault>;

/// A mailbox's account, connected when it is used.
pub struct Receiver {
    place: Place,
    trust: Trust,
    refused: Refused,
    open: Mutex<Option<(Mailbox, Instant)>>,
}

/// An account that submits, connected when it is used.
pub struct Sender {
    place: Place,
    trust: Trust,
    refused: Refused,
    open: Mutex<Outgoing>,
}

struct Outgoing {
    buckets: Buckets,
    open: Option<(Submission, Instant)>,
}

impl Receiver {
    /// Nothing is connected yet.
    pub fn new(place: Place, trust: Trust) -> Self {
        Self { place, trust, refused: Refused::default(), open: Mutex::default() }
    }

    /// Works with a folder. What can't be known to have happened is done again on
    /// a connection of its own, once: it must not matter.
    ///
    /// # Errors
    /// By what to do next.
    pub fn with<T>(
        &self,
        who: Asks<'_>,
        folder: &str,
        mut work: impl FnMut(&mut Mailbox) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut open = hold(&self.open);
        if let Some((mut mailbox, used)) = open.take() {
            let alive = used.elapsed() < SILENT || mailbox.alive().is_ok();
            if alive {
                match mailbox.choose(folder).and_then(|()| work(&mut mailbox)) {
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
        let mut mailbox = self.connect(who, folder)?;
        let done = work(&mut mailbox);
        if done.as_ref().err().is_none_or(Fault::leaves_connection) {
            *open = Some((mailbox, Instant::now()));
        }
        done
    }

    /// A connection of its own: to be told of new mail.
    ///
    /// # Errors
    /// By what to do next.
    pub fn connect(&self, who: Asks<'_>, folder: &str) -> Result<Mailbox, Fault> {
        let who = who()?;
        self.refused.said_of(&who)?;
        self.open(who, folder)
    }

    /// A connection of its own, to try: the server is asked, whatever it said before.
    ///
    /// # Errors
    /// By what to do next.
    pub fn probe(&self, who: Asks<'_>, folder: &str) -> Result<Mailbox, Fault> {
        self.open(who()?, folder)
    }

    fn open(&self, who: Credentials, folder: &str) -> Result<Mailbox, Fault> {
        let place = Place { folder: folder.to_owned(), ..self.place.clone() };
        self.refused.sign_in(who, |who| Mailbox::open(&place, &self.trust, who))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some((mailbox, _)) = hold(&self.open).take() {
            mailbox.leave();
        }
    }
}

impl Sender {
    /// Nothing is connected yet.
    pub fn new(place: Place, trust: Trust, buckets: Buckets) -> Self {
        Self { place, trust, refused: Refused::default(), open: Mutex::new(Outgoing { buckets, open: None }) }
    }

    /// Submits a mail. It is counted before it is sent, whatever comes of it.
    ///
    /// # Errors
    /// By what to do next.
    pub fn submit(&self, who: Asks<'_>, sender: &str, recipient: &str, mail: &[u8]) -> Result<(), Fault> {
        let mut outgoing = hold(&self.open);
        let mut submission = self.alive(who, &mut outgoing)?;
        if let Err(wait) = outgoing.buckets.take() {
            outgoing.keep(submission);
            return Err(outgoing.buckets.empty(wait));
        }
        let done = submission.submit(sender, recipient, mail);
        if submission.is_good() {
            outgoing.keep(submission);
        }
        done
    }

    /// No more than so many mails leave from now on.
    pub fn at_most(&self, rates: Rates) {
        hold(&self.open).buckets.at_most(rates);
    }

    /// The largest mail that the server announces to take, in bytes.
    ///
    /// # Errors
    /// By what to do next.
    pub fn max_bytes(&self, who: Asks<'_>) -> Result<Option<u64>, Fault> {
        let mut outgoing = hold(&self.open);
        let submission = self.alive(who, &mut outgoing)?;
        let max = submission.max_bytes();
        outgoing.keep(submission);
        Ok(max)
    }

    /// Ends the connection where nothing left for a while.
    pub fn rest(&self) {
        let open = &mut hold(&self.open).open;
        if let Some((submission, _)) = open.take_if(|(_, used)| used.elapsed() >= IDLE) {
            submission.leave();
        }
    }

    /// A connection of its own, to try: the server is asked, whatever it said before.
    ///
    /// # Errors
    /// By what to do next.
    pub fn probe(&self, who: Asks<'_>) -> Result<Submission, Fault> {
        self.open(who()?)
    }

    fn open(&self, who: Credentials) -> Result<Submission, Fault> {
        self.refused.sign_in(who, |who| Submission::open(&self.place, &self.trust, who))
    }

    fn alive(&self, who: Asks<'_>, outgoing: &mut Outgoing) -> Result<Submission, Fault> {
        if let Some((mut submission, _)) = outgoing.open.take()
            && submission.alive().is_ok()
        {
            return Ok(submission);
        }
        let who = who()?;
        self.refused.said_of(&who)?;
        self.open(who)
    }
}

impl Outgoing {
    fn keep(&mut self, submission: Submission) {
        self.open = Some((submission, Instant::now()));
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if let Some((submission, _)) = hold(&self.open).open.take() {
            submission.leave();
        }
    }
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receiver({})", self.place)
    }
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sender({})", self.place)
    }
}
