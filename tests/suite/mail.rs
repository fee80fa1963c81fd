//! Mail as a channel, in memory: from the handshake to comments and attachments.

use std::rc::Rc;

use ferry_core::engine::invite::Again;
use ferry_core::engine::setup::Wanted;
use ferry_core::ids::ParcelName;
use ferry_core::limits::RESEND_MS_MAX;
use ferry_core::state::ChannelKind;
use ferry_mail::forge::Gateway;
use ferry_tests::memory::Directory;
use ferry_tests::{World, road};

/// Two sides that never spoke, with real seals, whose mails pass that.
fn by_mail(gateway: Option<Gateway>) -> World {
    let world = World::sealed(5).by_mail();
    for side in [world.alice(), world.bob()] {
        side.channel.send.gateway.set(gateway);
    }
    world
}

/// A connected world with an issue of Alice's on its way: where it lies, its
/// handle and its mail.
fn on_its_way() -> (World, Rc<Directory>, ParcelName, Vec<u8>) {
    let world = by_mail(None);
    world.connect();
    world.alice().tracker.person_creates("One");
    world.alice().run_once().unwrap();
    let send = world.alice().channel.send.clone();
    let [(handle, mail)] = send.files().into_iter().collect::<Vec<_>>().try_into().unwrap();
    (world, send, handle, mail)
}

#[test]
fn two_sides_connect_and_stay_in_step_through_every_gateway() {
    for gateway in std::iter::once(None).chain(Gateway::ALL.map(Some)) {
        let world = by_mail(gateway);
        world.connect();
        let issue = world.alice().tracker.person_creates("The build is red on Mondays");
        world.alice().tracker.person_attaches(&issue, "Ann", "log.txt", &[7; 100_000]);
        world.rest();
        let copy = world.bob().tracker.titled("The build is red on Mondays").unwrap().id;
        world.bob().tracker.person_comments(&copy, "Ben", "On Tuesdays, too.");
        world.rest();
        world.assert_in_step();
        assert_eq!(world.bob().tracker.issues().len(), 1, "something is doubled");
        assert!(world.alice().channel.receive.rejected().is_empty(), "through {gateway:?}");
        assert!(world.bob().channel.receive.rejected().is_empty(), "through {gateway:?}");
    }
}

#[test]
fn a_handshake_file_for_another_channel_is_refused_by_both_sides() {
    let world = by_mail(None);
    let (alice, bob) = (world.alice(), world.bob());
    let by_folder = alice.engine(|engine| engine.create(&road::wanted())).unwrap_err().to_string();
    assert!(by_folder.contains("is for folder, and here parcels travel by mail"), "{by_folder}");
    let file = alice.engine(|engine| engine.create(&Wanted { channel: ChannelKind::Mail, ..road::wanted() })).unwrap();
    bob.by_mail.set(false);
    let refused = bob.engine(|engine| engine.join(&file, None)).unwrap_err().to_string();
    assert!(refused.contains("is for mail, and here parcels travel by folder"), "{refused}");
    bob.by_mail.set(true);
    bob.engine(|engine| engine.join(&file, None)).unwrap();
    alice.by_mail.set(false);
    let again = Again { channel_hint: String::new(), passphrase: None, valid_hours: 1 };
    assert!(alice.engine(|engine| engine.invite(&again)).is_err());
}

#[test]
fn what_is_not_ours_stays_as_it_is_and_a_copy_that_was_altered_does_no_harm() {
    let (world, send, handle, mail) = on_its_way();
    let human = b"From: <eve@c.test>\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n".to_vec();
    send.deliver(human.clone());
    // Somebody alters a copy, and it arrives first.
    let mut altered = mail.clone();
    let place = mail.len() - 200;
    altered[place] = if mail[place] == b'A' { b'B' } else { b'A' };
    send.lay(ParcelName("0000.00000000".to_owned()), altered);
    world.rest();
    world.assert_in_step();
    assert!(send.processed().contains_key(&handle));
    assert_eq!(send.files().into_values().collect::<Vec<_>>(), [human]);
}

#[test]
fn a_mail_that_never_came_is_sent_again_as_another_one() {
    let (world, send, handle, lost) = on_its_way();
    send.lose(&handle);
    world.clock.advance_ms(2 * RESEND_MS_MAX);
    world.alice().run_once().unwrap();
    let sent = send.files().into_values().next().unwrap();
    assert_ne!(sent, lost, "the same mail again");
    assert_eq!(ferry_mail::candidates(&sent), ferry_mail::candidates(&lost), "other bytes inside");
    world.rest();
    world.assert_in_step();
}
