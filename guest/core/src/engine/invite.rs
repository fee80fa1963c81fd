//! A new handshake for a synchronization that is there: its keys are lost or
//! revoked, or its record is from before the handshake. Both sides get new keys
//! and a new epoch, keep their pairs, and reunite as after a restore.

use super::Engine;
use super::setup::{HOUR_MS, check_delivery};
use crate::delivery::outbox::outgoing;
use crate::engine::reunite;
use crate::fault::Fault;
use crate::handshake::{Greeting, INVITATION_FORMAT, Invitation, Keys, Passphrase, Secret, SentHello};
use crate::ids::Epoch;
use crate::keys::{Ring, Turn};
use crate::message::PROTOCOL;
use crate::scope::Side;
use crate::state::{Connection, Partner, State, Status};
use crate::tables;

/// What the primary decides about a new handshake file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// What the partner should know of the channel, in words.
    pub channel_hint: String,
    /// Encrypts the handshake file.
    pub passphrase: Option<Passphrase>,
    /// How long the handshake file is valid, in hours.
    pub valid_hours: u32,
}

impl Engine<'_> {
    /// Makes a new handshake file for this synchronization. From here on nothing
    /// flows under the old keys; the partner joins with the file, onto the
    /// synchronization that it has or anew, and both go on with what they know.
    ///
    /// # Errors
    /// `Invalid`, and `NotAllowed` on the secondary.
    pub fn invite(&self, again: &Again) -> Result<Vec<u8>, Fault> {
        let mut state = self.state()?;
        if state.side == Side::Secondary {
            return Err(Fault::NotAllowed(
                "the other side created this synchronization, and makes new handshake files for it: ask your partner \
                 for `ferry sync invite`"
                    .to_owned(),
            ));
        }
        let passphrase = again.passphrase.as_ref().map(|passphrase| passphrase.0.as_str());
        self.same_channel(state.channel)?;
        check_delivery(&again.channel_hint, passphrase, again.valid_hours)?;
        let wire = self.ports.wire;
        let keys = wire.generate(state.profile, self.now, self.random()).map_err(Fault::Other)?;
        let known = outgoing(&self.draft())?.epoch.counter.max(state.heard_epoch);
        let invitation = Invitation {
            format: INVITATION_FORMAT,
            sync: state.sync,
            name: state.name.clone(),
            description: state.description.clone(),
            channel: state.channel,
            channel_hint: again.channel_hint.trim().to_owned(),
            address: self.ports.channel.address()?,
            profile: state.profile,
            strict: state.strict,
            certificate: keys.certificate.clone(),
            secret: Secret(self.random()),
            epoch: Epoch { counter: known.saturating_add(1), nonce: self.random() },
            // Later than the last one, whatever the clock says.
            created: self.now.max(state.invited.after_ms(1)),
            expires: self.now.after_ms(u64::from(again.valid_hours) * HOUR_MS),
            again: true,
            protocol: PROTOCOL,
        };
        let file =
            wire.write_invitation(&invitation, &keys, passphrase, self.now, self.random()).map_err(Fault::Other)?;
        let until = invitation.expires.rfc3339();
        let reason = format!("waiting for the partner: give them the new handshake file, which is valid until {until}");
        state.partner = None;
        self.begin_again(state, &keys, &invitation, None, &reason)?;
        Ok(file)
    }

    /// Joins with a new handshake file for the synchronization that is here.
    pub(super) fn rejoin(&self, mut state: State, invitation: &Invitation) -> Result<(), Fault> {
        if invitation.created <= state.invited {
            return Err(Fault::AlreadyUsed(
                "this side joined with this handshake file, or with a newer one, already".to_owned(),
            ));
        }
        if invitation.profile != state.profile {
            return Err(Fault::WrongPartner(
                "the handshake file asks for another way of encryption than was agreed; it can't be changed".to_owned(),
            ));
        }
        let wire = self.ports.wire;
        let keys = wire.generate(state.profile, self.now, self.random()).map_err(Fault::Other)?;
        state.strict = invitation.strict;
        state.partner = Some(Partner {
            certificate: invitation.certificate.clone(),
            address: invitation.address.clone(),
            fingerprint: wire.fingerprint(&invitation.certificate).map_err(Fault::WrongPartner)?,
            expires: Some(wire.validity(&invitation.certificate).map_err(Fault::Other)?.expires),
            key: state.partner.map_or(0, |partner| partner.key + 1),
            answered: None,
            protocol: invitation.protocol,
            seen: None,
            running: None,
        });
        let hello = self.new_hello()?;
        let reason = "our hello leaves with the next run; then it is the partner's turn: their Ferry has to run";
        self.begin_again(state, &keys, invitation, Some(hello), reason)
    }

    /// What both sides do: nothing of the old streams and keys remains.
    fn begin_again(
        &self,
        mut state: State,
        keys: &Keys,
        invitation: &Invitation,
        hello: Option<SentHello>,
        reason: &str,
    ) -> Result<(), Fault> {
        let wire = self.ports.wire;
        let mut draft = self.draft();
        reunite::begin(&mut draft, &mut state, invitation.epoch, self.now)?;
        state.connect(Connection::Waiting, self.now);
        state.stand(Status::Handshake, reason, self.now);
        state.fingerprint = wire.fingerprint(&keys.certificate).map_err(Fault::Other)?;
        state.expires = Some(wire.validity(&keys.certificate).map_err(Fault::Other)?.expires);
        state.key += 1;
        state.turn = Turn::None;
        state.revoked = None;
        state.compared = false;
        state.invited = invitation.created;
        draft.put(&tables::STATE, &(), &state)?;
        draft.put(&tables::KEYS, &(), keys)?;
        draft.put(&tables::RING, &(), &Ring::default())?;
        draft.put(&tables::GREETING, &(), &Greeting::new(invitation, hello))?;
        Ok(draft.commit()?)
    }
}
