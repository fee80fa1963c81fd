//! Looking at everything, changing nothing.

use std::path::PathBuf;
use std::sync::Arc;

use super::synchronizations::verdict;
use super::{Host, exchange, refuse};
use crate::request::{Check, Failure, Overview, Watcher};

impl Host {
    /// Looks at the home, the components, every tracker and every channel.
    pub fn doctor(&self, watcher: &Arc<dyn Watcher>) -> Result<Vec<Check>, Failure> {
        let settings = self.settings()?;
        let root = self.home.root().display();
        let mut checks = vec![verdict("home".to_owned(), Ok(format!("{root}, and nobody else may enter it")))];
        let engine = self.runtime().and_then(|runtime| runtime.prepare().map_err(refuse::runtime));
        checks.push(verdict("engine".to_owned(), engine.map(|()| "it is there and can be run".to_owned())));
        for (name, tracker) in &settings.trackers {
            let used = settings.synchronizations.values().any(|sync| sync.tracker == *name);
            let found = match used {
                // Asked below, as it is used.
                true => continue,
                false => self.runtime().and_then(|r| r.adapter(&tracker.adapter).map_err(refuse::runtime)),
            };
            let found = found.map(|adapter| format!("its adapter is {}; nothing uses it", adapter.path.display()));
            checks.push(verdict(format!("tracker {name}"), found));
        }
        for (name, sync) in &settings.synchronizations {
            let status = self.with(name, watcher, |session| session.status());
            let found = status.map(|overview| Overview::from(overview).reason);
            checks.push(verdict(format!("synchronization {name}"), found));
            checks.extend(self.test(name, None)?);
            let unmarked =
                |dir: &PathBuf| exchange::try_out(dir).is_ok() && !dir.join("RECEIVE").join("FERRY.txt").exists();
            if sync.exchange.as_ref().is_some_and(unmarked) {
                let message = "the partner's FERRY.txt isn't in RECEIVE yet: nothing has come from there so far";
                checks.push(verdict(format!("partner of {name}"), Ok(message.to_owned())));
            }
        }
        Ok(checks)
    }
}
