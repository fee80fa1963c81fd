//! From messages to sealed bytes, with the keys that a row names.

use super::batch::Sender;
use super::load::Load;
use crate::delivery::SentParcel;
use crate::engine::Engine;
use crate::engine::keys::ring;
use crate::fault::Fault;
use crate::handshake::Keys;
use crate::ids::Fingerprint;
use crate::keys::Ring;
use crate::message::{PROTOCOL, Parcel};
use crate::planted::{Bug, planted};
use crate::ports::{Level, Sealing};
use crate::state::{Certificate, State};

/// Keys that parcels were sealed with and that are still at hand.
pub(super) struct Keyring {
    keys: Keys,
    ring: Ring,
}

impl Keyring {
    pub fn open(engine: &Engine<'_>, state: &State) -> Result<Self, Fault> {
        let ring = if state.key > 0 || state.partner.as_ref().is_some_and(|partner| partner.key > 0) {
            ring(&engine.draft())?
        } else {
            Ring::default()
        };
        Ok(Self { keys: engine.keys()?, ring })
    }

    /// Ours that had been replaced so often, with their fingerprint.
    fn ours(&self, state: &State, key: u32) -> Option<(&Keys, Fingerprint)> {
        if key == state.key {
            return Some((&self.keys, state.fingerprint));
        }
        let former = self.ring.ours.as_ref().filter(|_| key + 1 == state.key)?;
        Some((&former.keys, former.fingerprint))
    }

    /// The partner's that had been replaced so often.
    fn theirs<'k>(&'k self, state: &'k State, key: u32) -> Option<(&'k Certificate, Fingerprint)> {
        let partner = state.partner.as_ref()?;
        if key == partner.key {
            return Some((&partner.certificate, partner.fingerprint));
        }
        let former = self.ring.theirs.as_ref().filter(|_| key + 1 == partner.key)?;
        Some((&former.certificate, former.fingerprint))
    }
}

/// Seals a parcel with these messages, as its row says. The same row and
/// messages give the same bytes while its keys are at hand; afterwards it is
/// sealed anew, with those in use.
pub(super) fn seal(sender: &mut Sender<'_, '_>, row: &mut SentParcel, load: Load) -> Result<(Vec<u8>, Load), Fault> {
    let Load { messages, .. } = load;
    let (state, keyring) = (sender.state, sender.keyring()?);
    let partner = state.partner.as_ref().ok_or_else(|| Fault::NotAllowed("the partner isn't known yet".to_owned()))?;
    if keyring.ours(state, row.ours).is_none() || keyring.theirs(state, row.theirs).is_none() {
        (row.ours, row.theirs, row.created) = (state.key, partner.key, sender.now());
    }
    let (keys, from) = keyring.ours(state, row.ours).unwrap_or((&keyring.keys, state.fingerprint));
    let (certificate, to) = keyring.theirs(state, row.theirs).unwrap_or((&partner.certificate, partner.fingerprint));
    let parcel = Parcel {
        sync: state.sync,
        sender: state.side,
        from,
        to,
        epoch: sender.outgoing.epoch,
        first: row.first,
        chain: row.before,
        messages,
        unnumbered: row.unnumbered.clone(),
        position: row.position.clone(),
        created: row.created,
        protocol: PROTOCOL,
    };
    if planted(Bug::SecretsSaid) {
        let told = crate::digest::hex(&keys.secret);
        sender.engine.ports.observer.log(Level::Debug, "sealing", &[("key", told)]);
    }
    let with = Sealing { keys, partner: certificate, profile: state.profile };
    let sealed = sender.engine.ports.wire.seal(with, &parcel, row.created, row.seed.0).map_err(Fault::Other)?;
    Ok((sealed, Load { messages: parcel.messages, ..load }))
}
