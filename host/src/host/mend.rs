//! Faults and parcels in quarantine: seeing them, and doing something about
//! them.

use std::sync::Arc;

use super::Host;
use crate::request::{Action, Failure, Fault, Parcel, Selection, Watcher};
use crate::settings::Name;

/// Faults and parcels asked of the engine at a time.
const PAGE: u32 = 500;

impl Host {
    /// Open faults of both sides, in the order of their ids.
    pub fn faults(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<Vec<Fault>, Failure> {
        let mut faults: Vec<Fault> = Vec::new();
        loop {
            let after = faults.last().map(|fault| fault.id.clone());
            let page = self.with(name, watcher, |session| session.faults(after.as_deref(), PAGE))?;
            let last = page.len() < PAGE as usize;
            faults.extend(page.into_iter().map(Fault::from));
            if last {
                return Ok(faults);
            }
        }
    }

    /// Clears faults; answers how many.
    pub fn clear(
        &self,
        name: &Name,
        which: &Selection,
        how: Action,
        watcher: &Arc<dyn Watcher>,
    ) -> Result<u32, Failure> {
        let count = self.with(name, watcher, |session| match which {
            Selection::Ids(ids) => session.clear(ids, None, how.into()),
            Selection::Kind(kind) => session.clear(&[], Some(kind), how.into()),
        })?;
        self.nudge(name)?;
        Ok(count)
    }

    /// Parcels in quarantine, in the order of their digests.
    pub fn parcels(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<Vec<Parcel>, Failure> {
        let mut parcels: Vec<Parcel> = Vec::new();
        loop {
            let after = parcels.last().map(|parcel| parcel.digest.clone());
            let page = self.with(name, watcher, |session| session.quarantine(after.as_deref(), PAGE))?;
            let last = page.len() < PAGE as usize;
            parcels.extend(page.into_iter().map(Parcel::from));
            if last {
                return Ok(parcels);
            }
        }
    }

    /// Has parcels looked at again at the next tick, all of them where no
    /// digest is given; answers how many.
    pub fn reopen(&self, name: &Name, digests: &[String], watcher: &Arc<dyn Watcher>) -> Result<u32, Failure> {
        let count = self.with(name, watcher, |session| session.reopen(digests))?;
        self.nudge(name)?;
        Ok(count)
    }
}
