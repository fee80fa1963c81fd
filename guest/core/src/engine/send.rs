//! Send: what waits in the outbox leaves in parcels; what the partner doesn't
//! acknowledge is sent again.

mod again;
mod batch;
mod load;
mod seal;

use super::{Engine, keys};
use crate::delivery::SentParcel;
use crate::delivery::token::Token;
use crate::fault::Fault;
use crate::keys::Turn;
use crate::limits::{ACKNOWLEDGE_MS, HEARTBEAT_MS, IN_FLIGHT_BYTES_MAX, IN_FLIGHT_PARCELS_MAX, SWEEP_MS, TROUBLE_MS};
use crate::message::Unnumbered;
use crate::ports::ChannelFault;
use crate::scope::Side;
use crate::state::{Connection, Reunion, Revoked, State, Status};
use crate::tables;
use crate::time::Time;
use batch::Sender;
pub(crate) use batch::discard_blobs;
pub(crate) use load::content;

/// Why the channel could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// For people.
    pub reason: String,
    /// Whether it passes by itself.
    pub passing: bool,
}

impl From<ChannelFault> for Trouble {
    fn from(fault: ChannelFault) -> Self {
        Self { passing: matches!(fault, ChannelFault::RetryLater(_)), reason: fault.to_string() }
    }
}

/// What one sending did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendReport {
    /// Numbered messages that left for the first time.
    pub sent: u32,
    /// Parcels that left, new and again.
    pub parcels: u32,
    /// Whether more would leave at once with a larger budget.
    pub work_left: bool,
    /// When something is due if nothing happens, in milliseconds from now.
    pub wake_after_ms: Option<u64>,
    /// Why the channel could not be used, where it couldn't: what was to leave
    /// leaves another time.
    pub trouble: Option<Trouble>,
}

/// Sends at most so many parcels. `finishing` acknowledges at once and sends
/// no heartbeat.
///
/// # Errors
/// The store's and the blobs'; the channel's are `trouble`.
pub fn step(engine: &Engine<'_>, parcels: u32, finishing: bool) -> Result<SendReport, Fault> {
    let state = engine.state()?;
    if !may_send(&state) {
        return Ok(SendReport::default());
    }
    let mut sender = Sender::open(engine, &state, parcels)?;
    let ended = run(&mut sender, finishing);
    let ended = if matches!(ended, Err(Stop::Budget)) { sender.flush() } else { ended };
    match ended {
        Ok(()) | Err(Stop::Budget) => {}
        Err(Stop::ContentLost) => {
            content_lost(engine, &state)?;
            return Ok(sender.report);
        }
        Err(Stop::Trouble(trouble)) => sender.report.trouble = Some(trouble),
        Err(Stop::Fault(fault)) => return Err(fault),
    }
    sender.close()?;
    let pause = if sender.report.trouble.is_some() { TROUBLE_MS } else { 0 };
    sender.report.wake_after_ms = wake(&sender, finishing).map(|wake| wake.max(pause));
    Ok(sender.report)
}

/// Why sending ends before everything left.
pub(crate) enum Stop {
    /// As many parcels as were allowed.
    Budget,
    /// The channel.
    Trouble(Trouble),
    /// Content that is on its way is not there any more.
    ContentLost,
    /// Anything else.
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for Stop {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// What was sent and isn't acknowledged can't be sent again: only a store that
/// was put back knows of it still.
fn content_lost(engine: &Engine<'_>, state: &State) -> Result<(), Fault> {
    let reason = "the content of an attachment on its way is gone: this side was restored from a backup; nothing is \
                  sent or taken until people on both sides have agreed to go on, with `ferry sync reconcile`";
    let mut state = state.clone();
    state.stand(Status::RestartRequired, reason, engine.now);
    let mut draft = engine.draft();
    draft.put(&tables::STATE, &(), &state)?;
    Ok(draft.commit()?)
}

/// Whether any parcel may be sealed for the partner.
fn may_send(state: &State) -> bool {
    state.partner.is_some()
        && match state.status {
            Status::Handshake => state.side == Side::Primary,
            Status::Stopped | Status::Running | Status::DeletedByPartner => true,
            Status::RestartRequired => state.reunion == Reunion::Agreed,
            // The word that our key is revoked.
            Status::Suspended => state.revoked == Some(Revoked::Ours),
        }
}

fn run(sender: &mut Sender<'_, '_>, finishing: bool) -> Result<(), Stop> {
    sender.discard_blobs()?;
    if let Some(revoked) = revocation(sender) {
        return ask(sender, revoked);
    }
    if sender.state.reunion == Reunion::Agreed {
        return ask(sender, Unnumbered::Restart { counter: sender.incoming.epoch.counter });
    }
    if let Some(renewal) = renewal(sender)? {
        ask(sender, renewal)?;
    }
    again::unfinished(sender)?;
    again::due(sender)?;
    if let Some(reason) = keys::expired(sender.state, sender.now()) {
        sender.flush()?;
        return Err(Stop::Trouble(Trouble { reason, passing: false }));
    }
    if sender.state.connected() {
        fresh(sender)?;
    }
    alone(sender, finishing)?;
    sender.flush()
}

/// The word that our keys are revoked.
fn revocation(sender: &Sender<'_, '_>) -> Option<Unnumbered> {
    let revoked = sender.state.revoked == Some(Revoked::Ours);
    revoked.then_some(Unnumbered::Revoked { certificate: sender.state.fingerprint })
}

/// The word that our keys are replaced, until the partner has answered.
fn renewal(sender: &Sender<'_, '_>) -> Result<Option<Unnumbered>, Fault> {
    if !matches!(sender.state.turn, Turn::Told { .. }) {
        return Ok(None);
    }
    let ours = keys::ring(&sender.engine.draft())?.ours;
    Ok(ours.map(|spare| Unnumbered::Renewal { renewal: spare.renewal }))
}

/// Keeps something before the partner that isn't acknowledged by a position.
fn ask(sender: &mut Sender<'_, '_>, question: Unnumbered) -> Result<(), Stop> {
    let now = sender.now();
    let asked = sender.parcels.iter().find(|(_, row)| row.first == 0 && row.unnumbered.contains(&question));
    // The partner that replaced its keys meanwhile is told under the new ones.
    let partner = sender.state.partner.as_ref().map_or(0, |partner| partner.key);
    let asked = match asked.map(|(key, row)| (*key, row.due, row.theirs == partner)) {
        Some((key, _, false)) => {
            sender.drop_parcel(key);
            None
        }
        asked => asked.map(|(key, due, _)| (key, due)),
    };
    match asked {
        None => sender.bare(vec![question])?,
        Some((key, due)) if due <= now => again::look(sender, key)?,
        Some(_) => {}
    }
    sender.flush()
}

/// What waits in the outbox, as long as the partner keeps up.
fn fresh(sender: &mut Sender<'_, '_>) -> Result<(), Stop> {
    while sender.outgoing.sealed < sender.outgoing.appended {
        let waiting = || sender.parcels.values().filter(|row| row.waits());
        if waiting().map(|row| row.size).sum::<u64>() >= IN_FLIGHT_BYTES_MAX
            || waiting().count() >= IN_FLIGHT_PARCELS_MAX
        {
            return Ok(());
        }
        if sender.left() == 0 {
            sender.report.work_left = true;
            return Err(Stop::Budget);
        }
        let load = load::next(sender)?;
        sender.number(load)?;
    }
    Ok(())
}

/// A parcel without numbered messages, where something is due that didn't ride
/// with any: ping, pong, acknowledgement, heartbeat.
fn alone(sender: &mut Sender<'_, '_>, finishing: bool) -> Result<(), Stop> {
    if sender.state.connection == Connection::PingSent {
        return ping(sender);
    }
    if !sender.state.connected() {
        return Ok(());
    }
    let due = alone_due(sender, finishing).is_some_and(|due| due <= sender.now());
    if !due && !sender.greeting.urgent {
        return Ok(());
    }
    let riders = riders(sender);
    sender.bare(riders)
}

/// The ping stays on the channel until the pong comes; a hello that comes
/// again brings it forward.
fn ping(sender: &mut Sender<'_, '_>) -> Result<(), Stop> {
    if !sender.greeting.urgent {
        return Ok(());
    }
    let ours = riders(sender);
    let pings: Vec<(u64, bool)> = sender
        .parcels
        .iter()
        .filter(|(_, row)| row.pings() && row.first == 0)
        .map(|(key, row)| (*key, row.unnumbered == ours))
        .collect();
    for (key, _) in pings.iter().filter(|(_, same)| !same) {
        sender.drop_parcel(*key);
    }
    match pings.iter().find(|(_, same)| *same) {
        Some((key, _)) => again::look(sender, *key),
        None => sender.bare(ours),
    }
}

/// When a position leaves by itself.
fn alone_due(sender: &Sender<'_, '_>, finishing: bool) -> Option<Time> {
    let incoming = &sender.incoming;
    let wait = if finishing { 0 } else { ACKNOWLEDGE_MS };
    let answer = incoming.unanswered.map(|since| since.after_ms(wait));
    let beat = incoming.positioned.map_or(sender.now(), |last| last.after_ms(HEARTBEAT_MS));
    if finishing { answer } else { Some(answer.map_or(beat, |answer| answer.min(beat))) }
}

/// When something is due if nothing happens, in milliseconds from now.
fn wake(sender: &Sender<'_, '_>, finishing: bool) -> Option<u64> {
    let state = sender.state;
    // Where one thing alone is said, nothing else is due.
    let hushed = state.reunion == Reunion::Agreed || state.revoked.is_some();
    let wanted = |row: &SentParcel| batch::asking(state, row) || row.waits() && !hushed;
    let resend = sender.parcels.values().filter(|row| wanted(row)).map(|row| row.due);
    let quiet = hushed || keys::expired(state, sender.now()).is_some();
    let alone = (state.connected() && !quiet).then(|| alone_due(sender, finishing)).flatten();
    resend.chain(alone).min().map(|due| due.since(sender.now()))
}

/// What rides in a new parcel without a number.
fn riders(sender: &Sender<'_, '_>) -> Vec<Unnumbered> {
    let greeting = &sender.greeting;
    match (sender.state.side, greeting.nonce) {
        (Side::Primary, Some(nonce)) if greeting.urgent => {
            greeting.greeted.map(|hello| Unnumbered::Ping { hello, nonce }).into_iter().collect()
        }
        (Side::Secondary, Some(nonce)) if greeting.answering => vec![Unnumbered::Pong { nonce }],
        _ => Vec::new(),
    }
}

/// The token of what we send.
fn token(state: &State) -> Token {
    Token::parcels(&state.sync, state.side)
}

/// Whether our side of the channel is to be compared with what should lie
/// there.
fn sweeps(sender: &Sender<'_, '_>) -> bool {
    sender.now().since(sender.outgoing.swept) >= SWEEP_MS
}
