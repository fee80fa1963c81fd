//! Parcels that were made as they should be, then altered, or read by the
//! wrong one.

use ferry_core::limits::PARCEL_BYTES_MAX;
use ferry_core::ports::{OpenFault, Sealing, Wire};
use ferry_core::state::Profile;

use super::sample::{NOW, PROFILES, World, issue};
use crate::OpenPgp;

fn sealed(world: &World) -> Vec<u8> {
    OpenPgp.seal(world.to_secondary(), &world.parcel(&[issue()]), NOW, [3; 32]).unwrap()
}

/// Flips each bit near the ends, where the headers are, and one of each byte
/// between them.
fn each_byte(profile: Profile, ends: usize) {
    let world = World::new(profile);
    let mut bytes = sealed(&world);
    for at in 0..bytes.len() {
        let near = at < ends || at + ends >= bytes.len();
        for bit in if near { 0..8 } else { at % 8..at % 8 + 1 } {
            let before = bytes[at];
            bytes[at] ^= 1 << bit;
            assert!(OpenPgp.open(world.at_secondary(), &bytes, NOW).is_err(), "{profile:?}: bit {bit} of byte {at}");
            bytes[at] = before;
        }
    }
}

#[test]
fn no_flipped_bit_is_accepted_in_a_modern_parcel() {
    each_byte(Profile::Modern, 160);
}

#[test]
fn no_flipped_bit_is_accepted_in_a_gnupg_parcel() {
    each_byte(Profile::Gnupg, 160);
}

#[test]
fn no_flipped_bit_is_accepted_in_a_parcel_that_is_only_signed() {
    each_byte(Profile::Off, 250);
}

#[test]
fn no_flipped_bit_is_accepted_in_a_post_quantum_parcel() {
    each_byte(Profile::PostQuantum, 0);
}

#[test]
fn what_is_cut_or_extended_is_refused() {
    for profile in PROFILES {
        let world = World::new(profile);
        let bytes = sealed(&world);
        let step = if profile == Profile::PostQuantum { 37 } else { 1 };
        for length in (0..bytes.len()).step_by(step) {
            assert!(OpenPgp.open(world.at_secondary(), &bytes[..length], NOW).is_err(), "{profile:?} cut at {length}");
        }
        for more in [&b"\0"[..], b"\xca\x03PGP", &bytes, &bytes[..40]] {
            let longer = [&bytes, more].concat();
            assert!(OpenPgp.open(world.at_secondary(), &longer, NOW).is_err(), "{profile:?} extended");
            let behind = [more, bytes.as_slice()].concat();
            assert!(OpenPgp.open(world.at_secondary(), &behind, NOW).is_err(), "{profile:?} preceded");
        }
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_looked_at() {
    let world = World::new(Profile::Modern);
    let bytes = vec![0; PARCEL_BYTES_MAX + 1];
    assert_eq!(
        OpenPgp.open(world.at_secondary(), &bytes, NOW).unwrap_err(),
        OpenFault::TooLarge(PARCEL_BYTES_MAX as u64)
    );
}

#[test]
fn only_the_recipient_opens_it_and_only_as_the_senders() {
    for profile in PROFILES {
        let world = World::new(profile);
        let bytes = sealed(&world);
        let stranger = OpenPgp.generate(profile, NOW, [9; 32]).unwrap();
        let by_stranger = Sealing { keys: &stranger, partner: &world.primary.certificate, profile };
        assert!(OpenPgp.open(by_stranger, &bytes, NOW).is_err(), "{profile:?}: sealed for somebody else");
        let as_strangers = Sealing { keys: &world.secondary, partner: &stranger.certificate, profile };
        assert!(matches!(OpenPgp.open(as_strangers, &bytes, NOW), Err(OpenFault::Signature(_))), "{profile:?}");
        let reflected = Sealing { keys: &world.primary, partner: &world.secondary.certificate, profile };
        assert!(OpenPgp.open(reflected, &bytes, NOW).is_err(), "{profile:?}: our own, reflected");
    }
}

#[test]
fn a_parcel_is_not_opened_under_another_profile() {
    for made in PROFILES {
        let bytes = sealed(&World::new(made));
        for read in PROFILES.into_iter().filter(|read| *read != made) {
            let world = World::new(read);
            assert!(OpenPgp.open(world.at_secondary(), &bytes, NOW).is_err(), "{made:?} read as {read:?}");
        }
    }
}

#[test]
fn keys_of_another_profile_are_refused_when_sealing() {
    let (modern, gnupg) = (World::new(Profile::Modern), World::new(Profile::Gnupg));
    let mixed = Sealing { keys: &modern.primary, partner: &gnupg.secondary.certificate, profile: Profile::Gnupg };
    assert!(OpenPgp.seal(mixed, &modern.parcel(&[]), NOW, [3; 32]).is_err());
    let mixed = Sealing { keys: &modern.primary, partner: &gnupg.secondary.certificate, profile: Profile::Modern };
    assert!(OpenPgp.seal(mixed, &modern.parcel(&[]), NOW, [3; 32]).is_err());
}

#[test]
fn a_parcel_that_is_old_is_read_and_one_from_the_future_is_not() {
    let day = 86_400_000;
    for profile in PROFILES {
        let world = World::new(profile);
        let parcel = world.parcel(&[issue()]);
        let seal = |now| OpenPgp.seal(world.to_secondary(), &parcel, now, [3; 32]).unwrap();
        let later = NOW.after_ms(300 * day);
        assert!(OpenPgp.open(world.at_secondary(), &seal(NOW), later).is_ok(), "{profile:?}: age is no reason");
        assert!(
            OpenPgp.open(world.at_secondary(), &seal(NOW.after_ms(day)), NOW).is_ok(),
            "{profile:?}: clocks differ"
        );
        let future = OpenPgp.open(world.at_secondary(), &seal(NOW.after_ms(day + 1000)), NOW);
        assert!(matches!(future, Err(OpenFault::Signature(_))), "{profile:?}");
    }
}

#[test]
fn a_clock_that_went_back_does_not_make_signatures_older_than_the_key() {
    let world = World::new(Profile::Modern);
    let bytes = OpenPgp.seal(world.to_secondary(), &world.parcel(&[]), ferry_core::time::Time(0), [3; 32]);
    assert!(bytes.is_err(), "the partner's key is in the future of that clock, by more than a day");
    let before = ferry_core::time::Time(NOW.0 - 80_000_000);
    let bytes = OpenPgp.seal(world.to_secondary(), &world.parcel(&[]), before, [3; 32]).unwrap();
    assert!(OpenPgp.open(world.at_secondary(), &bytes, NOW).is_ok());
}

#[test]
fn an_expired_key_neither_seals_nor_signs_any_more() {
    let years = 2 * 365 * 86_400_000;
    for profile in PROFILES {
        let world = World::new(profile);
        let late = NOW.after_ms(years);
        assert!(OpenPgp.seal(world.to_secondary(), &world.parcel(&[]), late, [3; 32]).unwrap_err().contains("expired"));
        let in_time =
            OpenPgp.seal(world.to_secondary(), &world.parcel(&[]), NOW.after_ms(years - 1000), [3; 32]).unwrap();
        assert!(OpenPgp.open(world.at_secondary(), &in_time, late.after_ms(1_000_000)).is_ok());
    }
}

#[test]
fn what_no_parcel_may_hold_is_refused_when_sealing() {
    let world = World::new(Profile::Modern);
    let seal = |parcel| OpenPgp.seal(world.to_secondary(), &parcel, NOW, [3; 32]);
    let mut unnumbered = world.parcel(&[issue()]);
    unnumbered.first = 0;
    assert!(seal(unnumbered).is_err());
    let mut empty = world.parcel(&[]);
    empty.first = 5;
    assert!(seal(empty).is_err());
    let mut many = world.parcel(&[issue()]);
    many.messages = vec![vec![0]; 4097];
    assert!(seal(many).is_err());
    let mut large = world.parcel(&[issue()]);
    large.messages = vec![vec![0; 1 << 20]; 9];
    assert!(seal(large).is_err());
    let mut noisy = world.parcel(&[issue()]);
    noisy.messages = vec![super::sample::noise(1 << 20); 7];
    assert!(seal(noisy).unwrap_err().contains("7000000"));
}
