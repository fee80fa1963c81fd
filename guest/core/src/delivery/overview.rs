//! What people see of delivery, and the one thing they can do: have refused
//! parcels looked at again.

use super::{Quarantined, acknowledge, outbox::outgoing, ranges};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::ids::Digest;
use crate::ports::ChannelFault;
use crate::tables;
use crate::time::Time;

/// One direction of the channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Messages that wait: to be sent, or to be settled.
    pub queued: u64,
    /// Messages sent that the partner hasn't acknowledged; 0 for incoming.
    pub unacknowledged: u64,
    /// Since when the oldest of them waits. Of messages that were never sent
    /// it isn't known: they leave with the next tick.
    pub oldest: Option<Time>,
    /// When the last parcel left or came.
    pub last_parcel: Option<Time>,
    /// The number of the last message.
    pub last_number: u64,
}

/// From here to the partner, and from the partner to here.
///
/// # Errors
/// The store's; `NotFound` before the synchronization was set up.
pub fn flows(engine: &Engine<'_>) -> Result<(Flow, Flow), Fault> {
    let draft = engine.draft();
    let out = outgoing(&draft)?;
    let parcels = acknowledge::parcels(&draft)?;
    let sent = Flow {
        queued: out.appended.saturating_sub(out.sealed),
        unacknowledged: out.sealed.saturating_sub(ranges::count(&out.acknowledged)),
        oldest: parcels.values().filter(|row| row.waits()).map(|row| row.created).min(),
        last_parcel: out.last_parcel,
        last_number: out.appended,
    };
    let incoming = draft.get(&tables::INCOMING, &())?;
    let (start, end) = tables::INBOX.range();
    let received = Flow {
        queued: engine.ports.store.count(&start, &end)?,
        unacknowledged: 0,
        oldest: draft.scan(&tables::INBOX, None, 1)?.first().map(|(_, row)| row.since),
        last_parcel: incoming.as_ref().and_then(|incoming| incoming.last_parcel),
        last_number: incoming.and_then(|incoming| incoming.spans.last().map(|span| span.last)).unwrap_or(0),
    };
    Ok((sent, received))
}

/// At most `limit` refused parcels in the order of their digests, after one.
///
/// # Errors
/// The store's.
pub fn quarantine(
    engine: &Engine<'_>,
    after: Option<&Digest>,
    limit: u32,
) -> Result<Vec<(Digest, Quarantined)>, Fault> {
    Ok(engine.draft().scan(&tables::QUARANTINE, after, limit)?)
}

/// How many refused parcels there are whose content hasn't come again since, as
/// far as can be told: after it has, they are kept for people to look at.
///
/// # Errors
/// The store's.
pub fn quarantined(engine: &Engine<'_>) -> Result<u32, Fault> {
    let incoming = engine.draft().get(&tables::INCOMING, &())?;
    Ok(incoming.map_or(0, |incoming| u32::try_from(incoming.quarantined.len()).unwrap_or(u32::MAX)))
}

/// Brings refused parcels back, all of them where no digest is given: the next
/// receiving looks at them again. Answers how many.
///
/// # Errors
/// `NotFound` for a digest that isn't in quarantine, the store's, and the
/// channel's.
pub fn reopen(engine: &Engine<'_>, digests: &[Digest]) -> Result<u32, Fault> {
    let mut draft = engine.draft();
    let mut wanted = Vec::new();
    if digests.is_empty() {
        wanted = draft.scan(&tables::QUARANTINE, None, u32::MAX)?;
    }
    for digest in digests {
        let row = draft.get(&tables::QUARANTINE, digest)?;
        wanted.push((*digest, row.ok_or_else(|| Fault::NotFound(format!("no parcel {digest} is in quarantine")))?));
    }
    let mut incoming = draft.get(&tables::INCOMING, &())?;
    for (digest, row) in &wanted {
        match engine.ports.channel.restore(&row.name) {
            Ok(()) | Err(ChannelFault::NotFound) => {}
            Err(fault) => return Err(fault.into()),
        }
        draft.delete(&tables::QUARANTINE, digest);
        draft.delete(&tables::DISPOSALS, &row.name.0);
        if let Some(incoming) = &mut incoming {
            incoming.quarantined.retain(|named| named != digest);
        }
    }
    if let Some(incoming) = &incoming {
        draft.put(&tables::INCOMING, &(), incoming)?;
    }
    draft.commit()?;
    Ok(u32::try_from(wanted.len()).unwrap_or(u32::MAX))
}
