//! What rides in a parcel without a number: the answers of the handshake.

use super::batch::Receiver;
use super::keys;
use super::unseal::Signer;
use crate::delivery::token::Token;
use crate::fault::Fault;
use crate::handshake::{CONNECTED, CONNECTED_AGAIN, refusal};
use crate::ids::{Digest, ParcelName};
use crate::message::{Parcel, Unnumbered};
use crate::planted::{Bug, planted};
use crate::scope::Side;
use crate::state::{Connection, Reunion, Status};
use crate::tables;

/// Takes all of them; what doesn't belong to where we stand is passed over.
pub(super) fn take(receiver: &mut Receiver<'_, '_>, parcel: &Parcel, signer: Signer) -> Result<(), Fault> {
    let secondary = receiver.state.side == Side::Secondary;
    if secondary && parcel.position.is_some() && receiver.greeting.answering {
        receiver.greeting.answering = false;
        receiver.greeting.urgent = false;
    }
    for message in &parcel.unnumbered {
        match message {
            Unnumbered::Ping { hello, nonce } if secondary => ping(receiver, *hello, *nonce),
            Unnumbered::Pong { nonce } if !secondary => pong(receiver, *nonce),
            Unnumbered::Restart { counter } if !secondary && *counter >= receiver.incoming.epoch.counter => {
                let reason = "the partner was restored from a backup, and its people agreed to go on; agree here too, \
                              with `ferry sync reconcile`";
                receiver.state.stand(Status::RestartRequired, reason, receiver.engine.now);
            }
            Unnumbered::Refusal { reason } if secondary && receiver.awaits_answer() => {
                let now = receiver.engine.now;
                receiver.state.connect(Connection::Refused, now);
                receiver.state.reason = refusal(*reason).to_owned();
            }
            Unnumbered::Renewal { renewal } => keys::renewal(receiver, renewal, signer)?,
            _ => {}
        }
    }
    Ok(())
}

/// Our hello arrived. Each ping is answered, again where it comes again.
fn ping(receiver: &mut Receiver<'_, '_>, hello: Digest, nonce: [u8; 16]) {
    let token = Token::hello(&receiver.state.sync);
    let name: Option<ParcelName> = receiver.greeting.hello.as_ref().and_then(|sent| sent.name.clone());
    let Some(name) = name.filter(|name| token.digest(name) == Some(hello)) else { return };
    receiver.greeting.nonce = Some(nonce);
    receiver.greeting.answering = true;
    receiver.greeting.urgent = true;
    receiver.withdraw(vec![name]);
    connected(receiver);
}

/// Our ping arrived, and its answer.
fn pong(receiver: &mut Receiver<'_, '_>, nonce: [u8; 16]) {
    if receiver.greeting.nonce == Some(nonce) || planted(Bug::PongUnchecked) {
        receiver.greeting.urgent = false;
        // A ping that rides with numbered messages leaves the channel with them.
        let pings = receiver.parcels.iter().filter(|(_, row)| row.pings() && row.first == 0);
        let pings: Vec<(u64, ParcelName)> = pings.map(|(key, row)| (*key, row.name.clone())).collect();
        for (key, name) in pings {
            receiver.parcels.remove(&key);
            receiver.draft.delete(&tables::PARCELS, &key);
            receiver.withdraw(vec![name]);
        }
        connected(receiver);
    }
}

fn connected(receiver: &mut Receiver<'_, '_>) {
    let (now, side) = (receiver.engine.now, receiver.state.side);
    receiver.state.connect(Connection::Passed, now);
    if receiver.state.status == Status::Handshake {
        let reason = match side {
            _ if receiver.state.reunion != Reunion::None => CONNECTED_AGAIN,
            Side::Primary => CONNECTED.0,
            Side::Secondary => CONNECTED.1,
        };
        receiver.state.stand(Status::Stopped, reason, now);
    }
}
