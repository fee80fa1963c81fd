use ferry_core::handshake::Keys;
use ferry_core::ports::{InvitationFault, Sealing, Wire};
use ferry_core::state::{Certificate, Profile};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{PacketTrait, Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::types::{Duration, KeyDetails, Password, Tag, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::sample::{NOW, PROFILES, World};
use crate::OpenPgp;
use crate::certificate::{CertificateFault, Certified, Trust, header};
use crate::packets::{strict, tag};

fn read(bytes: Vec<u8>) -> Result<Certified, CertificateFault> {
    Certified::read(&Certificate(bytes), Trust::Unknown)
}

/// The certificate's packets, whole.
fn packets(bytes: &[u8]) -> Vec<Vec<u8>> {
    strict(bytes, 9)
        .unwrap()
        .into_iter()
        .map(|(tag, body)| [crate::packets::header(tag, body.len()).as_slice(), body].concat())
        .collect()
}

/// A signature by the primary key over itself, as `change` leaves it.
fn own_signature(keys: &Keys, kind: SignatureType, change: impl FnOnce(&mut SignatureConfig)) -> Vec<u8> {
    let secret = strict(&keys.secret, 9).unwrap()[0].1;
    let primary = pgp::packet::SecretKey::try_from_reader(header(Tag::SecretKey, secret), secret).unwrap();
    let random = ChaCha20Rng::from_seed([5; 32]);
    let mut config = SignatureConfig::v6(random, kind, primary.algorithm(), HashAlgorithm::Sha512).unwrap();
    let mut flags = pgp::packet::KeyFlags::default();
    flags.set_certify(true);
    config.hashed_subpackets = vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(primary.created_at())).unwrap(),
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint())).unwrap(),
        Subpacket::critical(SubpacketData::KeyFlags(flags)).unwrap(),
        Subpacket::critical(SubpacketData::KeyExpirationTime(Duration::from_secs(1000))).unwrap(),
    ];
    change(&mut config);
    let signature: Signature = config.sign_key(&primary, &Password::empty(), primary.public_key()).unwrap();
    let mut bytes = Vec::new();
    signature.to_writer_with_header(&mut bytes).unwrap();
    bytes
}

/// A modern certificate with another signature over its primary key.
fn with_own(change: impl FnOnce(&mut SignatureConfig)) -> Result<Certified, CertificateFault> {
    let keys = World::new(Profile::Modern).primary;
    let mut parts = packets(&keys.certificate.0);
    parts[1] = own_signature(&keys, SignatureType::Key, change);
    read(parts.concat())
}

#[test]
fn certificates_are_small_and_valid_for_two_years() {
    for (profile, bytes) in PROFILES.into_iter().zip([900, 20_000, 1000, 900]) {
        let keys = World::new(profile).primary;
        assert!(keys.certificate.0.len() < bytes, "{profile:?}: {}", keys.certificate.0.len());
        let certified = read(keys.certificate.0).unwrap();
        assert_eq!(certified.expires - certified.created, 2 * 365 * 86_400);
        assert!(certified.valid(NOW).is_ok());
        assert!(matches!(certified.valid(NOW.after_ms(2 * 365 * 86_400_000)), Err(CertificateFault::Expired(_))));
        assert!(matches!(
            certified.valid(ferry_core::time::Time(NOW.0 - 90_000_000)),
            Err(CertificateFault::Future(_))
        ));
    }
}

#[test]
fn fingerprints_are_the_primary_keys() {
    for profile in PROFILES {
        let world = World::new(profile);
        let [one, two] = [&world.primary, &world.secondary].map(|keys| OpenPgp.fingerprint(&keys.certificate).unwrap());
        assert_ne!(one, two);
        assert_eq!(one.0.ends_with(&[0; 12]), profile == Profile::Gnupg);
    }
}

#[test]
fn no_altered_byte_of_a_certificate_is_accepted() {
    for profile in [Profile::Modern, Profile::Gnupg] {
        let keys = World::new(profile).primary;
        let mut bytes = keys.certificate.0;
        let fingerprint = OpenPgp.fingerprint(&Certificate(bytes.clone())).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 0x10;
            let read = OpenPgp.fingerprint(&Certificate(bytes.clone()));
            // The issuer in a version 4 signature's unhashed part says nothing.
            assert!(
                read.is_err() || (profile == Profile::Gnupg && read.unwrap() == fingerprint),
                "{profile:?} at {at}"
            );
            bytes[at] ^= 0x10;
        }
    }
}

#[test]
fn other_packets_than_ours_are_refused() {
    let keys = World::new(Profile::Modern).primary;
    let parts = packets(&keys.certificate.0);
    let foreign = packets(&World::new(Profile::Modern).secondary.certificate.0);
    for (what, changed) in [
        ("cut", parts[..5].to_vec()),
        ("without subkeys", parts[..2].to_vec()),
        ("a packet more", [&parts[..], &parts[4..]].concat()),
        ("a signature more", [&parts[..], &parts[5..]].concat()),
        ("subkeys in another order", [&parts[..2], &parts[4..], &parts[2..4]].concat()),
        ("a foreign subkey", [&parts[..4], &foreign[4..]].concat()),
        ("a foreign primary", [&foreign[..1], &parts[1..]].concat()),
        ("a user id", [&parts[..1], &[b"\xcd\x01A".to_vec()], &parts[1..]].concat()),
        ("padding", [&parts[..], &[b"\xd5\x01A".to_vec()]].concat()),
        ("an old header", [&[[&[0x98, 42], &parts[0][6..]].concat()], &parts[1..]].concat()),
        ("nothing", vec![]),
    ] {
        assert!(read(changed.concat()).is_err(), "{what}");
    }
    assert!(read(keys.secret).is_err(), "a secret key");
    assert!(matches!(read(vec![0; 40_000]), Err(CertificateFault::TooLarge)));
}

#[test]
fn a_revocation_is_seen() {
    let keys = World::new(Profile::Modern).primary;
    let mut parts = packets(&keys.certificate.0);
    parts.insert(1, own_signature(&keys, SignatureType::KeyRevocation, |_| {}));
    assert!(matches!(read(parts.concat()), Err(CertificateFault::Revoked)));
}

#[test]
fn the_rules_for_the_primary_keys_signature_hold() {
    assert!(with_own(|_| {}).is_ok());
    let pushed = |data: SubpacketData, critical: bool| {
        with_own(move |config| {
            let make = if critical { Subpacket::critical } else { Subpacket::regular };
            config.hashed_subpackets.push(make(data).unwrap());
        })
    };
    assert!(pushed(SubpacketData::Experimental(101, vec![1].into()), true).is_err(), "unknown, critical");
    assert!(pushed(SubpacketData::SignatureExpirationTime(Duration::from_secs(5)), false).is_err(), "expires");
    assert!(pushed(SubpacketData::SignatureCreationTime(Timestamp::from_secs(1)), false).is_err(), "two times");
    assert!(with_own(|config| config.hashed_subpackets.truncate(3)).is_err(), "never expires");
    assert!(with_own(|config| drop(config.hashed_subpackets.remove(2))).is_err(), "no flags");
    assert!(with_own(|config| drop(config.hashed_subpackets.remove(0))).is_err(), "no time");
    let early = Subpacket::critical(SubpacketData::SignatureCreationTime(Timestamp::from_secs(1))).unwrap();
    assert!(with_own(move |config| config.hashed_subpackets[0] = early).is_err(), "older than the key");
    let mut flags = pgp::packet::KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let flags = Subpacket::critical(SubpacketData::KeyFlags(flags)).unwrap();
    assert!(with_own(move |config| config.hashed_subpackets[2] = flags).is_err(), "may sign too");
}

#[test]
fn an_expired_certificate_invites_nobody() {
    let world = World::new(Profile::Modern);
    let file = OpenPgp.write_invitation(&world.invitation(), &world.primary, None, NOW, [3; 32]).unwrap();
    let late = NOW.after_ms(2 * 365 * 86_400_000);
    assert!(matches!(OpenPgp.read_invitation(&file, None, late), Err(InvitationFault::Signature(_))));
}

#[test]
fn a_pinned_certificate_that_lost_its_signing_flag_opens_nothing() {
    let world = World::new(Profile::Modern);
    let parts = packets(&world.primary.certificate.0);
    // The encryption subkey in the signing subkey's place, with its binding.
    let swapped = Certificate([&parts[..2], &parts[4..], &parts[4..]].concat().concat());
    let sealed = OpenPgp.seal(world.to_secondary(), &world.parcel(&[]), NOW, [3; 32]).unwrap();
    let with = Sealing { keys: &world.secondary, partner: &swapped, profile: Profile::Modern };
    assert!(OpenPgp.open(with, &sealed, NOW).is_err());
    assert_eq!(tag::PUBLIC_KEY, 6);
}
