//! The committed examples: made again, byte by byte, and opened. Run with
//! `FERRY_WRITE_VECTORS=1` to write them, after a change to the protocol that
//! is meant.

use std::path::PathBuf;

use ferry_core::handshake::Keys;
use ferry_core::ports::Wire;
use ferry_core::state::Profile;

use super::messages::every_kind;
use super::sample::{NOW, PROFILES, World, chunk, issue};
use crate::OpenPgp;
use crate::frame::{self, Content};
use crate::packets::Dialect;
use crate::signed::Unverified;

/// Compares with a committed file, or writes it.
fn expect(name: &str, bytes: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    if std::env::var_os("FERRY_WRITE_VECTORS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let committed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(committed == bytes, "{name} is not what this build makes");
}

fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::Off => "off",
        Profile::Gnupg => "gnupg",
        Profile::Modern => "modern",
        Profile::PostQuantum => "post-quantum",
    }
}

#[test]
fn keys_and_parcels_are_as_committed() {
    for profile in PROFILES {
        let world = World::new(profile);
        if profile != Profile::Off {
            let keys = |side: &str, keys: &Keys| expect(&format!("{}/{side}.key", name(profile)), &keys.secret);
            keys("primary", &world.primary);
            keys("secondary", &world.secondary);
        }
        let parcel = world.parcel(&[issue(), chunk(b"content".to_vec())]);
        let sealed = OpenPgp.seal(world.to_secondary(), &parcel, NOW, [3; 32]).unwrap();
        expect(&format!("{}/parcel", name(profile)), &sealed);
        assert_eq!(OpenPgp.open(world.at_secondary(), &sealed, NOW).unwrap().parcel, parcel);
        if profile == Profile::Off {
            let signed = Unverified::split(&sealed, Dialect::Strict).unwrap();
            expect("off/frame", signed.data());
            expect("off/payload", &frame::read(signed.data(), Content::Parcel, 1 << 20).unwrap());
        }
    }
}

#[test]
fn hellos_and_handshake_files_are_as_committed() {
    for profile in [Profile::Modern, Profile::Gnupg] {
        let world = World::new(profile);
        let invitation = world.invitation();
        let (primary, secret) = (&world.primary.certificate, &invitation.secret);
        let hello = OpenPgp.seal_hello(&world.hello(), &world.secondary, primary, secret, NOW, [4; 32]).unwrap();
        expect(&format!("{}/hello", name(profile)), &hello);
        assert_eq!(OpenPgp.open_hello(&hello, &world.primary, secret, NOW).unwrap(), world.hello());
        for (file, passphrase) in [("handshake.txt", None), ("handshake-protected.txt", Some("correct horse"))] {
            let bytes = OpenPgp.write_invitation(&invitation, &world.primary, passphrase, NOW, [5; 32]).unwrap();
            expect(&format!("{}/{file}", name(profile)), &bytes);
            assert_eq!(OpenPgp.read_invitation(&bytes, passphrase, NOW).unwrap(), invitation);
        }
    }
}

#[test]
fn renewals_are_as_committed() {
    for profile in [Profile::Modern, Profile::Gnupg] {
        let world = World::new(profile);
        let (next, renewal) = world.renewal();
        let bytes = OpenPgp.write_renewal(&renewal, &world.primary, &next, NOW, [6; 32]).unwrap();
        expect(&format!("{}/renewal", name(profile)), &bytes);
        assert_eq!(OpenPgp.read_renewal(&bytes, &world.primary.certificate, NOW).unwrap(), renewal);
    }
}

#[test]
fn messages_are_as_committed() {
    for message in every_kind() {
        let kind = format!("{:?}", message.body.kind()).to_lowercase();
        let bytes =
            if kind == "chunk" { OpenPgp.encode(&chunk(b"content".to_vec())) } else { OpenPgp.encode(&message) };
        expect(&format!("messages/{kind}"), &bytes);
        assert!(OpenPgp.decode(&bytes).is_ok());
    }
}
