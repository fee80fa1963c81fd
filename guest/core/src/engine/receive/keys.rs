//! What the partner says of its keys: that they are replaced, or revoked.

use super::batch::Receiver;
use super::unseal::Signer;
use crate::fault::Fault;
use crate::ids::Fingerprint;
use crate::keys::{Former, Renewal};
use crate::message::{Body, Control, Parcel, Unnumbered};
use crate::ports::Level;
use crate::state::{Revoked, Status};
use crate::tables;

/// Whether the parcel says that the certificate which signed it is revoked.
pub(super) fn revokes(parcel: &Parcel, signed_by: Fingerprint) -> bool {
    let ours =
        |message: &Unnumbered| matches!(message, Unnumbered::Revoked { certificate } if *certificate == signed_by);
    parcel.unnumbered.iter().any(ours)
}

/// The partner's key is revoked: from here on nothing more is taken or sent.
pub(super) fn revoked(receiver: &mut Receiver<'_, '_>) {
    let reason = "The partner revoked its keys: what comes under them is not to be believed. Nothing is sent or taken \
                  until both sides have new keys: the primary makes a new handshake file with `ferry sync invite`.";
    receiver.state.revoked.get_or_insert(Revoked::Theirs);
    receiver.state.stand(Status::Suspended, reason, receiver.engine.now);
}

/// The partner replaces its keys. What is not a step forward from the pinned
/// certificate is passed over: it never goes back.
pub(super) fn renewal(receiver: &mut Receiver<'_, '_>, bytes: &[u8], signer: Signer) -> Result<(), Fault> {
    match successor(receiver, bytes, signer)? {
        Ok(Successor::Next(renewal, next)) => pin(receiver, *renewal, next)?,
        Ok(Successor::Known) => {}
        Err(reason) => {
            let attributes = [("reason", reason)];
            receiver.engine.ports.observer.log(Level::Warning, "new keys of the partner refused", &attributes);
            return Ok(());
        }
    }
    answer(receiver)
}

/// What a renewal is to us.
enum Successor {
    /// The partner's next certificate, and its fingerprint.
    Next(Box<Renewal>, Fingerprint),
    /// The pinned one, told again.
    Known,
}

fn successor(
    receiver: &mut Receiver<'_, '_>,
    bytes: &[u8],
    signer: Signer,
) -> Result<Result<Successor, String>, Fault> {
    let (wire, now) = (receiver.engine.ports.wire, receiver.engine.now);
    let former = receiver.keyring()?.ring.theirs.clone();
    let Some(partner) = &receiver.state.partner else { return Ok(Err("the partner isn't known yet".to_owned())) };
    let old = match (signer, &former) {
        (Signer::Pinned, _) => (&partner.certificate, partner.fingerprint),
        (Signer::Former, Some(former)) => (&former.certificate, former.fingerprint),
        _ => return Ok(Err("it is told under a certificate that is not in use any more".to_owned())),
    };
    let renewal = match wire.read_renewal(bytes, old.0, now) {
        Ok(renewal) => renewal,
        Err(fault) => return Ok(Err(fault.to_string())),
    };
    let checked = wire.fingerprint(&renewal.certificate).and_then(|next| {
        let created = wire.validity(&renewal.certificate)?.created;
        Ok((next, created >= wire.validity(old.0)?.created))
    });
    let (next, later) = match checked {
        Ok(checked) => checked,
        Err(reason) => return Ok(Err(reason)),
    };
    let ours = renewal.sync == receiver.state.sync && renewal.side == receiver.state.side.other();
    Ok(match signer {
        _ if !ours || renewal.replaces != old.1 => Err("it is for another synchronization or certificate".to_owned()),
        Signer::Former if next == partner.fingerprint => Ok(Successor::Known),
        Signer::Pinned if next != old.1 && later => Ok(Successor::Next(Box::new(renewal), next)),
        _ => Err("it would go back to an earlier certificate".to_owned()),
    })
}

fn pin(receiver: &mut Receiver<'_, '_>, renewal: Renewal, fingerprint: Fingerprint) -> Result<(), Fault> {
    let expires = receiver.engine.ports.wire.validity(&renewal.certificate).map_err(Fault::Other)?.expires;
    let Some(partner) = &mut receiver.state.partner else { return Ok(()) };
    let certificate = std::mem::replace(&mut partner.certificate, renewal.certificate);
    let former = Former { certificate, fingerprint: partner.fingerprint, retired: false };
    (partner.fingerprint, partner.expires) = (fingerprint, Some(expires));
    partner.key += 1;
    partner.answered = None;
    let ring = &mut receiver.keyring()?.ring;
    ring.theirs = Some(former);
    let ring = ring.clone();
    Ok(receiver.draft.put(&tables::RING, &(), &ring)?)
}

/// Once an epoch: the answer is never lost in it.
fn answer(receiver: &mut Receiver<'_, '_>) -> Result<(), Fault> {
    let epoch = receiver.incoming.epoch;
    let Some(partner) = receiver.state.partner.as_mut().filter(|partner| partner.answered != Some(epoch)) else {
        return Ok(());
    };
    partner.answered = Some(epoch);
    let certificate = partner.fingerprint;
    receiver.say(Body::Control(Control::Renewed(certificate)))
}
