//! What a courier does to parcels: loses, doubles, reorders, alters, delays.

use ferry_core::delivery::quarantine;
use ferry_core::ids::ParcelName;
use ferry_core::limits::RESEND_MS;
use ferry_core::model::Value;
use ferry_tests::World;

/// A connected world in which alice has sent some parcels that nobody took.
fn under_way() -> (World, Vec<(ParcelName, Vec<u8>)>) {
    let world = World::connected(1);
    let issue = world.alice().tracker.person_creates("Leaks");
    world.alice().run_once().unwrap();
    world.alice().tracker.person_edits(&issue, "points", Value::Number("5".to_owned()));
    world.alice().tracker.person_creates("Smells");
    world.alice().run_once().unwrap();
    world.alice().tracker.person_attaches(&issue, "Ann", "photo", b"pixels");
    world.alice().run_once().unwrap();
    let parcels: Vec<_> = world.alice().channel.send.files().into_iter().collect();
    assert!(parcels.len() >= 2, "one parcel shows little");
    (world, parcels)
}

/// Time passes until what was lost is sent again.
fn heals(world: &World) {
    for _ in 0..6 {
        world.rest();
        world.clock.advance_ms(2 * RESEND_MS);
    }
    world.rest();
    world.assert_in_step();
    assert_eq!(world.bob().tracker.issues().len(), 2);
}

#[test]
fn lost_parcels_are_sent_again() {
    let (_, parcels) = under_way();
    for lost in 0..parcels.len() {
        let (world, parcels) = under_way();
        world.alice().channel.send.lose(&parcels[lost].0);
        heals(&world);
    }
    let (world, parcels) = under_way();
    for (name, _) in &parcels {
        world.alice().channel.send.lose(name);
    }
    heals(&world);
}

#[test]
fn parcels_come_in_any_order() {
    let (world, parcels) = under_way();
    let send = &world.alice().channel.send;
    for (name, _) in &parcels {
        send.lose(name);
    }
    for (name, bytes) in parcels.into_iter().rev() {
        send.lay(name, bytes);
        world.bob().run_once().unwrap();
    }
    heals(&world);
}

#[test]
fn a_parcel_that_comes_again_does_nothing() {
    let (world, parcels) = under_way();
    heals(&world);
    let before = (world.bob().tracker.sequence(), world.alice().tracker.sequence());
    for (name, bytes) in parcels {
        world.alice().channel.send.lay(ParcelName(format!("{name}")), bytes);
    }
    world.rest();
    assert_eq!((world.bob().tracker.sequence(), world.alice().tracker.sequence()), before);
}

#[test]
fn a_parcel_that_is_still_being_copied_is_waited_for() {
    let (world, parcels) = under_way();
    let send = &world.alice().channel.send;
    let (name, whole) = parcels[0].clone();
    send.lay(name.clone(), whole[..whole.len() / 2].to_vec());
    send.unsettle(&name, true);
    world.bob().run_once().unwrap();
    assert!(send.rejected().is_empty(), "half a file was taken for a bad one");
    send.lay(name.clone(), whole);
    send.unsettle(&name, false);
    heals(&world);
    assert!(send.rejected().is_empty());
}

#[test]
fn an_altered_parcel_is_kept_aside_and_its_content_comes_again() {
    let (world, parcels) = under_way();
    let (name, whole) = parcels[0].clone();
    for at in (0..whole.len()).step_by(whole.len() / 12 + 1) {
        let (world, parcels) = under_way();
        let send = &world.alice().channel.send;
        let (name, mut bytes) = parcels[0].clone();
        bytes[at] ^= 1;
        send.lay(name.clone(), bytes);
        for (other, _) in &parcels[1..] {
            send.lose(other);
        }
        world.bob().run_once().unwrap();
        assert!(world.bob().tracker.issues().is_empty(), "something of it was used, altered at {at}");
        let overview = world.bob().engine(|engine| engine.overview()).unwrap();
        assert_eq!(overview.quarantined, 1, "altered at {at}");
        assert!(send.rejected().contains_key(&name), "altered at {at}");
        heals(&world);
        // It is kept for people, and is no fault any more.
        assert_eq!(world.bob().engine(|engine| engine.overview()).unwrap().quarantined, 0, "altered at {at}");
        assert_eq!(world.bob().engine(|engine| quarantine(engine, None, 10)).unwrap().len(), 1, "altered at {at}");
    }
    drop((world, name));
}

#[test]
fn our_own_and_foreign_files_are_left_alone() {
    let (world, _) = under_way();
    let send = &world.alice().channel.send;
    send.lay(ParcelName::from("holiday.jpg"), b"not ours".to_vec());
    heals(&world);
    assert!(send.files().contains_key(&ParcelName::from("holiday.jpg")));
}
