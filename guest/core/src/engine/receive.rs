//! Receive: parcels are opened, checked and taken into the inbox, exactly
//! once.

mod batch;
mod keys;
mod open;
mod unnumbered;
mod unseal;

use std::collections::BTreeMap;

use super::Engine;
use super::send::Trouble;
use crate::delivery::Quarantined;
use crate::delivery::token::Token;
use crate::digest::of;
use crate::fault::Fault;
use crate::handshake;
use crate::ids::{Digest, ParcelName};
use crate::limits::{HARMFUL_TIMES, PARCEL_BYTES_MAX};
use crate::ports::{ChannelFault, Disposition, Listed};
use crate::state::{Reunion, State, Status};
use crate::tables;
use batch::Receiver;

/// What one receiving did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiveReport {
    /// Numbered messages that came for the first time; pieces of attachments
    /// are among them.
    pub received: u32,
    /// Parcels that were taken.
    pub parcels: u32,
    /// Parcels that were refused.
    pub refused: u32,
    /// Whether more lies on the channel that a larger budget would take.
    pub work_left: bool,
    /// Why the channel could not be used, where it couldn't.
    pub trouble: Option<Trouble>,
}

/// Takes at most so many parcels from the channel.
///
/// # Errors
/// The store's and the blobs'; the channel's are `trouble`.
pub fn step(engine: &Engine<'_>, parcels: u32) -> Result<ReceiveReport, Fault> {
    match handshake::answer(engine) {
        Ok(()) => {}
        Err(Stop::Trouble(trouble)) => return Ok(ReceiveReport { trouble: Some(trouble), ..Default::default() }),
        Err(Stop::Fault(fault)) => return Err(fault),
    }
    let state = engine.state()?;
    if !may_receive(&state) {
        return Ok(ReceiveReport::default());
    }
    let mut receiver = Receiver::open(engine, state)?;
    let ended = run(&mut receiver, parcels);
    if !matches!(ended, Err(Stop::Fault(_))) {
        receiver.absolve()?;
        receiver.verify()?;
    }
    match ended {
        Ok(()) => {}
        Err(Stop::Trouble(trouble)) => receiver.report.trouble = Some(trouble),
        Err(Stop::Fault(fault)) => return Err(fault),
    }
    Ok(receiver.report)
}

/// Why receiving ends before everything was looked at.
pub(crate) enum Stop {
    /// The channel.
    Trouble(Trouble),
    /// Anything else.
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for Stop {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// A call to the channel failed.
pub(crate) fn trouble(fault: ChannelFault) -> Stop {
    Stop::Trouble(fault.into())
}

/// Whether parcels are looked at. What isn't stays on the channel.
fn may_receive(state: &State) -> bool {
    let held = match state.status {
        Status::Suspended => true,
        Status::RestartRequired => state.reunion != Reunion::Agreed,
        _ => false,
    };
    state.partner.is_some() && !held
}

/// Parcels listed at a time.
const PAGE: u32 = 256;

fn run(receiver: &mut Receiver<'_, '_>, parcels: u32) -> Result<(), Stop> {
    receiver.clean()?;
    receiver.harmful = receiver.engine.ports.channel.harmful().map_err(trouble)?.into_iter().collect();
    let refusals = Token::refusal(&receiver.state.sync, &receiver.state.fingerprint);
    if receiver.awaits_answer() {
        directory(receiver, &refusals, parcels)?;
    }
    let token = Token::parcels(&receiver.state.sync, receiver.state.side.other());
    directory(receiver, &token, parcels)
}

/// Everything that lies there under a token.
fn directory(receiver: &mut Receiver<'_, '_>, token: &Token, parcels: u32) -> Result<(), Stop> {
    let channel = receiver.engine.ports.channel;
    let mut after: Option<ParcelName> = None;
    loop {
        let page = channel.received(token.text(), after.as_ref(), PAGE).map_err(trouble)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.name.clone()).filter(|_| page.len() >= PAGE as usize);
        let named: Vec<(Listed, Digest)> =
            page.into_iter().filter_map(|listed| token.digest(&listed.name).map(|digest| (listed, digest))).collect();
        let refused = refused(receiver, &named)?;
        for (listed, digest) in named {
            if receiver.report.parcels + receiver.report.refused >= parcels {
                receiver.report.work_left = true;
                return Ok(());
            }
            look(receiver, &listed, digest, refused.get(&digest))?;
            if !may_receive(&receiver.state) {
                return Ok(());
            }
        }
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Which of them were refused before.
fn refused(receiver: &Receiver<'_, '_>, named: &[(Listed, Digest)]) -> Result<BTreeMap<Digest, Quarantined>, Stop> {
    let digests: Vec<Digest> = named.iter().map(|(_, digest)| *digest).collect();
    let rows = receiver.draft.get_many(&tables::QUARANTINE, &digests)?;
    Ok(digests.into_iter().zip(rows).filter_map(|(digest, row)| Some((digest, row?))).collect())
}

/// Reads a parcel, in the protocol's order: its size before anything is read
/// whole, the digest in its name before anything is opened.
fn look(
    receiver: &mut Receiver<'_, '_>,
    listed: &Listed,
    digest: Digest,
    refused: Option<&Quarantined>,
) -> Result<(), Stop> {
    let name = &listed.name;
    if receiver.disposals.contains(name) {
        return Ok(());
    }
    if refused.is_some_and(|row| !row.garbled) {
        return receiver.refuse_again(name, digest);
    }
    if listed.size > PARCEL_BYTES_MAX as u64 {
        let reason = format!("{} bytes are more than the {PARCEL_BYTES_MAX} bytes that a parcel may have", listed.size);
        return if listed.settled { receiver.refuse(name, digest, reason, true) } else { Ok(()) };
    }
    if let Some(times) = receiver.harmful.get(name).copied() {
        if times >= HARMFUL_TIMES {
            let reason = format!("the engine broke off or ran out of time {times} times while it opened this parcel");
            return receiver.refuse(name, digest, reason, false);
        }
        // What came before it is not to be done again.
        receiver.absolve()?;
    }
    let bytes = match receiver.engine.ports.channel.read(name, PARCEL_BYTES_MAX as u64) {
        Ok(bytes) => bytes,
        Err(ChannelFault::NotFound | ChannelFault::TooLarge(_)) => return Ok(()),
        Err(fault) => return Err(trouble(fault)),
    };
    receiver.reading = true;
    read(receiver, listed, digest, refused.is_some(), bytes)?;
    // The first time, one of a batch may be blamed for what another one or all
    // of them did. The second time, what is blamed was alone.
    if receiver.harmful.contains_key(name) { Ok(receiver.absolve()?) } else { Ok(()) }
}

/// Takes a parcel that was read, or waits for the rest of it, or refuses it.
fn read(
    receiver: &mut Receiver<'_, '_>,
    listed: &Listed,
    digest: Digest,
    refused: bool,
    bytes: Vec<u8>,
) -> Result<(), Stop> {
    if of(&bytes) == digest {
        if refused {
            receiver.draft.delete(&tables::QUARANTINE, &digest);
        }
        return open::open(receiver, &listed.name, digest, bytes);
    }
    if !listed.settled {
        return Ok(());
    }
    let reason = "its bytes are not those that its name tells: altered, or cut off on the way".to_owned();
    receiver.refuse(&listed.name, digest, reason, true)
}

/// What is done with a parcel once the commit that tells of it is durable.
pub(crate) type Disposals = Vec<(ParcelName, Disposition)>;
