//! From messages to sealed bytes.

use super::batch::Sender;
use super::load::Load;
use crate::delivery::SentParcel;
use crate::fault::Fault;
use crate::message::{PROTOCOL, Parcel};
use crate::ports::Sealing;

/// Seals a parcel with these messages, as its row says. The same row and
/// messages give the same bytes while the keys stand.
pub(super) fn seal(sender: &mut Sender<'_, '_>, row: &SentParcel, load: Load) -> Result<(Vec<u8>, Load), Fault> {
    let Load { messages, .. } = load;
    let state = &sender.state;
    let partner = state.partner.as_ref().ok_or_else(|| Fault::NotAllowed("the partner isn't known yet".to_owned()))?;
    let keys = sender.keys.get_or_insert_with(|| sender.engine.keys()).as_ref().map_err(Clone::clone)?;
    let parcel = Parcel {
        sync: state.sync,
        sender: state.side,
        from: state.fingerprint,
        to: partner.fingerprint,
        epoch: sender.outgoing.epoch,
        first: row.first,
        chain: row.before,
        messages,
        unnumbered: row.unnumbered.clone(),
        position: row.position.clone(),
        created: row.created,
        protocol: PROTOCOL,
    };
    let with = Sealing { keys, partner: &partner.certificate, profile: state.profile };
    let sealed = sender.engine.ports.wire.seal(with, &parcel, row.created, row.seed).map_err(Fault::Other)?;
    Ok((sealed, Load { messages: parcel.messages, ..load }))
}
