use ferry_core::keys::Renewal;
use ferry_core::message::Unnumbered;
use ferry_core::ports::{OpenFault, Wire};
use ferry_core::state::Profile;
use ferry_core::time::Time;

use super::sample::{NOW, PROFILES, World, issue};
use crate::OpenPgp;

/// When the keys of `World` have expired: two years and a day later.
const LATE: Time = Time(NOW.0 + 731 * 86_400_000);

#[test]
fn a_renewal_is_read_with_the_certificate_that_it_replaces() {
    for profile in PROFILES {
        let world = World::new(profile);
        let (next, renewal) = world.renewal();
        let bytes = OpenPgp.write_renewal(&renewal, &world.primary, &next, NOW, [3; 32]).unwrap();
        assert!(bytes.len() < ferry_core::limits::RENEWAL_BYTES_MAX, "{profile:?}: {} bytes", bytes.len());
        assert_eq!(OpenPgp.read_renewal(&bytes, &world.primary.certificate, NOW).unwrap(), renewal);
        let other = OpenPgp.read_renewal(&bytes, &world.secondary.certificate, NOW);
        assert!(matches!(other, Err(OpenFault::Signature(_))), "{profile:?}: {other:?}");
    }
}

#[test]
fn a_renewal_needs_both_signatures() {
    let world = World::new(Profile::Modern);
    let (next, renewal) = world.renewal();
    let old = &world.primary.certificate;
    for (outer, inner) in [(&world.secondary, &next), (&world.primary, &world.primary), (&next, &next)] {
        let bytes = OpenPgp.write_renewal(&renewal, outer, inner, NOW, [3; 32]).unwrap();
        assert!(matches!(OpenPgp.read_renewal(&bytes, old, NOW), Err(OpenFault::Signature(_))));
    }
    let bytes = OpenPgp.write_renewal(&renewal, &world.primary, &next, NOW, [3; 32]).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(OpenPgp.read_renewal(&altered, old, NOW).is_err(), "altered at {at}");
        assert!(OpenPgp.read_renewal(&bytes[..at], old, NOW).is_err(), "cut at {at}");
    }
}

#[test]
fn keys_of_another_profile_and_expired_ones_follow_nobody() {
    let world = World::new(Profile::Modern);
    let strange = OpenPgp.generate(Profile::PostQuantum, NOW, [12; 32]).unwrap();
    let renewal = Renewal { certificate: strange.certificate.clone(), ..world.renewal().1 };
    let bytes = OpenPgp.write_renewal(&renewal, &world.primary, &strange, NOW, [3; 32]).unwrap();
    assert!(OpenPgp.read_renewal(&bytes, &world.primary.certificate, NOW).is_err());
    let (next, renewal) = world.renewal();
    let bytes = OpenPgp.write_renewal(&renewal, &world.primary, &next, NOW, [3; 32]).unwrap();
    assert!(OpenPgp.read_renewal(&bytes, &world.primary.certificate, LATE).is_err());
}

#[test]
fn an_expired_key_says_who_follows_it_and_nothing_else() {
    for profile in PROFILES {
        let world = World::new(profile);
        let next = OpenPgp.generate(profile, LATE, [12; 32]).unwrap();
        let renewal = Renewal { certificate: next.certificate.clone(), created: LATE, ..world.renewal().1 };
        let bytes = OpenPgp.write_renewal(&renewal, &world.primary, &next, LATE, [3; 32]).unwrap();
        assert_eq!(OpenPgp.read_renewal(&bytes, &world.primary.certificate, LATE).unwrap(), renewal);

        let mut parcel = world.parcel(&[]);
        parcel.unnumbered.push(Unnumbered::Renewal { renewal: bytes });
        let sealed = OpenPgp.seal(world.to_secondary(), &parcel, LATE, [3; 32]).unwrap();
        let opened = OpenPgp.open(world.at_secondary(), &sealed, LATE).unwrap().parcel;
        assert_eq!(opened.position, None, "it acknowledges nothing");
        assert_eq!(opened.unnumbered, parcel.unnumbered[1..], "it pings nobody");

        let mut numbered = world.parcel(&[issue()]);
        numbered.unnumbered.clone_from(&parcel.unnumbered);
        assert!(OpenPgp.seal(world.to_secondary(), &numbered, LATE, [3; 32]).unwrap_err().contains("expired"));
    }
}

#[test]
fn exported_keys_are_armoured_packets() {
    for profile in PROFILES {
        let world = World::new(profile);
        let public = OpenPgp.armoured(&world.primary.certificate).unwrap();
        let secret = OpenPgp.armoured_secret(&world.primary).unwrap();
        assert!(public.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----\n"), "{public}");
        assert!(secret.starts_with("-----BEGIN PGP PRIVATE KEY BLOCK-----\n"));
        for (text, bytes) in [(public, &world.primary.certificate.0), (secret, &world.primary.secret)] {
            let mut unpacked = Vec::new();
            std::io::Read::read_to_end(&mut pgp::armor::Dearmor::new(text.as_bytes()), &mut unpacked).unwrap();
            assert!(unpacked == *bytes, "{profile:?}");
        }
    }
}
