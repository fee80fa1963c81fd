//! Builds that are not alike: another minor version of the protocol goes on
//! together with ours, another major is refused and both sides say so; what
//! another version wrote to the disk is refused, and left as it is.

use std::cell::Cell;

use ferry::store::{Mutation, Store};
use ferry_core::delivery::{InboxRow, Kept, Outbox};
use ferry_core::engine::faults::Action;
use ferry_core::fault::Fault;
use ferry_core::ids::PairId;
use ferry_core::message::{Body, Control, Numbered, Standing};
use ferry_core::model::Value;
use ferry_core::ports::Wire;
use ferry_core::scope::Side as End;
use ferry_core::shared::View;
use ferry_core::state::{Connection, FORMAT};
use ferry_core::store::Draft;
use ferry_core::tables;
use ferry_tests::insider::{Insider, store};
use ferry_tests::newer::Newer;
use ferry_tests::office::Office;
use ferry_tests::{Side, World};
use ferry_wire::{OpenPgp, forge};

/// A world in which one of the two, the first or the second, is of another
/// version.
fn world(of_another: usize, version: (u16, u16)) -> World {
    let made = Cell::new(0);
    World::with_wire(1, || -> Box<dyn Wire> {
        let number = made.replace(made.get() + 1);
        if number == of_another { Box::new(Newer(version)) } else { Box::new(OpenPgp) }
    })
}

#[test]
fn a_newer_minor_version_on_either_side_stays_in_step() {
    for newer in 0..2 {
        let world = world(newer, (1, 7));
        world.connect();
        let (alice, bob) = (world.alice(), world.bob());
        let issue = alice.tracker.person_creates("From the primary");
        alice.tracker.person_comments(&issue, "Ann", "Seen here too.");
        alice.tracker.person_attaches(&issue, "Ann", "log.txt", b"red");
        bob.tracker.person_creates("From the secondary");
        world.rest();
        world.assert_in_step();
        alice.tracker.person_edits(&issue, "points", Value::Number("3".to_owned()));
        let there = bob.tracker.titled("From the primary").unwrap().id;
        bob.tracker.person_edits(&there, "points", Value::Number("5".to_owned()));
        world.rest();
        world.assert_in_step();
        for side in [alice, bob] {
            assert_eq!(side.engine(|engine| engine.faults(None, 10)).unwrap(), []);
            assert!(side.channel.receive.rejected().is_empty());
        }
    }
}

/// Puts a message of a kind that nobody knows into a side's stream.
fn say_something_new(side: &Side) {
    let mut draft = Draft::new(&*side.store);
    let mut outbox = Outbox::open(&draft).unwrap();
    outbox.append(&mut draft, &side.wire, 0, Body::Unknown("forecast".to_owned())).unwrap();
    outbox.finish(&mut draft).unwrap();
    draft.commit().unwrap();
}

fn kept(side: &Side) -> Vec<u64> {
    let rows = Draft::new(&*side.store).scan(&tables::UNKNOWN, None, 100).unwrap();
    rows.into_iter().map(|(number, _)| number).collect()
}

#[test]
fn messages_of_unknown_kinds_are_acknowledged_kept_and_told() {
    let world = World::sealed(1);
    world.connect();
    for (from, to, title) in [(world.alice(), world.bob(), "One"), (world.bob(), world.alice(), "Other")] {
        say_something_new(from);
        say_something_new(from);
        from.tracker.person_creates(title);
        world.rest();
        world.assert_in_step();
        assert_eq!(from.engine(|engine| engine.overview()).unwrap().outgoing.unacknowledged, 0);
        assert_eq!(kept(to).len(), 2);
        let faults = to.engine(|engine| engine.faults(None, 10)).unwrap();
        let [(id, fault)] = faults.as_slice() else { panic!("told once: {faults:?}") };
        assert!(fault.kind == "newer-version" && fault.reason.contains("forecast"), "{fault:?}");
        to.engine(|engine| engine.clear(std::slice::from_ref(id), None, Action::Skip)).unwrap();
    }
}

#[test]
fn what_was_kept_is_used_by_a_version_that_knows_it() {
    let world = World::connected(1);
    let bob = world.bob();
    say_something_new(world.alice());
    world.rest();
    let [number] = kept(bob)[..] else { panic!("one message is kept") };
    // As the updated build sees it: a kind that it knows.
    let mut draft = Draft::new(&*bob.store);
    let bytes = bob.wire.encode(&Numbered { after: 0, body: Body::Control(Control::Stopped) });
    draft.put(&tables::UNKNOWN, &number, &InboxRow { bytes, since: world.clock.now() }).unwrap();
    let before = draft.get(&tables::KEPT, &()).unwrap().unwrap();
    draft.put(&tables::KEPT, &(), &Kept { protocol: (0, 9), ..before }).unwrap();
    draft.commit().unwrap();
    bob.run_once().unwrap();
    assert!(kept(bob).is_empty());
    let partner = bob.engine(|engine| engine.overview()).unwrap().state.partner.unwrap();
    assert_eq!(partner.running, Some(false));
}

#[test]
fn a_partner_of_another_major_version_is_refused_and_both_sides_say_so() {
    let world = world(1, (2, 0));
    let file = world.alice().engine(|engine| engine.create(&ferry_tests::road::wanted())).unwrap();
    world.bob().engine(|engine| engine.join(&file, None)).unwrap();
    world.rest();
    let [ours, theirs] =
        [world.alice(), world.bob()].map(|side| side.engine(|engine| engine.overview()).unwrap().state);
    assert!(ours.reason.contains("2.0"), "{}", ours.reason);
    assert_eq!(theirs.connection, Connection::Refused);
    assert!(theirs.reason.contains("version"), "{}", theirs.reason);
}

#[test]
fn a_store_of_another_format_is_refused_and_left_as_it_is() {
    for format in [FORMAT + 1, 0] {
        let world = World::connected(1);
        let bob = world.bob();
        let mut draft = Draft::new(&*bob.store);
        let mut state = draft.get(&tables::STATE, &()).unwrap().unwrap();
        state.format = format;
        draft.put(&tables::STATE, &(), &state).unwrap();
        draft.commit().unwrap();
        let before = bob.store.contents();
        let refused = [
            bob.tick().map(drop),
            bob.engine(|engine| engine.overview()).map(drop),
            bob.engine(|engine| engine.start()),
            bob.engine(|engine| engine.known_format()),
        ];
        for refused in refused {
            match refused.unwrap_err() {
                Fault::NewerVersion(reason) => assert!(format > FORMAT && reason.contains("update Ferry"), "{reason}"),
                Fault::Other(reason) => assert!(format < FORMAT && reason.contains("format 0"), "{reason}"),
                other => panic!("{other}"),
            }
        }
        assert_eq!(bob.store.contents(), before);
    }
}

#[test]
fn the_binary_refuses_what_another_version_sent_or_wrote() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);

    let insider = Insider::at(&acme);
    let mut parcel = insider.parcel(vec![]);
    parcel.protocol = (2, 5);
    insider.lay(&insider.sealed(&forge::records(&[&forge::header(&parcel).unwrap()])));
    globex.run_once();
    let kept = globex.quarantine();
    assert!(kept[0]["reason"].as_str().unwrap().contains("version 2.5"), "{kept:?}");
    let reason = globex.status()["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("version 2.5") && reason.contains("update Ferry"), "{reason}");

    let settings = globex.home.join("ferry.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    refused(&globex, &settings, format!("format = 2\n{text}").as_bytes(), "another version");
    std::fs::write(&settings, text).unwrap();

    // Where SQLite says the format of what is in it.
    let file = store(&globex);
    let whole = std::fs::read(&file).unwrap();
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&2u32.to_be_bytes());
    refused(&globex, &file, &newer, "newer version");
    std::fs::write(&file, whole).unwrap();

    let opened = Store::open(&file).unwrap();
    let key = tables::STATE.key(&());
    let mut state = tables::STATE.read(&opened.get(std::slice::from_ref(&key)).unwrap()[0].clone().unwrap()).unwrap();
    state.format = FORMAT + 1;
    opened.commit(&[Mutation::Put(key, tables::STATE.write(&state).unwrap())]).unwrap();
    drop(opened);
    let ended = globex.try_ferry(&["run", "--once"]);
    assert!(ended.code() != Some(0) && ended.stderr.contains("newer version"), "{}", ended.stderr);
}

/// Says no, says why, and leaves the file alone.
fn refused(office: &Office, file: &std::path::Path, content: &[u8], why: &str) {
    std::fs::write(file, content).unwrap();
    let ended = office.try_ferry(&["run", "--once"]);
    assert!(ended.code() != Some(0) && ended.stderr.contains(why), "{}", ended.stderr);
    assert_eq!(std::fs::read(file).unwrap(), content, "{} was touched", file.display());
}

#[test]
fn what_can_not_be_read_is_kept_and_told() {
    let world = World::connected(1);
    let bob = world.bob();
    let standing = Standing {
        pair: PairId([1; 16]),
        origin: End::Primary,
        version: u64::MAX,
        agreed: View::new(),
        reference: None,
        departed: false,
        comments: vec![],
        attachments: vec![],
    };
    let beyond = bob.wire.encode(&Numbered { after: 0, body: Body::Standing(standing) });
    let mut draft = Draft::new(&*bob.store);
    for (number, bytes) in [(901, beyond), (902, b"nonsense".to_vec())] {
        draft.put(&tables::NOTICES, &number, &InboxRow { bytes, since: world.clock.now() }).unwrap();
    }
    draft.commit().unwrap();
    bob.run_once().unwrap();
    assert_eq!(kept(bob), [901, 902]);
    assert_eq!(Draft::new(&*bob.store).scan(&tables::NOTICES, None, 10).unwrap(), []);
    let faults = bob.engine(|engine| engine.faults(None, 10)).unwrap();
    let [(id, fault)] = faults.as_slice() else { panic!("told once: {faults:?}") };
    assert!(fault.kind == "malformed" && fault.reason.contains("901"), "{fault:?}");
    bob.engine(|engine| engine.clear(std::slice::from_ref(id), None, Action::Skip)).unwrap();
}
