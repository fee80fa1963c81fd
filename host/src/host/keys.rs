//! Keys, by people's word.

use std::sync::Arc;

use super::Host;
use crate::request::{Failure, Keychain, Watcher};
use crate::settings::Name;

impl Host {
    /// The keys of both sides.
    pub fn keys(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<Keychain, Failure> {
        Ok(self.with(name, watcher, |session| session.keys())?.into())
    }

    /// Our certificate, or our secret keys, in OpenPGP's armour.
    pub fn export_key(&self, name: &Name, secret: bool, watcher: &Arc<dyn Watcher>) -> Result<String, Failure> {
        self.with(name, watcher, |session| session.export_key(secret))
    }

    /// Replaces our keys; the partner is told with the next parcels.
    pub fn rotate(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<Keychain, Failure> {
        let keys = self.with(name, watcher, |session| {
            session.rotate()?;
            session.keys()
        })?;
        self.nudge(name)?;
        Ok(keys.into())
    }

    /// Revokes our keys; the partner is told with the next parcel.
    pub fn revoke(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<(), Failure> {
        self.with(name, watcher, |session| session.revoke())?;
        self.nudge(name)
    }
}
