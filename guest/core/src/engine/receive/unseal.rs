//! Which keys a parcel is sealed for and signed by: those in use, or those
//! beside them while keys are replaced on either side.

use super::batch::Receiver;
use crate::fault::Fault;
use crate::handshake::Keys;
use crate::ids::Fingerprint;
use crate::keys::Ring;
use crate::ports::{OpenFault, Opened, Sealing};
use crate::state::Certificate;

/// By which of the partner's certificates a parcel is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// The pinned one.
    Pinned,
    /// The one before, which may still be in use.
    Former,
    /// The one before, which isn't in use any more.
    Retired,
}

/// A parcel that was opened.
pub(super) struct Unsealed {
    pub opened: Opened,
    pub signer: Signer,
    /// The fingerprints that it must name.
    pub from: Fingerprint,
    pub to: Fingerprint,
}

/// Our keys, read once.
pub(super) struct Keyring {
    pub keys: Keys,
    pub ring: Ring,
}

/// Opens a parcel with the keys that fit. Where none does, what the keys in use
/// say of it.
pub(super) fn unseal(receiver: &mut Receiver<'_, '_>, bytes: &[u8]) -> Result<Result<Unsealed, OpenFault>, Fault> {
    let (wire, now) = (receiver.engine.ports.wire, receiver.engine.now);
    let profile = receiver.state.profile;
    let Some(partner) = receiver.state.partner.clone() else {
        return Err(Fault::NotAllowed("the partner isn't known yet".to_owned()));
    };
    let fingerprint = receiver.state.fingerprint;
    let Keyring { keys, ring } = receiver.keyring()?;
    let spare = ring.ours.as_ref().map(|spare| (&spare.keys, spare.fingerprint));
    let mut theirs: Vec<(&Certificate, Fingerprint, Signer)> =
        vec![(&partner.certificate, partner.fingerprint, Signer::Pinned)];
    theirs.extend(ring.theirs.as_ref().map(|former| {
        let signer = if former.retired { Signer::Retired } else { Signer::Former };
        (&former.certificate, former.fingerprint, signer)
    }));
    let mut first = None;
    for (keys, to) in [Some((&*keys, fingerprint)), spare].into_iter().flatten() {
        for (certificate, from, signer) in &theirs {
            match wire.open(Sealing { keys, partner: certificate, profile }, bytes, now) {
                Ok(opened) => return Ok(Ok(Unsealed { opened, signer: *signer, from: *from, to })),
                Err(fault @ OpenFault::Undecryptable) => {
                    first.get_or_insert(fault);
                    break;
                }
                Err(fault @ OpenFault::Signature(_)) => {
                    first.get_or_insert(fault);
                }
                Err(fault) => return Ok(Err(fault)),
            }
        }
    }
    Ok(Err(first.unwrap_or(OpenFault::Undecryptable)))
}
