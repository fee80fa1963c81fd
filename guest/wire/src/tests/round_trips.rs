use ferry_core::ids::{Digest, Fingerprint};
use ferry_core::message::{RefusalReason, Unnumbered};
use ferry_core::ports::Wire;
use ferry_core::state::Profile;

use super::sample::{NOW, PROFILES, World, chunk, issue, noise};
use crate::OpenPgp;

#[test]
fn a_parcel_comes_out_as_it_went_in_under_every_profile() {
    for profile in PROFILES {
        let world = World::new(profile);
        for messages in [vec![], vec![issue()], vec![issue(), chunk(noise(100_000)), issue()]] {
            let parcel = world.parcel(&messages);
            let sealed = OpenPgp.seal(world.to_secondary(), &parcel, NOW, [3; 32]).unwrap();
            let opened = OpenPgp.open(world.at_secondary(), &sealed, NOW).unwrap();
            assert_eq!(opened.parcel, parcel);
            assert_eq!(opened.digests.len(), messages.len());
        }
    }
}

#[test]
fn what_rides_without_a_number_comes_out_whatever_it_is() {
    // Says so to who adds a kind: reading passes over those that it doesn't know.
    let is_listed = |message: &Unnumbered| match message {
        Unnumbered::Ping { .. } | Unnumbered::Pong { .. } => true,
        Unnumbered::Refusal { .. } | Unnumbered::Restart { .. } => true,
        Unnumbered::Renewal { .. } | Unnumbered::Revoked { .. } => true,
    };
    let world = World::new(Profile::Off);
    let mut parcel = world.parcel(&[]);
    parcel.unnumbered = vec![
        Unnumbered::Ping { hello: Digest([5; 32]), nonce: [6; 16] },
        Unnumbered::Pong { nonce: [6; 16] },
        Unnumbered::Refusal { reason: RefusalReason::Used },
        Unnumbered::Restart { counter: 7 },
        Unnumbered::Renewal { renewal: noise(30_000) },
        Unnumbered::Revoked { certificate: Fingerprint([1; 32]) },
    ];
    assert!(parcel.unnumbered.iter().all(is_listed));
    let sealed = OpenPgp.seal(world.to_secondary(), &parcel, NOW, [3; 32]).unwrap();
    assert_eq!(OpenPgp.open(world.at_secondary(), &sealed, NOW).unwrap().parcel.unnumbered, parcel.unnumbered);
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    for profile in PROFILES {
        let world = World::new(profile);
        assert_eq!(world.primary, World::new(profile).primary);
        let parcel = world.parcel(&[issue()]);
        let seal = |seed| OpenPgp.seal(world.to_secondary(), &parcel, NOW, [seed; 32]).unwrap();
        assert_eq!(seal(1), seal(1));
        assert!(profile == ferry_core::state::Profile::Off || seal(1) != seal(2));
    }
}

#[test]
fn a_hello_is_opened_by_whoever_made_the_invitation() {
    for profile in PROFILES {
        let world = World::new(profile);
        let secret = world.invitation().secret;
        let hello = world.hello();
        let sealed =
            OpenPgp.seal_hello(&hello, &world.secondary, &world.primary.certificate, &secret, NOW, [3; 32]).unwrap();
        assert_eq!(OpenPgp.open_hello(&sealed, &world.primary, &secret, NOW).unwrap(), hello);
    }
}

#[test]
fn an_invitation_is_read_with_and_without_a_passphrase() {
    for profile in PROFILES {
        let world = World::new(profile);
        let invitation = world.invitation();
        for passphrase in [None, Some("correct horse")] {
            let file = OpenPgp.write_invitation(&invitation, &world.primary, passphrase, NOW, [3; 32]).unwrap();
            assert_eq!(OpenPgp.read_invitation(&file, passphrase, NOW).unwrap(), invitation);
        }
    }
}
