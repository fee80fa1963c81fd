//! The engine's exports, one method each: documented in `wit/`, package
//! `ferry:control`.

use super::session::Outside;
use super::{CallError, Session};
use crate::control;

/// Every method fails with [`CallError::Engine`] where the engine says no, and
/// with another case where it couldn't say anything.
#[allow(clippy::missing_errors_doc)] // Said once, above.
impl Session {
    /// Creates this side as the primary and answers the handshake file.
    pub fn create(&mut self, wanted: &control::Primary) -> Result<Vec<u8>, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_setup().call_create(store, wanted))
    }

    /// What a handshake file says, changing nothing.
    pub fn inspect(&mut self, handshake: &[u8], passphrase: Option<&str>) -> Result<control::Summary, CallError> {
        self.outside.inspect(handshake, passphrase)
    }

    /// Makes a new handshake file for this synchronization.
    pub fn invite(
        &mut self,
        channel_hint: &str,
        passphrase: Option<&str>,
        valid_hours: u32,
    ) -> Result<Vec<u8>, CallError> {
        self.outside.call(|engine, store| {
            engine.ferry_control_setup().call_invite(store, channel_hint, passphrase, valid_hours)
        })
    }

    /// Creates this side as the secondary, or gives it new keys.
    pub fn join(&mut self, handshake: &[u8], passphrase: Option<&str>) -> Result<control::Summary, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_setup().call_join(store, handshake, passphrase))
    }

    /// One bounded step of work.
    pub fn tick(&mut self, allowed: control::Budget) -> Result<control::Report, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_run().call_tick(store, allowed))
    }

    /// Everything at a glance.
    pub fn status(&mut self) -> Result<control::Overview, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_status(store))
    }

    /// Begins, or goes on.
    pub fn start(&mut self) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_start(store))
    }

    /// Pauses; nothing is lost.
    pub fn stop(&mut self) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_stop(store))
    }

    /// Changes what may be changed.
    pub fn edit(&mut self, name: Option<&str>, description: Option<&str>) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_edit(store, name, description))
    }

    /// Prepares to be forgotten: stops, and leaves word for the partner, which
    /// the next tick sends.
    pub fn delete(&mut self) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_delete(store))
    }

    /// People compared the phrase.
    pub fn compared(&mut self) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_compared(store))
    }

    /// People agreed to go on after a restore.
    pub fn reconcile(&mut self) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_reconcile(store))
    }

    /// What was held back may go on: of how many issues.
    pub fn release(&mut self) -> Result<u32, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_release(store))
    }

    /// The keys of both sides.
    pub fn keys(&mut self) -> Result<control::Keychain, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_keys(store))
    }

    /// Our certificate, or our secret keys, in OpenPGP's armour.
    pub fn export_key(&mut self, secret: bool) -> Result<String, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_export_key(store, secret))
    }

    /// Replaces our keys.
    pub fn rotate(&mut self) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_rotate(store))
    }

    /// Revokes our keys.
    pub fn revoke(&mut self) -> Result<(), CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_revoke(store))
    }

    /// A configuration made from the real schema, or from what the partner
    /// published.
    pub fn example(&mut self) -> Result<String, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_example(store))
    }

    /// What is wrong with a configuration.
    pub fn check(&mut self, configuration: &str) -> Result<Vec<control::Problem>, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_check(store, configuration))
    }

    /// Keeps a configuration for later, unless it has errors.
    pub fn draft(&mut self, configuration: &str) -> Result<control::Verdict, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_draft(store, configuration))
    }

    /// The primary's: publishes a configuration, or the draft.
    pub fn publish(&mut self, configuration: Option<&str>) -> Result<control::Verdict, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_publish(store, configuration))
    }

    /// The secondary's: answers what the primary published, with a
    /// configuration or with the draft.
    pub fn adopt(&mut self, configuration: Option<&str>) -> Result<control::Verdict, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_adopt(store, configuration))
    }

    /// The configuration in force, or the draft.
    pub fn current(&mut self, draft: bool) -> Result<String, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_current(store, draft))
    }

    /// What would be written here, and what would leave; nothing is done.
    pub fn preview(&mut self, which: Option<control::Direction>, limit: u32) -> Result<control::Plan, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_preview(store, which, limit))
    }

    /// Pairs, in the order of their ids, after one.
    pub fn pairs(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<control::Counterpart>, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_pairs(store, after, limit))
    }

    /// The pair of an issue, by its key here or at the partner.
    pub fn pair(&mut self, key: &str) -> Result<control::Counterpart, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_pair(store, key))
    }

    /// Open faults of both sides, in the order of their ids, after one.
    pub fn faults(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<control::Parked>, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_faults(store, after, limit))
    }

    /// Clears faults by an action, those of the ids, or all of a kind; answers
    /// how many.
    pub fn clear(&mut self, ids: &[String], kind: Option<&str>, how: control::Action) -> Result<u32, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_clear(store, ids, kind, how))
    }

    /// Parcels in quarantine, in the order of their digests, after one.
    pub fn quarantine(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<control::Quarantined>, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_quarantine(store, after, limit))
    }

    /// Looks at parcels in quarantine again, at the next tick; all of them where
    /// no digest is given. Answers how many.
    pub fn reopen(&mut self, digests: &[String]) -> Result<u32, CallError> {
        self.outside.call(|engine, store| engine.ferry_control_admin().call_reopen(store, digests))
    }
}

impl Outside {
    /// What a handshake file says; needs no synchronization.
    pub(super) fn inspect(&self, handshake: &[u8], passphrase: Option<&str>) -> Result<control::Summary, CallError> {
        self.call(|engine, store| engine.ferry_control_setup().call_inspect(store, handshake, passphrase))
    }
}
