//! What people do with a synchronization that is there.

use std::sync::Arc;

use super::Host;
use crate::control;
use crate::host::seat::Wake;
use crate::request::{Check, Direction, Edit, Failure, Kind, Pair, Part, Plan, Watcher};
use crate::settings::{Name, Synchronization};

/// Pairs asked of the engine at a time.
const PAGE: u32 = 500;

/// Ticks that the word to the partner may take.
const LAST_TICKS: u32 = 50;

impl Host {
    /// Begins, or goes on.
    pub fn start(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<(), Failure> {
        self.with(name, watcher, |session| session.start())?;
        self.nudge(name)
    }

    /// Pauses this side; nothing is lost.
    pub fn stop(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<(), Failure> {
        self.with(name, watcher, |session| session.stop())?;
        self.nudge(name)
    }

    /// People compared the phrase.
    pub fn compared(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<(), Failure> {
        self.with(name, watcher, |session| session.compared())?;
        self.nudge(name)
    }

    /// People agreed to go on after one side was put back to an earlier state.
    pub fn reconcile(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<(), Failure> {
        self.with(name, watcher, |session| session.reconcile())?;
        self.nudge(name)
    }

    /// What was held back, because unusually many issues changed, may go on.
    pub fn release(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<u32, Failure> {
        let released = self.with(name, watcher, |session| session.release())?;
        self.nudge(name)?;
        Ok(released)
    }

    /// Stops for good, tells the partner, and forgets the synchronization;
    /// with `untold` also where the partner can't be told. Answers the exchange
    /// directory, which stays.
    pub fn delete(&self, name: &Name, untold: bool, watcher: &Arc<dyn Watcher>) -> Result<Option<String>, Failure> {
        let sync = self.synchronization(name)?;
        if let Err(failure) = self.part(name, watcher) {
            if !untold {
                return Err(Failure::new(failure.kind, format!("the partner can't be told: {}", failure.message))
                    .with_help(format!(
                        "try again later, or `ferry sync delete {name} --untold` forgets it all the same"
                    )));
            }
            tracing::warn!(sync = %name, error = %failure, "the partner was not told");
        }
        let seat = self.seat(&sync.directory);
        let closed = seat.close();
        // Cut off behind this, the next beginning ends it.
        if let Err(failure) = self.mark_unfinished(&sync.directory) {
            tracing::warn!(sync = %name, error = %failure, "what is to be removed can't be marked");
        }
        self.file()?.remove_synchronization(name)?;
        self.sweep(&sync.directory);
        drop(closed);
        self.forget_seat(&sync.directory);
        self.tell_change();
        Ok(sync.exchange.map(|exchange| exchange.display().to_string()))
    }

    /// Leaves word for the partner, and sees it off.
    fn part(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<(), Failure> {
        self.with(name, watcher, |session| session.delete())?;
        for _ in 0..LAST_TICKS {
            let report = self.with(name, watcher, |session| session.tick(parting()))?;
            if let Some(trouble) = report.trouble {
                return Err(Failure::new(if report.passing { Kind::Passing } else { Kind::Failed }, trouble));
            }
            if !report.work_left {
                return Ok(());
            }
        }
        Err(Failure::new(Kind::Passing, "its queue doesn't empty"))
    }

    /// Changes what may be changed.
    pub fn edit(&self, name: &Name, change: &Edit, watcher: &Arc<dyn Watcher>) -> Result<Name, Failure> {
        let mut sync = self.synchronization(name)?;
        if let Some(to) = change.rename.as_ref().filter(|to| *to != name)
            && self.settings()?.synchronizations.contains_key(to)
        {
            return Err(Failure::failed(format!("there is a synchronization {to} already")));
        }
        self.lay_anew(&mut sync, &change.channel)?;
        if change.rename.is_some() || change.description.is_some() {
            let (to, description) = (change.rename.as_ref().map(Name::as_str), change.description.as_deref());
            self.with(name, watcher, |session| session.edit(to, description))?;
        }
        let mut file = self.file()?;
        if file.settings().synchronizations.get(name) != Some(&sync) {
            file.put_synchronization(name, sync)?;
        }
        let called = change.rename.as_ref().unwrap_or(name);
        if called != name {
            file.rename_synchronization(name, called)?;
        }
        drop(file);
        self.tell_change();
        self.nudge(called)?;
        Ok(called.clone())
    }

    /// Tries channel and tracker, or one way of the channel, changing nothing.
    pub fn test(&self, name: &Name, part: Option<Part>) -> Result<Vec<Check>, Failure> {
        let sync = self.synchronization(name)?;
        let mut checks = self.try_channel(name, &sync, part)?;
        if part.is_none() {
            checks.push(self.try_tracker(name, &sync));
        }
        Ok(checks)
    }

    fn try_tracker(&self, name: &Name, sync: &Synchronization) -> Check {
        let asked = self.tracker(&sync.tracker);
        let asked = asked.and_then(|tracker| self.identify(&sync.tracker, &tracker, &sync.project, &sync.user));
        verdict(
            format!("tracker of {name}"),
            asked.map(|found| format!("{} {} answers as {}", found.product, found.version, found.account)),
        )
    }

    /// What would be written here, and what would leave; nothing is done.
    pub fn preview(
        &self,
        name: &Name,
        which: Option<Direction>,
        limit: u32,
        watcher: &Arc<dyn Watcher>,
    ) -> Result<Plan, Failure> {
        Ok(self.with(name, watcher, |session| session.preview(which.map(Into::into), limit))?.into())
    }

    /// All pairs, in the order of their ids.
    pub fn pairs(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<Vec<Pair>, Failure> {
        let mut pairs: Vec<Pair> = Vec::new();
        loop {
            let after = pairs.last().map(|pair| pair.pair.clone());
            let page = self.with(name, watcher, |session| session.pairs(after.as_deref(), PAGE))?;
            let last = page.len() < PAGE as usize;
            pairs.extend(page.into_iter().map(Pair::from));
            if last {
                return Ok(pairs);
            }
        }
    }

    /// The pair of an issue, by its key here or at the partner.
    pub fn pair(&self, name: &Name, key: &str, watcher: &Arc<dyn Watcher>) -> Result<Pair, Failure> {
        Ok(self.with(name, watcher, |session| session.pair(key))?.into())
    }

    /// Whoever works on a synchronization looks at all of it again.
    pub(super) fn nudge(&self, name: &Name) -> Result<(), Failure> {
        let sync = self.synchronization(name)?;
        self.seat(&sync.directory).wake(Wake { receive: true, pull: true, end: false });
        Ok(())
    }
}

/// A failure, or what was found instead, as something that was looked at.
pub(super) fn verdict(subject: String, found: Result<String, Failure>) -> Check {
    match found {
        Ok(message) => Check { subject, good: true, message, passing: false },
        Err(failure) => {
            let passing = failure.kind == Kind::Passing;
            let help = failure.help.map(|help| format!("; {help}")).unwrap_or_default();
            Check { subject, good: false, message: format!("{}{help}", failure.message), passing }
        }
    }
}

/// Enough for the last word.
fn parting() -> control::Budget {
    control::Budget { effects: 0, parcels: 16, finishing: true, receive: false, pull: false }
}
