//! The primary answers hellos: the first valid one wins.

use super::{Greeting, Hello, PendingRefusal};
use crate::delivery::token::Token;
use crate::digest::of;
use crate::engine::Engine;
use crate::engine::receive::{Stop, trouble};
use crate::fault::Fault;
use crate::ids::{Digest, Fingerprint, ParcelName};
use crate::limits::{HARMFUL_TIMES, HELLO_BYTES_MAX, HELLOS_MAX};
use crate::message::{PROTOCOL, RefusalReason};
use crate::planted::{Bug, planted};
use crate::ports::{ChannelFault, Disposition, Level, Listed, OpenFault};
use crate::scope::Side;
use crate::state::{Connection, Partner, State, Status};
use crate::tables;
use crate::time::Time;

/// What the primary does with a hello that proves the invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is the first: its maker is our partner.
    Greet,
    /// It is our partner's, again: so is the ping.
    Again,
    /// Its maker is told why not.
    Refuse(RefusalReason),
    /// Its maker is told that somebody was first, and so are our people: one
    /// of the two should not have had the file.
    Rival,
    /// Our own.
    Ignore,
}

/// What a valid hello is answered, by the certificate that it came with.
pub fn judge(
    now: Time,
    expires: Time,
    ours: Fingerprint,
    pinned: Option<Fingerprint>,
    from: Fingerprint,
    protocol: (u16, u16),
) -> Answer {
    match pinned {
        _ if from == ours => Answer::Ignore,
        Some(pinned) if pinned == from => Answer::Again,
        _ if protocol.0 != PROTOCOL.0 => Answer::Refuse(RefusalReason::Version),
        _ if now > expires && !planted(Bug::ExpiredWelcome) => Answer::Refuse(RefusalReason::Expired),
        None => Answer::Greet,
        Some(_) if planted(Bug::RivalWelcome) => Answer::Greet,
        Some(_) => Answer::Rival,
    }
}

/// Refusals that wait at a time; more only come from somebody who floods.
const REFUSALS_MAX: usize = 8;

/// Looks for hellos and answers them, in any status.
pub(crate) fn answer(engine: &Engine<'_>) -> Result<(), Stop> {
    let state = engine.state()?;
    if state.side != Side::Primary {
        return Ok(());
    }
    let greeting: Option<Greeting> = engine.draft().get(&tables::GREETING, &())?;
    if greeting.is_none_or(|greeting| greeting.secret.is_none()) {
        return Ok(());
    }
    let token = Token::hello(&state.sync);
    let channel = engine.ports.channel;
    let harmful = channel.harmful().map_err(trouble)?;
    for listed in channel.received(token.text(), None, HELLOS_MAX).map_err(trouble)? {
        let Some(digest) = token.digest(&listed.name) else { continue };
        if harmful.iter().any(|(name, times)| *name == listed.name && *times >= HARMFUL_TIMES) {
            reject(engine, &listed.name, "it broke off the engine again and again");
            channel.dispose(&[listed.name], Disposition::Rejected).map_err(trouble)?;
            continue;
        }
        let Some(bytes) = read(engine, &listed, digest)? else { continue };
        let disposition = match take(engine, digest, &bytes) {
            Ok(()) => Disposition::Processed,
            Err(Taken::Refused(reason)) => {
                reject(engine, &listed.name, &reason);
                Disposition::Rejected
            }
            Err(Taken::Fault(fault)) => return Err(fault.into()),
        };
        channel.dispose(&[listed.name], disposition).map_err(trouble)?;
    }
    Ok(())
}

/// The bytes of a hello; none where it isn't whole yet, or isn't one.
fn read(engine: &Engine<'_>, listed: &Listed, digest: Digest) -> Result<Option<Vec<u8>>, Stop> {
    let channel = engine.ports.channel;
    let fits = listed.size <= HELLO_BYTES_MAX as u64;
    if fits {
        match channel.read(&listed.name, HELLO_BYTES_MAX as u64) {
            Ok(bytes) if of(&bytes) == digest => return Ok(Some(bytes)),
            Ok(_) | Err(ChannelFault::NotFound | ChannelFault::TooLarge(_)) => {}
            Err(fault) => return Err(trouble(fault)),
        }
    }
    if listed.settled {
        reject(engine, &listed.name, if fits { "altered, or cut off on the way" } else { "too large" });
        channel.dispose(std::slice::from_ref(&listed.name), Disposition::Rejected).map_err(trouble)?;
    } else if fits {
        // Half a copy is not to be blamed for what the rest of the tick does.
        engine.absolve()?;
    }
    Ok(None)
}

/// Why a hello was not taken.
enum Taken {
    Refused(String),
    Fault(Fault),
}

impl<F: Into<Fault>> From<F> for Taken {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// Takes one hello in one commit.
fn take(engine: &Engine<'_>, digest: Digest, bytes: &[u8]) -> Result<(), Taken> {
    let mut draft = engine.draft();
    let mut state = engine.state()?;
    let missing = || Fault::Other("the store lacks the handshake's invitation".to_owned());
    let mut greeting = draft.get(&tables::GREETING, &())?.ok_or_else(missing)?;
    let secret = greeting.secret.clone().ok_or_else(missing)?;
    let wire = engine.ports.wire;
    let hello = match wire.open_hello(bytes, &engine.keys()?, &secret, engine.now) {
        Ok(hello) => hello,
        Err(fault) => {
            if matches!(fault, OpenFault::NewerVersion(_) | OpenFault::OlderVersion(_)) {
                state.stand(state.status, format!("the partner's hello can't be read: {fault}"), engine.now);
                draft.put(&tables::STATE, &(), &state)?;
                draft.commit()?;
            }
            return Err(Taken::Refused(fault.to_string()));
        }
    };
    if hello.sync != state.sync {
        return Err(Taken::Refused("it names another synchronization".to_owned()));
    }
    let from = wire.fingerprint(&hello.certificate).map_err(Taken::Refused)?;
    // Our partner's again, though it has replaced the certificate since.
    let again = greeting.greeted == Some(digest);
    let pinned = state.partner.as_ref().map(|partner| if again { from } else { partner.fingerprint });
    match judge(engine.now, greeting.expires, state.fingerprint, pinned, from, hello.protocol) {
        Answer::Greet => greet(engine, &mut state, &mut greeting, hello, from, digest),
        Answer::Again => {
            greeting.greeted = Some(digest);
            greeting.urgent = !planted(Bug::GreetedOnce);
        }
        Answer::Refuse(reason) => {
            if reason == RefusalReason::Version {
                let (major, minor) = hello.protocol;
                let reason = format!(
                    "the partner's Ferry speaks version {major}.{minor} of the protocol, and this one {}.{}: they \
                     don't go together; update the older of the two",
                    PROTOCOL.0, PROTOCOL.1
                );
                state.stand(state.status, reason, engine.now);
            }
            refuse(&mut greeting, hello, reason);
        }
        Answer::Rival => {
            refuse(&mut greeting, hello, RefusalReason::Used);
            suspend(engine, &mut state, from);
        }
        Answer::Ignore => return Err(Taken::Refused("it was made here".to_owned())),
    }
    draft.put(&tables::STATE, &(), &state)?;
    draft.put(&tables::GREETING, &(), &greeting)?;
    Ok(draft.commit()?)
}

fn greet(
    engine: &Engine<'_>,
    state: &mut State,
    greeting: &mut Greeting,
    hello: Hello,
    fingerprint: Fingerprint,
    digest: Digest,
) {
    let expires = engine.ports.wire.validity(&hello.certificate).ok().map(|validity| validity.expires);
    state.partner = Some(Partner {
        certificate: hello.certificate,
        address: hello.address,
        fingerprint,
        expires,
        key: 0,
        answered: None,
        protocol: hello.protocol,
        seen: Some(engine.now),
        running: None,
    });
    state.connect(Connection::PingSent, engine.now);
    let reason = "the partner joined; our ping is on its way, and their Ferry has to answer it";
    state.stand(Status::Handshake, reason, engine.now);
    greeting.greeted = Some(digest);
    greeting.nonce = Some(engine.random());
    greeting.urgent = true;
}

fn refuse(greeting: &mut Greeting, hello: Hello, reason: RefusalReason) {
    let known = greeting.refusals.iter().any(|pending| pending.certificate == hello.certificate);
    if !known && greeting.refusals.len() < REFUSALS_MAX {
        greeting.refusals.push(PendingRefusal { certificate: hello.certificate, address: hello.address, reason });
    }
}

/// Whoever holds the file can join first: people have to find out who did.
fn suspend(engine: &Engine<'_>, state: &mut State, rival: Fingerprint) {
    let reason = format!(
        "a second one joined with the same handshake file (certificate {rival}): compare the phrase with the partner \
         by telephone; if it is not the same on both sides, make a new handshake file with `ferry sync invite`; if it \
         is, say so, and start again"
    );
    state.stand(Status::Suspended, reason, engine.now);
    state.compared = false;
}

fn reject(engine: &Engine<'_>, name: &ParcelName, reason: &str) {
    let attributes = [("parcel", name.0.clone()), ("reason", reason.to_owned())];
    engine.ports.observer.log(Level::Warning, "hello refused", &attributes);
}
