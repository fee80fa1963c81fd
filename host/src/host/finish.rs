//! Working until nothing is left: `ferry run --once`.

use std::sync::Arc;

use super::{Host, next};
use crate::control::{Budget, Report};
use crate::request::{Connection, Failure, Kind, Overview, Round, State, Watcher};
use crate::settings::Name;

/// Effects of one tick: some hundred milliseconds of work, so that people who
/// ask meanwhile needn't wait.
pub(crate) const EFFECTS: u32 = 500;

/// Parcels of one tick, for the same reason.
pub(crate) const PARCELS: u32 = 8;

/// Ticks in a row that find work and do nothing that counts: a page of issues
/// out of scope is one. Beyond, something is wrong.
const IDLE_TICKS_MAX: u32 = 10_000;

impl Host {
    /// Works until nothing received is unread, nothing changed is unsent and
    /// no retry is due; on all synchronizations where no name is given.
    pub fn finish(&self, names: &[Name], watcher: &Arc<dyn Watcher>) -> Result<Vec<Round>, Failure> {
        let settings = self.settings()?;
        for name in names {
            self.synchronization(name)?;
        }
        let all = settings.synchronizations.keys();
        let chosen = all.filter(|name| names.is_empty() || names.contains(name));
        Ok(chosen.map(|name| self.round(name, watcher)).collect())
    }

    fn round(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Round {
        let mut round = Round { name: name.to_string(), ..Round::default() };
        let mut idle = 0;
        loop {
            match self.with(name, watcher, |session| session.tick(finishing())) {
                Ok(report) => {
                    idle = if add(&mut round, &report) { 0 } else { idle + 1 };
                    if !report.work_left || report.trouble.is_some() {
                        break;
                    }
                    if self.ending() {
                        round.passing = true;
                        round.trouble = Some("ferry run is ending; there is more to do".to_owned());
                        break;
                    }
                    if idle >= IDLE_TICKS_MAX {
                        round.trouble = Some("its work doesn't come to an end; please report this".to_owned());
                        break;
                    }
                }
                Err(failure) => {
                    round.passing = failure.kind == Kind::Passing;
                    round.trouble = Some(failure.message);
                    break;
                }
            }
        }
        if let Ok(sync) = self.synchronization(name) {
            self.seat(&sync.directory).note_trouble(round.trouble.clone());
        }
        if let Ok(standing) = self.standing(name, watcher) {
            round.wants_person = standing.overview.as_ref().is_some_and(wants_person);
            round.next = next::step(&standing);
        }
        round
    }
}

/// Everything, and acknowledged at once.
fn finishing() -> Budget {
    Budget { effects: EFFECTS, parcels: PARCELS, finishing: true, receive: true, pull: true }
}

/// Adds a tick; says whether it did anything that counts.
fn add(round: &mut Round, report: &Report) -> bool {
    round.ticks += 1;
    round.received += u64::from(report.received);
    round.applied += u64::from(report.applied);
    round.sent += u64::from(report.sent);
    round.parcels += u64::from(report.parcels);
    round.faults = report.faults;
    round.trouble.clone_from(&report.trouble);
    round.passing = report.passing;
    report.received + report.applied + report.sent + report.parcels > 0
}

fn wants_person(o: &Overview) -> bool {
    let stuck = matches!(o.state, State::Suspended | State::RestartRequired) || o.connection == Connection::Refused;
    stuck || o.open_faults > 0 || o.quarantined > 0 || o.held > 0
}
