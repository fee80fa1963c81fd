//! What must hold while two sides get to know each other, and somebody else has
//! the handshake file too.

use ferry_core::handshake::phrase;
use ferry_core::ids::Fingerprint;
use ferry_core::message::Unnumbered;
use ferry_core::scope::Side as End;
use ferry_core::state::{Connection, Status};

use super::properties::{Properties, Violation};
use super::side::Side;
use super::state::State;
use super::step::NAMES;

/// Of the handshake.
pub const HANDSHAKE: Properties = Properties { always, between, at_rest };

fn partner(side: &Side) -> Option<Fingerprint> {
    side.state().partner.as_ref().map(|partner| partner.fingerprint)
}

fn passed(side: &Side) -> bool {
    side.state().connection == Connection::Passed
}

fn always(state: &State) -> Result<(), Violation> {
    let primary = &state.sides[0];
    let restored = primary.home.put_back;
    let joined: Vec<&Side> = state.sides[1..].iter().map(|side| &**side).filter(|side| passed(side)).collect();
    if joined.len() > 1 && !restored {
        return Err(("one partner", "two who joined take themselves for the partner".to_owned()));
    }
    for side in &joined {
        if !restored && partner(primary) != Some(side.state().fingerprint) {
            return Err((
                "both or neither",
                "who joined is connected to a primary that has another partner".to_owned(),
            ));
        }
    }
    for side in &state.sides {
        if side.state().status == Status::RestartRequired && !restored {
            return Err(("asked for a reason", side.state().reason.clone()));
        }
    }
    Ok(())
}

fn between(before: &State, after: &State, place: usize) -> Result<(), Violation> {
    let (was, is) = (&before.sides[place], &after.sides[place]);
    if place > 0 {
        return Ok(());
    }
    if was.state().status == Status::Handshake && !passed(was) && passed(is) && !answered(before, is) {
        let what = "the primary is connected, and nobody had answered its ping";
        return Err(("a ping and its answer", what.to_owned()));
    }
    if partner(was) == partner(is) {
        return Ok(());
    }
    if partner(was).is_some() {
        return Err(("the first one wins", "the primary changed its partner".to_owned()));
    }
    let expires = is.read.greeting.as_ref().map(|greeting| greeting.expires);
    if expires.is_none_or(|expires| after.now > expires) {
        return Err(("invitations end", "the primary took a partner after its invitation had expired".to_owned()));
    }
    Ok(())
}

/// Whether an answer to the primary's ping lay anywhere.
fn answered(before: &State, primary: &Side) -> bool {
    let nonce = primary.read.greeting.as_ref().and_then(|greeting| greeting.nonce);
    let lying = before.sides.iter().flat_map(|side| side.home.out.values());
    let all = lying.chain(before.late.iter().map(|(_, _, sealed)| sealed));
    let mut said = all.filter_map(|sealed| sealed.parcel.as_ref()).flat_map(|parcel| &parcel.unnumbered);
    said.any(|message| matches!(message, Unnumbered::Pong { nonce: theirs } if Some(*theirs) == nonce))
}

fn at_rest(state: &State, _: bool) -> Result<(), Violation> {
    let primary = &state.sides[0];
    let pinned = state.sides[1..].iter().position(|side| Some(side.state().fingerprint) == partner(primary));
    let expired = primary.read.greeting.as_ref().is_some_and(|greeting| state.now > greeting.expires);
    let held = matches!(primary.state().status, Status::Suspended | Status::RestartRequired);
    for (place, side) in state.sides.iter().enumerate().skip(1) {
        if held || pinned == Some(place - 1) {
            continue;
        }
        // A primary that forgot it all has to invite its partner again.
        let forgot = primary.home.put_back && pinned.is_none();
        if passed(side) && !forgot {
            return Err(("both or neither", format!("{} is connected, and not the partner", NAMES[place])));
        }
        if !expired && !forgot && side.state().connection != Connection::Refused {
            return Err(("I18 liveness", format!("{} was told nothing", NAMES[place])));
        }
    }
    let Some(secondary) = pinned.map(|place| &state.sides[place + 1]).filter(|_| !held) else { return Ok(()) };
    if passed(primary) != passed(secondary) {
        return Err(("both or neither", "one side is connected, and the other isn't".to_owned()));
    }
    if !expired && !passed(primary) {
        return Err(("I18 liveness", "the connection test never passes".to_owned()));
    }
    if passed(primary) {
        let words = |side: &Side| {
            let (state, certificate) = (side.state(), side.state().partner.as_ref().map(|it| it.fingerprint));
            certificate.map(|theirs| match state.side {
                End::Primary => phrase(&state.sync, &state.fingerprint, &theirs),
                End::Secondary => phrase(&state.sync, &theirs, &state.fingerprint),
            })
        };
        if words(primary) != words(secondary) {
            return Err(("one phrase", "the two sides show different phrases".to_owned()));
        }
    }
    Ok(())
}
