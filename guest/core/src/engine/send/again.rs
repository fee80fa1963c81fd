//! Parcels that leave again: those that a crash or the channel kept from
//! leaving, those that nobody acknowledged, those that were refused.

use std::collections::BTreeSet;

use super::batch::{Sender, asking};
use super::{Stop, load, seal, sweeps, token};
use crate::delivery::{SentParcel, sweep};
use crate::ids::ParcelName;
use crate::tables;

/// Parcels that the store tells of and the channel may never have had.
pub(super) fn unfinished(sender: &mut Sender<'_, '_>) -> Result<(), Stop> {
    let keys: Vec<u64> = sender.parcels.range(sender.outgoing.put + 1..).map(|(key, _)| *key).collect();
    for key in keys {
        let Some(row) = sender.parcels.get(&key).cloned() else { continue };
        if row.covered {
            continue;
        }
        if is_too_large(sender, &row)? {
            anew(sender, key, row)?;
        } else {
            resend(sender, key, row)?;
        }
    }
    Ok(())
}

/// Parcels whose time has come, and the hourly comparison.
pub(super) fn due(sender: &mut Sender<'_, '_>) -> Result<(), Stop> {
    let now = sender.now();
    let wanted = |row: &SentParcel| row.waits() || asking(sender.state, row);
    let over = sender.outgoing.put;
    let keys: Vec<u64> =
        sender.parcels.range(..=over).filter(|(_, row)| row.due <= now && wanted(row)).map(|(key, _)| *key).collect();
    if keys.is_empty() && !sweeps(sender) {
        return Ok(());
    }
    let there = lying(sender)?;
    for key in keys {
        attend(sender, key, &there)?;
    }
    if sweeps(sender) {
        let known: BTreeSet<&ParcelName> = sender.parcels.values().map(|row| &row.name).collect();
        let strange: Vec<ParcelName> = there.iter().filter(|name| !known.contains(name)).cloned().collect();
        sender.withdraw(strange);
        sweep::blobs(sender.engine)?;
        sender.outgoing.swept = now;
    }
    Ok(())
}

/// Looks after one parcel now.
pub(super) fn look(sender: &mut Sender<'_, '_>, key: u64) -> Result<(), Stop> {
    sender.greeting.urgent = false;
    let there = lying(sender)?;
    attend(sender, key, &there)
}

/// What lies in our side of the channel.
fn lying(sender: &Sender<'_, '_>) -> Result<BTreeSet<ParcelName>, Stop> {
    const PAGE: u32 = 256;
    let (token, channel) = (token(sender.state), sender.engine.ports.channel);
    let mut names = BTreeSet::new();
    loop {
        let page = channel.sent(token.text(), names.last(), PAGE).map_err(|fault| Stop::Trouble(fault.into()))?;
        let ended = page.len() < PAGE as usize;
        names.extend(page.into_iter().map(|listed| listed.name));
        if ended {
            return Ok(names);
        }
    }
}

fn attend(sender: &mut Sender<'_, '_>, key: u64, there: &BTreeSet<ParcelName>) -> Result<(), Stop> {
    let Some(mut row) = sender.parcels.get(&key).cloned() else { return Ok(()) };
    if row.refused || is_too_large(sender, &row)? {
        return anew(sender, key, row);
    }
    row.due = sender.later(row.attempts + 1);
    row.attempts += 1;
    if there.contains(&row.name) {
        sender.draft.put(&tables::PARCELS, &key, &row)?;
        sender.parcels.insert(key, row);
        return Ok(());
    }
    row.sent = sender.now();
    resend(sender, key, row)
}

/// Whether the channel takes less by now than a parcel weighs that can be made
/// smaller.
fn is_too_large(sender: &mut Sender<'_, '_>, row: &SentParcel) -> Result<bool, Stop> {
    Ok(row.last > row.first && row.size > sender.parcel_bytes_max()?)
}

/// The same bytes again; others only where this build seals differently from
/// the one before.
fn resend(sender: &mut Sender<'_, '_>, key: u64, mut row: SentParcel) -> Result<(), Stop> {
    room(sender)?;
    let load = load::again(sender, row.first, row.last)?;
    let (sealed, _) = seal::seal(sender, &mut row, load)?;
    sender.name(&mut row, &sealed);
    sender.draft.put(&tables::PARCELS, &key, &row)?;
    let name = row.name.clone();
    sender.parcels.insert(key, row);
    sender.leave(key, name, sealed);
    sender.flush_full()
}

/// The messages of a refused parcel in two smaller ones, with new randomness.
fn anew(sender: &mut Sender<'_, '_>, key: u64, old: SentParcel) -> Result<(), Stop> {
    room(sender)?;
    sender.parcel_bytes_max()?;
    let mut first = old.first;
    let mut chain = old.before;
    sender.drop_parcel(key);
    while first <= old.last {
        let mut load = load::again(sender, first, old.last)?;
        if first > 0 && first == old.first && old.last > old.first {
            load.halve();
        }
        let mut row = sender.row(first, chain);
        row.unnumbered.clone_from(&old.unnumbered);
        row.attempts = old.attempts + 1;
        row.due = sender.later(row.attempts);
        let sealed = sender.fit(&mut row, &mut load)?;
        let last = row.last;
        chain = row.after;
        sender.make(row, sealed)?;
        if first == 0 {
            break;
        }
        first = last + 1;
    }
    sender.flush_full()
}

fn room(sender: &mut Sender<'_, '_>) -> Result<(), Stop> {
    if sender.left() > 0 {
        return Ok(());
    }
    sender.report.work_left = true;
    Err(Stop::Budget)
}
