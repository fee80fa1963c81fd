//! The handshake's own parcels: our hello, and the refusal of others'.

use super::{Greeting, Hello, PendingRefusal, SentHello};
use crate::delivery::token::Token;
use crate::digest::of;
use crate::engine::Engine;
use crate::engine::receive::{Stop, trouble};
use crate::engine::send::Trouble;
use crate::fault::Fault;
use crate::ids::{Chain, ParcelName};
use crate::limits::{INVITATION_GRACE_MS, RESEND_MS_MAX};
use crate::message::{PROTOCOL, Parcel, RefusalReason, Unnumbered};
use crate::ports::{ChannelFault, Level, Sealing};
use crate::scope::Side;
use crate::state::{Connection, State, Status};
use crate::tables;

/// What one step of the handshake did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GreetReport {
    /// When something is due if nothing happens, in milliseconds from now.
    pub wake_after_ms: Option<u64>,
    /// Why the channel could not be used, where it couldn't.
    pub trouble: Option<Trouble>,
}

/// What the status says once the connection test passed: at the primary, at
/// the secondary.
pub(crate) const CONNECTED: (&str, &str) = (
    "the connection works; compare the phrase with the partner, then publish a configuration",
    "the connection works; compare the phrase with the partner, who publishes a configuration next",
);

/// The same where both sides know of issues from before.
pub(crate) const CONNECTED_AGAIN: &str =
    "the connection works with new keys; compare the phrase with the partner, then start on both sides";

/// Keeps the handshake going: our hello is on the channel until it is
/// answered, refusals leave. Called at each tick, once everything was received.
///
/// # Errors
/// The store's; the channel's are `trouble`.
pub fn step(engine: &Engine<'_>) -> Result<GreetReport, Fault> {
    let state = engine.state()?;
    let Some(greeting) = engine.draft().get(&tables::GREETING, &())? else { return Ok(GreetReport::default()) };
    let done = match state.side {
        Side::Secondary => hello(engine, state, greeting),
        Side::Primary => refuse(engine, state, greeting),
    };
    match done {
        Ok(wake_after_ms) => Ok(GreetReport { wake_after_ms, trouble: None }),
        Err(Stop::Trouble(trouble)) => Ok(GreetReport { wake_after_ms: None, trouble: Some(trouble) }),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// The reason of a refusal, for people at the refused side.
pub(crate) fn refusal(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::Expired => {
            "the partner refused our hello: the handshake file had expired; ask the partner for a new one"
        }
        RefusalReason::Used => {
            "the partner refused our hello: somebody else has used the handshake file before; tell the partner, and \
             ask for a new one"
        }
        RefusalReason::Version => {
            "the partner refused our hello: the versions of Ferry don't go together; update the older one and ask \
             for a new handshake file"
        }
    }
}

fn hello(engine: &Engine<'_>, mut state: State, mut greeting: Greeting) -> Result<Option<u64>, Stop> {
    let waits = state.status == Status::Handshake && state.connection != Connection::Refused;
    let Some(mut sent) = greeting.hello.take().filter(|_| waits) else { return Ok(None) };
    if engine.now > greeting.expires {
        greeting.hello = Some(sent);
        let reason = "the handshake file expired before the partner answered; ask the partner for a new one";
        return expire(engine, state, greeting, reason);
    }
    if engine.now < sent.due {
        return Ok(Some(sent.due.since(engine.now)));
    }
    send_hello(engine, &state, &greeting, &mut sent)?;
    state.connect(Connection::HelloSent, engine.now);
    let reason = "our hello is on the channel; now the partner's Ferry has to run and answer it";
    state.stand(Status::Handshake, reason, engine.now);
    let due = sent.due;
    greeting.hello = Some(sent);
    save(engine, &state, &greeting)?;
    Ok(Some(due.since(engine.now)))
}

/// Puts our hello on the channel, unless it is still there: the same bytes
/// each time.
fn send_hello(engine: &Engine<'_>, state: &State, greeting: &Greeting, sent: &mut SentHello) -> Result<(), Stop> {
    let (channel, token) = (engine.ports.channel, Token::hello(&state.sync));
    let lies = match &sent.name {
        Some(name) => channel.sent(token.text(), None, 16).map_err(trouble)?.iter().any(|there| there.name == *name),
        None => false,
    };
    if !lies {
        let keys = engine.keys()?;
        let missing = || Fault::Other("the store lacks the handshake's invitation".to_owned());
        let secret = greeting.secret.as_ref().ok_or_else(missing)?;
        let partner = state.partner.as_ref().ok_or_else(missing)?;
        let certificate = keys.certificate.clone();
        let address = sent.address.clone();
        let hello = Hello { sync: state.sync, certificate, address, protocol: PROTOCOL, created: sent.created };
        let sealed = engine
            .ports
            .wire
            .seal_hello(&hello, &keys, &partner.certificate, secret, sent.created, sent.seed.0)
            .map_err(Fault::Other)?;
        let name = token.name(&of(&sealed));
        channel.put(state.recipient(), &name, &sealed).map_err(trouble)?;
        sent.name = Some(name);
    }
    let wait = (channel.pace().resend_ms << sent.attempts.min(20)).min(RESEND_MS_MAX);
    let random = u64::from(u16::from_be_bytes(engine.random()));
    sent.attempts += 1;
    sent.due = engine.now.after_ms(wait + wait / 4 * random / u64::from(u16::MAX));
    Ok(())
}

/// The primary's part: refusals leave; what nobody can come with any more is
/// forgotten.
fn refuse(engine: &Engine<'_>, state: State, mut greeting: Greeting) -> Result<Option<u64>, Stop> {
    if !greeting.refusals.is_empty() {
        for pending in std::mem::take(&mut greeting.refusals) {
            greeting.refused.extend(send_refusal(engine, &state, &pending)?);
        }
        save(engine, &state, &greeting)?;
    }
    if engine.now > greeting.expires.after_ms(INVITATION_GRACE_MS) && greeting.secret.is_some() {
        engine.ports.channel.withdraw(&greeting.refused).map_err(trouble)?;
        greeting.refused.clear();
        greeting.secret = None;
        save(engine, &state, &greeting)?;
        return Ok(None);
    }
    if engine.now > greeting.expires && state.connection == Connection::Waiting {
        let reason = "the handshake file expired before the partner answered; `ferry sync invite` makes another";
        return expire(engine, state, greeting, reason);
    }
    Ok(None)
}

/// Sends a refusal; none where the channel leads to nobody but our partner.
fn send_refusal(engine: &Engine<'_>, state: &State, pending: &PendingRefusal) -> Result<Option<ParcelName>, Stop> {
    let wire = engine.ports.wire;
    let to = wire.fingerprint(&pending.certificate).map_err(Fault::Other)?;
    let epoch = crate::delivery::outbox::outgoing(&engine.draft())?.epoch;
    let parcel = Parcel {
        sync: state.sync,
        sender: Side::Primary,
        from: state.fingerprint,
        to,
        epoch,
        first: 0,
        chain: Chain::START,
        messages: Vec::new(),
        unnumbered: vec![Unnumbered::Refusal { reason: pending.reason }],
        position: None,
        created: engine.now,
        protocol: PROTOCOL,
    };
    let keys = engine.keys()?;
    let with = Sealing { keys: &keys, partner: &pending.certificate, profile: state.profile };
    let sealed = wire.seal(with, &parcel, engine.now, engine.random()).map_err(Fault::Other)?;
    let name = Token::refusal(&state.sync, &to).name(&of(&sealed));
    match engine.ports.channel.put(pending.address.as_deref(), &name, &sealed) {
        Ok(()) => Ok(Some(name)),
        Err(ChannelFault::Denied(_)) => {
            engine.ports.observer.log(Level::Warning, "somebody who came too late can't be told so", &[]);
            Ok(None)
        }
        Err(fault) => Err(trouble(fault)),
    }
}

/// Says that the file expired, once.
fn expire(engine: &Engine<'_>, mut state: State, greeting: Greeting, reason: &str) -> Result<Option<u64>, Stop> {
    if state.reason != reason {
        state.stand(Status::Handshake, reason, engine.now);
        if let Some(name) = greeting.hello.as_ref().and_then(|sent| sent.name.clone()) {
            engine.ports.channel.withdraw(&[name]).map_err(trouble)?;
        }
        save(engine, &state, &greeting)?;
    }
    Ok(None)
}

fn save(engine: &Engine<'_>, state: &State, greeting: &Greeting) -> Result<(), Fault> {
    let mut draft = engine.draft();
    draft.put(&tables::STATE, &(), state)?;
    draft.put(&tables::GREETING, &(), greeting)?;
    Ok(draft.commit()?)
}
