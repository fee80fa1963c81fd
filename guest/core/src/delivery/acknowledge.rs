//! What follows from a partner's position: what it covers is let go, what it
//! misses or refuses is brought forward.

use std::collections::BTreeMap;

use super::position::cumulative;
use super::{OutboxRow, Outgoing, SentParcel, ranges};
use crate::digest::of;
use crate::engine::Ports;
use crate::engine::send::content;
use crate::fault::Fault;
use crate::ids::{Chain, ParcelName};
use crate::message::Position;
use crate::planted::{Bug, planted};
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// Our parcels on their way, by the order in which they were made.
pub(crate) type Parcels = BTreeMap<u64, SentParcel>;

/// All of them.
pub(crate) fn parcels(draft: &Draft<'_>) -> Result<Parcels, Fault> {
    let mut all = Parcels::new();
    loop {
        let last = all.last_key_value().map(|(key, _)| *key);
        let page = draft.scan(&tables::PARCELS, last.as_ref(), 256)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Our chain after a number, none where we don't know it any more.
pub(crate) fn chain_at(
    ports: &Ports<'_>,
    draft: &Draft<'_>,
    outgoing: &Outgoing,
    parcels: &Parcels,
    number: u64,
) -> Result<Option<Chain>, Fault> {
    if number == outgoing.sealed {
        return Ok(Some(outgoing.chain));
    }
    if outgoing.acknowledged.first() == Some(&(1, number)) {
        return Ok(Some(outgoing.acknowledged_chain));
    }
    let Some(row) = parcels.values().find(|row| row.first <= number && number <= row.last) else { return Ok(None) };
    if row.last == number {
        return Ok(Some(row.after));
    }
    let keys: Vec<u64> = (row.first..=number).collect();
    let rows = draft.get_many(&tables::OUTBOX, &keys)?;
    let mut chain = row.before;
    for row in rows {
        let message = match row {
            Some(OutboxRow::Message(bytes)) => Some(bytes),
            Some(OutboxRow::Piece(piece)) => content(ports, &piece)?,
            None => None,
        };
        let Some(message) = message else { return Ok(None) };
        chain = chain.then(of(&message));
    }
    Ok(Some(chain))
}

/// When a position came, and how long a gap may close by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The time of the call.
    pub now: Time,
    /// In milliseconds, as the channel has it.
    pub gap_ms: u64,
}

/// Takes a position that is news. Answers the names to be withdrawn from the
/// channel once the draft is durable.
pub(crate) fn acknowledge(
    draft: &mut Draft<'_>,
    outgoing: &mut Outgoing,
    parcels: &mut Parcels,
    position: &Position,
    at: Moment,
) -> Result<Vec<ParcelName>, Fault> {
    outgoing.heard = position.counter;
    outgoing.acknowledged.clone_from(&position.ranges);
    outgoing.acknowledged_chain = position.chain;
    let all_until = cumulative(position).unwrap_or(0);
    let highest = position.ranges.last().map_or(0, |range| range.1);
    let mut withdrawn = Vec::new();
    let mut over = Vec::new();
    for (key, row) in parcels.iter_mut() {
        let before = row.clone();
        if position.quarantined.contains(&row.digest) && !row.covered {
            withdrawn.push(row.name.clone());
            if row.first == 0 && !row.pings() && !row.renews() {
                over.push(*key);
                continue;
            }
            row.refused = true;
            row.due = row.due.min(retry_at(row, at));
        }
        let below = planted(Bug::GapsCovered) && row.last <= highest;
        if row.waits() && (below || ranges::covers(&position.ranges, row.first, row.last)) {
            row.covered = true;
            withdrawn.push(row.name.clone());
            forget_messages(draft, row)?;
        }
        if row.waits() && row.last < highest {
            row.due = row.due.min(retry_at(row, at));
        }
        if row.covered && row.last <= all_until {
            over.push(*key);
        } else if *row != before {
            draft.put(&tables::PARCELS, key, row)?;
        }
    }
    for key in over {
        parcels.remove(&key);
        draft.delete(&tables::PARCELS, &key);
    }
    Ok(withdrawn)
}

/// When a parcel that the partner misses or refuses is sent again: at once,
/// but not while the last copy may only be late, nor ever faster than twice
/// as slowly as before.
fn retry_at(row: &SentParcel, at: Moment) -> Time {
    if row.refused && row.attempts == 0 {
        return at.now;
    }
    at.now.max(row.sent.after_ms(at.gap_ms << row.attempts.min(10)))
}

/// Lets messages go that the partner has, and blobs of which it has all.
pub(crate) fn forget_messages(draft: &mut Draft<'_>, row: &SentParcel) -> Result<(), Fault> {
    for number in row.first..=row.last {
        draft.delete(&tables::OUTBOX, &number);
    }
    for (blob, pieces) in &row.blobs {
        let left = draft.get(&tables::LEAVING, &blob.0)?.unwrap_or(0).saturating_sub(*pieces);
        if left == 0 {
            draft.delete(&tables::LEAVING, &blob.0);
            draft.put(&tables::DISCARDS, &blob.0, &())?;
        } else {
            draft.put(&tables::LEAVING, &blob.0, &left)?;
        }
    }
    Ok(())
}
