//! A request, carried out.

use std::sync::Arc;

use super::Host;
use crate::request::{Answer, Failure, Request, Watcher};
use crate::secret::Secret;
use crate::settings::Name;

impl Host {
    /// Carries a request out; progress goes to the watcher.
    pub fn execute(&self, request: &Request, watcher: &Arc<dyn Watcher>) -> Result<Answer, Failure> {
        self.tell_preparing(watcher);
        Ok(match request {
            Request::TrackerAdd(wanted) => Answer::Tracker(self.add_tracker(wanted)?),
            Request::TrackerList => Answer::Trackers(self.trackers()?),
            Request::TrackerCheck { name, project, accept } => {
                Answer::Identity(self.check_tracker(name, project.as_deref(), *accept)?)
            }
            Request::TrackerSchema { name, project } => Answer::Schema(self.schema(name, project)?),
            Request::TrackerRemove(name) => self.remove_tracker(name).map(|()| Answer::Done)?,
            Request::SyncCreate(wanted) => Answer::Created(Box::new(self.create(wanted, watcher)?)),
            Request::SyncJoin(ends, file) => Answer::Created(Box::new(self.join(ends, file, watcher)?)),
            Request::SyncInvite { name, passphrase, valid_hours } => {
                Answer::Secret(self.invite(name, passphrase.as_ref(), *valid_hours, watcher)?)
            }
            Request::SyncRejoin(name, file) => {
                self.rejoin(name, file, watcher)?;
                self.stands(name, watcher)?
            }
            Request::HandshakeShow(file) => Answer::Handshake(self.handshake(file)?),
            Request::SyncTest(name, part) => Answer::Checks(self.test(name, *part)?),
            Request::SyncStatus(None) => Answer::Standings(self.standings()?),
            Request::SyncStatus(Some(name)) => self.stands(name, watcher)?,
            Request::SyncDelete { name, untold } => Answer::Deleted(self.delete(name, *untold, watcher)?),
            Request::SyncEdit(name, change) => {
                let called = self.edit(name, change, watcher)?;
                self.stands(&called, watcher)?
            }
            Request::Finish(names) => Answer::Rounds(self.finish(names, watcher)?),
            Request::Doctor => Answer::Checks(self.doctor(watcher)?),
            Request::Faults(name) => Answer::Faults(self.faults(name, watcher)?),
            Request::Clear(name, which, how) => Answer::Count(self.clear(name, which, *how, watcher)?),
            Request::Parcels(name) => Answer::Parcels(self.parcels(name, watcher)?),
            Request::Reopen(name, digests) => Answer::Count(self.reopen(name, digests, watcher)?),
            Request::Pairs(name) => Answer::Pairs(self.pairs(name, watcher)?),
            Request::Pair(name, key) => {
                let pair = self.pair(name, key, watcher)?;
                let mut faults = self.faults(name, watcher)?;
                faults.retain(|fault| {
                    Some(&fault.issue) == pair.key.as_ref() || Some(&fault.issue) == pair.partner_key.as_ref()
                });
                Answer::Pair(pair, faults)
            }
            Request::SyncStop(name) => {
                self.stop(name, watcher)?;
                self.stands(name, watcher)?
            }
            Request::Keys(name) => Answer::Keys(self.keys(name, watcher)?),
            Request::KeyExport(name) => Answer::Text(self.export_key(name, false, watcher)?),
            Request::KeyExportSecret(name) => Answer::Secret(Secret::new(self.export_key(name, true, watcher)?)),
            Request::KeyRotate(name) => Answer::Keys(self.rotate(name, watcher)?),
            Request::KeyRevoke(name) => {
                self.revoke(name, watcher)?;
                self.stands(name, watcher)?
            }
            Request::ConfigShow { name, draft } => Answer::Text(self.configuration(name, *draft, watcher)?),
            Request::ConfigDraft(name, text) => Answer::Verdict(self.draft(name, text, watcher)?),
            Request::SyncStart(name)
            | Request::SyncCompared(name)
            | Request::SyncReconcile(name)
            | Request::SyncRelease(name)
            | Request::ConfigExample(name)
            | Request::ConfigCheck(name, _)
            | Request::ConfigPublish(name, _)
            | Request::ConfigAdopt(name, _)
            | Request::Preview { name, .. } => self.on_the_way(name, request, watcher)?,
        })
    }

    /// What people do on the way to a running synchronization.
    pub(super) fn step(&self, request: &Request, watcher: &Arc<dyn Watcher>) -> Result<Answer, Failure> {
        Ok(match request {
            Request::SyncStart(name) => {
                self.start(name, watcher)?;
                self.stands(name, watcher)?
            }
            Request::SyncCompared(name) => {
                self.compared(name, watcher)?;
                self.stands(name, watcher)?
            }
            Request::SyncReconcile(name) => {
                self.reconcile(name, watcher)?;
                self.stands(name, watcher)?
            }
            Request::SyncRelease(name) => Answer::Count(self.release(name, watcher)?),
            Request::ConfigExample(name) => Answer::Text(self.example(name, watcher)?),
            Request::ConfigCheck(name, text) => Answer::Verdict(self.check(name, text, watcher)?),
            Request::ConfigPublish(name, text) => Answer::Verdict(self.publish(name, text.as_deref(), watcher)?),
            Request::ConfigAdopt(name, text) => Answer::Verdict(self.adopt(name, text.as_deref(), watcher)?),
            Request::Preview { name, which, limit } => Answer::Plan(self.preview(name, *which, *limit, watcher)?),
            _ => return Err(Failure::usage("this is no step on the way to a running synchronization")),
        })
    }

    fn stands(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<Answer, Failure> {
        Ok(Answer::Standings(vec![self.standing(name, watcher)?]))
    }
}
