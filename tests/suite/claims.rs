//! What a partner with its keys may not claim: parcels that are signed and
//! sealed as they should be, and say what is not so. Nothing of them is used,
//! and everything else goes on.

use ferry_core::delivery::token::Token;
use ferry_core::digest::of;
use ferry_core::ids::{Chain, Epoch, Fingerprint, SyncId};
use ferry_core::message::{Body, Control, Numbered, Parcel, Position};
use ferry_core::ports::{Sealing, Wire};
use ferry_core::scope::Side as End;
use ferry_core::state::{State, Status};
use ferry_core::store::Draft;
use ferry_core::tables;
use ferry_tests::{Side, World};
use ferry_wire::OpenPgp;

/// A parcel of a side's with one message, as `change` leaves it; laid before
/// the other side, which looks at it.
fn claim(world: &World, change: impl FnOnce(&mut Parcel)) -> State {
    let (alice, bob) = (world.alice(), world.bob());
    let draft = Draft::new(&*alice.store);
    let state = draft.get(&tables::STATE, &()).unwrap().unwrap();
    let outgoing = draft.get(&tables::OUTGOING, &()).unwrap().unwrap();
    let keys = draft.get(&tables::KEYS, &()).unwrap().unwrap();
    let partner = state.partner.clone().unwrap();
    let message = Numbered { after: 0, body: Body::Control(Control::Deleted) };
    let mut parcel = Parcel {
        sync: state.sync,
        sender: state.side,
        from: state.fingerprint,
        to: partner.fingerprint,
        epoch: outgoing.epoch,
        first: outgoing.appended + 1,
        chain: outgoing.chain,
        messages: vec![OpenPgp.encode(&message)],
        unnumbered: Vec::new(),
        position: None,
        created: world.clock.now(),
        protocol: ferry_core::message::PROTOCOL,
    };
    change(&mut parcel);
    let with = Sealing { keys: &keys, partner: &partner.certificate, profile: state.profile };
    let sealed = OpenPgp.seal(with, &parcel, world.clock.now(), [9; 32]).unwrap();
    let name = Token::parcels(&state.sync, state.side).name(&of(&sealed));
    alice.channel.send.lay(name, sealed);
    bob.tick().unwrap();
    bob.engine(|engine| engine.overview()).unwrap().state
}

fn quarantined(side: &Side) -> usize {
    side.channel.receive.rejected().len()
}

fn world() -> World {
    let world = World::sealed(1);
    world.connect();
    world.alice().tracker.person_creates("There before");
    world.rest();
    world
}

#[test]
fn what_is_not_the_partners_for_us_is_refused() {
    let position = |ranges| {
        let (epoch, chain) = (Epoch { counter: 1, nonce: [0; 16] }, Chain::START);
        Some(Position { counter: 1, epoch, ranges, chain, quarantined: Vec::new() })
    };
    type Claim = (&'static str, fn(&mut Parcel));
    let claims: [Claim; 5] = [
        ("another synchronization", |parcel| parcel.sync = SyncId([1; 16])),
        ("the other direction", |parcel| parcel.sender = End::Secondary),
        ("from somebody else", |parcel| parcel.from = Fingerprint([1; 32])),
        ("to somebody else", |parcel| parcel.to = Fingerprint([1; 32])),
        ("numbers without end", |parcel| parcel.first = u64::MAX - 1),
    ];
    let world = world();
    for (number, (what, change)) in claims.into_iter().enumerate() {
        assert_eq!(claim(&world, change).status, Status::Running, "{what}");
        assert_eq!(quarantined(world.bob()), number + 1, "{what}");
    }
    claim(&world, |parcel| parcel.position = position(vec![(5, 3)]));
    assert_eq!(quarantined(world.bob()), 6, "ranges that no receiver has");
    assert!(world.bob().tracker.titled("There before").is_some());
    world.alice().tracker.person_creates("And after");
    world.rest();
    world.assert_in_step();
}

#[test]
fn what_belongs_to_an_epoch_that_ended_is_dropped_and_to_one_that_never_began_waits_for_people() {
    let world = world();
    let state = claim(&world, |parcel| parcel.epoch = Epoch { counter: 0, nonce: [7; 16] });
    assert_eq!((state.status, quarantined(world.bob())), (Status::Running, 0));
    world.rest();
    world.assert_in_step();
    let state = claim(&world, |parcel| parcel.epoch.counter += 1);
    assert_eq!(state.status, Status::RestartRequired, "{}", state.reason);
}

#[test]
fn a_parcel_that_is_replayed_does_nothing_twice() {
    let world = world();
    let (alice, bob) = (world.alice(), world.bob());
    let issue = alice.tracker.titled("There before").unwrap().id;
    alice.tracker.person_edits(&issue, "points", ferry_core::model::Value::Number("3".to_owned()));
    alice.run_once().unwrap();
    let sent = alice.channel.send.files();
    world.rest();
    alice.tracker.person_edits(&issue, "points", ferry_core::model::Value::Number("4".to_owned()));
    world.rest();
    let before = bob.tracker.sequence();
    for (name, bytes) in sent {
        alice.channel.send.lay(name, bytes);
    }
    world.rest();
    assert_eq!(bob.tracker.sequence(), before);
    world.assert_in_step();
}
