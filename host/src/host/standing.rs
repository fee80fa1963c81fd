//! How synchronizations stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::channel::mail_way;
use super::{Host, next};
use crate::request::{Failure, FaultCount, Overview, Standing, Watcher};
use crate::settings::{Name, Synchronization};

impl Host {
    /// How all synchronizations stand, in name order. One whose engine can't
    /// be asked says why, and is no failure.
    pub fn standings(&self) -> Result<Vec<Standing>, Failure> {
        let settings = self.settings()?;
        Ok(settings.synchronizations.iter().map(|(name, sync)| self.stand(name, sync)).collect())
    }

    /// How one stands, with its faults by kind.
    pub fn standing(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<Standing, Failure> {
        let sync = self.synchronization(name)?;
        let mut standing = self.stand(name, &sync);
        if standing.overview.as_ref().is_some_and(|o| o.open_faults > 0 || o.partner_faults > 0) {
            let mut kinds: BTreeMap<(bool, String), u64> = BTreeMap::new();
            for fault in self.faults(name, watcher)? {
                *kinds.entry((fault.partner, fault.kind)).or_default() += 1;
            }
            let counted = kinds.into_iter().map(|((partner, kind), count)| FaultCount { kind, partner, count });
            standing.faults = counted.collect();
        }
        Ok(standing)
    }

    fn stand(&self, name: &Name, sync: &Synchronization) -> Standing {
        let asked = self.with(name, &self.watcher, |session| session.status()).map(Overview::from);
        let (overview, problem) = match asked.and_then(|overview| self.after_the_first_words(name, overview)) {
            Ok(overview) => (Some(overview), None),
            Err(failure) => (None, Some(failure.message)),
        };
        let mut standing = Standing {
            name: name.to_string(),
            tracker: sync.tracker.to_string(),
            project: sync.project.clone(),
            user: sync.user.clone(),
            exchange: sync.exchange.as_ref().map(|exchange| exchange.display().to_string()),
            peer: sync.peer.as_ref().map(|peer| peer.display().to_string()),
            mail: sync.mail.as_ref().map(|mail| mail_way(mail, &self.home.synchronization(&sync.directory))),
            daemon: self.seat(&sync.directory).at_work(),
            overview,
            problem,
            faults: Vec::new(),
            trouble: self.seat(&sync.directory).trouble(),
            next: None,
        };
        standing.next = next::step(&standing);
        standing
    }
}
