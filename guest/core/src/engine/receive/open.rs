//! Opening a parcel: seal and signature, ids, epoch and position, numbers; the
//! first that fails ends it, and nothing of the parcel was used.

use super::batch::Receiver;
use super::unseal::{Signer, Unsealed, unseal};
use super::{Stop, keys, unnumbered};
use crate::delivery::acknowledge::{Moment, acknowledge, chain_at};
use crate::delivery::position::{Disagreement, Meaning, Standing, cumulative, judge, standing};
use crate::delivery::ranges::{self, Refused};
use crate::ids::{Digest, ParcelName};
use crate::limits::COUNTER_MAX;
use crate::message::{Parcel, Position};
use crate::planted::{Bug, planted};
use crate::ports::{OpenFault, Opened};
use crate::state::Status;

/// Opens and takes a parcel whose bytes have the digest.
pub(super) fn open(
    receiver: &mut Receiver<'_, '_>,
    name: &ParcelName,
    digest: Digest,
    bytes: Vec<u8>,
) -> Result<(), Stop> {
    let unsealed = match unseal(receiver, &bytes)? {
        Ok(unsealed) => unsealed,
        Err(fault) => {
            if matches!(fault, OpenFault::NewerVersion(_) | OpenFault::OlderVersion(_)) {
                let reason = format!("a parcel of the partner's was refused: {fault}");
                receiver.state.stand(receiver.state.status, reason, receiver.engine.now);
            }
            return receiver.refuse(name, digest, fault.to_string(), false);
        }
    };
    drop(bytes);
    if let Err(reason) = check(receiver, &unsealed) {
        return receiver.refuse(name, digest, reason.to_owned(), false);
    }
    let Unsealed { opened, signer, from, to } = unsealed;
    // Whoever revokes a certificate that it replaced was put back to before
    // that; its people don't trust what they see.
    if keys::revokes(&opened.parcel, from) {
        keys::revoked(receiver);
        return receiver.taken(name);
    }
    if signer == Signer::Retired {
        return late(receiver, name, &opened);
    }
    receiver.sealed_for(to, opened.parcel.epoch)?;
    let heard = opened.parcel.position.as_ref().map_or(0, |position| position.epoch.counter);
    receiver.state.heard_epoch = receiver.state.heard_epoch.max(opened.parcel.epoch.counter).max(heard);
    match (standing(receiver.incoming.epoch, opened.parcel.epoch), receiver.state.status) {
        (Standing::Newer, Status::RestartRequired) => {
            receiver.begin(opened.parcel.epoch)?;
            take(receiver, name, opened, signer)
        }
        // It waits for the partner's new epoch.
        (_, Status::RestartRequired) => Ok(()),
        (Standing::Same, _) => take(receiver, name, opened, signer),
        (Standing::Older, _) => {
            receiver.taken(name)?;
            // Where it is no late copy, its sender doesn't know that it was put back,
            // and has to be told which epoch this is.
            if !planted(Bug::OldEpochUnanswered) {
                receiver.incoming.unanswered.get_or_insert(receiver.engine.now);
            }
            Ok(())
        }
        (Standing::Newer, _) => disagree(receiver, Disagreement::NewerEpoch),
    }
}

/// Whether the parcel is the partner's, for us, and whole in itself.
fn check(receiver: &Receiver<'_, '_>, unsealed: &Unsealed) -> Result<(), &'static str> {
    let opened = &unsealed.opened;
    let (state, parcel) = (&receiver.state, &opened.parcel);
    if parcel.sync != state.sync {
        return Err("it belongs to another synchronization");
    }
    if parcel.sender != state.side.other() {
        return Err("it was made for the other direction");
    }
    if parcel.from != unsealed.from || parcel.to != unsealed.to {
        return Err("it names other certificates than those of this synchronization");
    }
    let count = parcel.messages.len() as u64;
    let numbered =
        (parcel.first > 0) == (count > 0) && parcel.first.checked_add(count).is_some_and(|n| n <= COUNTER_MAX);
    if !numbered || opened.digests.len() != parcel.messages.len() {
        return Err("its messages and their numbers don't go together");
    }
    let position = parcel.position.as_ref();
    let epochs = [Some(parcel.epoch), position.map(|position| position.epoch)];
    if epochs.iter().flatten().any(|epoch| epoch.counter > COUNTER_MAX) {
        return Err("its epoch is out of all bounds");
    }
    match position {
        Some(position) if !ranges::well_formed(&position.ranges) => {
            Err("its position names ranges that no receiver has")
        }
        _ => Ok(()),
    }
}

/// What a position means here, before anything is changed.
fn meaning(receiver: &Receiver<'_, '_>, position: &Position) -> Result<Meaning, Stop> {
    let known = match cumulative(position) {
        Some(number) => {
            chain_at(&receiver.engine.ports, &receiver.draft, &receiver.outgoing, &receiver.parcels, number)?
        }
        None => None,
    };
    Ok(judge(&receiver.outgoing, position, known))
}

/// A parcel under a certificate that the partner has no use for any more: a late
/// copy tells nothing new. One that does comes from a partner that was put back
/// to before it replaced its keys; nothing of it is used either.
fn late(receiver: &mut Receiver<'_, '_>, name: &ParcelName, opened: &Opened) -> Result<(), Stop> {
    let parcel = &opened.parcel;
    let known = match standing(receiver.incoming.epoch, parcel.epoch) {
        Standing::Older => true,
        Standing::Newer => false,
        Standing::Same => {
            let meaning = parcel.position.as_ref().map(|position| meaning(receiver, position)).transpose()?;
            let mut spans = receiver.incoming.spans.clone();
            let fresh = ranges::take(&mut spans, parcel.first, parcel.chain, &opened.digests);
            matches!(meaning, None | Some(Meaning::Late)) && fresh.is_ok_and(|fresh| fresh.is_empty())
        }
    };
    if known { receiver.taken(name) } else { disagree(receiver, Disagreement::FormerKeys) }
}

fn take(receiver: &mut Receiver<'_, '_>, name: &ParcelName, opened: Opened, signer: Signer) -> Result<(), Stop> {
    let Opened { parcel, digests } = opened;
    let meaning = parcel.position.as_ref().map(|position| meaning(receiver, position)).transpose()?;
    if let Some(Meaning::Disagrees(why)) = meaning {
        return disagree(receiver, why);
    }
    let mut spans = receiver.incoming.spans.clone();
    let fresh = match ranges::take(&mut spans, parcel.first, parcel.chain, &digests) {
        Ok(fresh) => fresh,
        Err(Refused::ChainDiffers) => return disagree(receiver, Disagreement::OtherHistory),
        Err(Refused::TooMany) => return Ok(()),
    };
    receiver.incoming.spans = spans;
    if let (Some(Meaning::News), Some(position)) = (meaning, &parcel.position) {
        let at = Moment { now: receiver.engine.now, gap_ms: receiver.engine.ports.channel.pace().gap_ms };
        let (draft, outgoing, parcels) = (&mut receiver.draft, &mut receiver.outgoing, &mut receiver.parcels);
        let withdrawn = acknowledge(draft, outgoing, parcels, position, at)?;
        receiver.withdraw(withdrawn);
    }
    unnumbered::take(receiver, &parcel, signer)?;
    seen(receiver, &parcel);
    number(receiver, parcel, &fresh)?;
    receiver.taken(name)
}

/// Takes the messages that are new. Any numbered message is answered by a
/// position, also one that came before: its acknowledgement may be lost.
fn number(receiver: &mut Receiver<'_, '_>, parcel: Parcel, fresh: &[usize]) -> Result<(), Stop> {
    if parcel.messages.is_empty() {
        return Ok(());
    }
    let incoming = &mut receiver.incoming;
    incoming.unanswered.get_or_insert(receiver.engine.now);
    if !fresh.is_empty() && incoming.spans.len() == 1 {
        incoming.quarantined.clear();
    }
    let mut fresh = fresh.iter().copied().peekable();
    for (place, (number, bytes)) in (parcel.first..).zip(parcel.messages).enumerate() {
        if fresh.next_if_eq(&place).is_some() || planted(Bug::RepeatsTaken) {
            receiver.keep(number, bytes)?;
        }
    }
    Ok(())
}

fn seen(receiver: &mut Receiver<'_, '_>, parcel: &Parcel) {
    receiver.incoming.last_parcel = Some(receiver.engine.now);
    if let Some(partner) = &mut receiver.state.partner {
        partner.seen = Some(receiver.engine.now);
        partner.protocol = parcel.protocol;
    }
}

/// The two sides can't go on without a person's word; the parcel stays where
/// it is, unused.
fn disagree(receiver: &mut Receiver<'_, '_>, why: Disagreement) -> Result<(), Stop> {
    let reason = format!(
        "{why}: one of the two sides was restored from a backup, or its store was lost; nothing is sent or taken \
         until people on both sides have agreed how to go on"
    );
    receiver.state.stand(Status::RestartRequired, reason, receiver.engine.now);
    Ok(receiver.flush()?)
}
