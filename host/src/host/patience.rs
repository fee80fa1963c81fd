//! Steps that need the partner's word first. Where both sides run it comes
//! within a second, and the person who was a moment too quick is not sent away.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Host;
use crate::request::{Agreement, Answer, Failure, Kind, Overview, Progress, Request, State, Watcher};
use crate::settings::{Name, Side};

/// How long the partner's word is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the first words of two sides that begin together take, on a busy
/// machine.
const FIRST_WORDS: Duration = Duration::from_secs(2);

/// How often it is looked for.
const PAUSE: Duration = Duration::from_millis(100);

impl Host {
    /// A step on the way to a running synchronization. Where `ferry run` works
    /// on it and it is the partner's turn, the step is tried again until the
    /// partner's word has come.
    pub(super) fn on_the_way(
        &self,
        name: &Name,
        request: &Request,
        watcher: &Arc<dyn Watcher>,
    ) -> Result<Answer, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let failure = match self.step(request, watcher) {
                Err(failure) if failure.kind == Kind::NotAllowed => failure,
                done => return done,
            };
            if self.ending() || Instant::now() >= deadline || !self.partners_turn(name)? {
                return Err(failure);
            }
            watcher.progress(Progress {
                synchronization: Some(name.to_string()),
                stage: "waiting for the partner".to_owned(),
                done: 0,
                total: None,
            });
            std::thread::sleep(PAUSE);
        }
    }

    /// Where `ferry run` has just begun on both sides, what they learn of each
    /// other in the first seconds is waited for, so that `sync status` typed
    /// right after it shows the phrase.
    pub(super) fn after_the_first_words(&self, name: &Name, mut overview: Overview) -> Result<Overview, Failure> {
        let sync = self.synchronization(name)?;
        let seat = self.seat(&sync.directory);
        let waits = |o: &Overview| o.state == State::Handshake && o.phrase.is_none();
        while waits(&overview) && seat.is_fresh(FIRST_WORDS) && !self.ending() {
            std::thread::sleep(PAUSE);
            overview = self.with(name, &self.watcher, |session| session.status())?.into();
        }
        Ok(overview)
    }

    fn partners_turn(&self, name: &Name) -> Result<bool, Failure> {
        let sync = self.synchronization(name)?;
        if !self.seat(&sync.directory).at_work() {
            return Ok(false);
        }
        let o = Overview::from(self.with(name, &self.watcher, |session| session.status())?);
        Ok(o.state == State::Handshake
            || (o.side == Side::Secondary && o.agreement == Agreement::None)
            || (o.side == Side::Primary && o.agreement == Agreement::WaitingForSecondary))
    }
}
