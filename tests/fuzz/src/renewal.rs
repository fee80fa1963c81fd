//! Renewals: a partner's next keys, which are taken without asking anybody.

use ferry_core::keys::Renewal;
use ferry_core::ports::{OpenFault, Sealing, Wire};
use ferry_core::time::Time;
use ferry_wire::{OpenPgp, forge};

use crate::sides::{LATE, NOW, SEED, Sides};

/// The first byte says which profile and which door.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    let sides = Sides::of(usize::from(door & 3));
    let read = |bytes: &[u8], now| OpenPgp.read_renewal(bytes, &sides.primary.certificate, now);
    match door >> 2 & 3 {
        0 => honest(sides, read(body, NOW), NOW),
        1 => honest(sides, read(body, LATE), LATE),
        // As if the next keys had signed it.
        2 => {
            let bytes = forge::renewing(&sides.primary, body, NOW, SEED).unwrap();
            honest(sides, read(&bytes, NOW), NOW);
        }
        // Any payload, by a partner that holds both keys.
        _ => {
            let bytes = forge::renewal(&sides.primary, sides.next(NOW), body, NOW, SEED).unwrap();
            if let Ok(renewal) = read(&bytes, NOW) {
                serves(sides, &renewal);
            }
        }
    }
}

fn honest(sides: &Sides, read: Result<Renewal, OpenFault>, now: Time) {
    if let Ok(renewal) = read {
        assert_eq!(renewal, sides.renewal(now), "a renewal was altered, and read");
    }
}

/// Whoever takes a renewal can seal by it.
fn serves(sides: &Sides, renewal: &Renewal) {
    let fingerprint = |certificate| OpenPgp.fingerprint(certificate).unwrap();
    assert_eq!(fingerprint(&renewal.certificate), fingerprint(&sides.next(NOW).certificate), "it is another key's");
    OpenPgp.validity(&renewal.certificate).unwrap();
    let with = Sealing { keys: &sides.secondary, partner: &renewal.certificate, profile: sides.profile };
    OpenPgp.seal(with, &sides.parcel(), NOW, SEED).unwrap();
}

/// Honest renewals by every door.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for number in 0..4u8 {
        let sides = Sides::of(number.into());
        let mut seed = |door: u8, body: &[u8]| seeds.push([&[number | door << 2], body].concat());
        for (door, now) in [(0, NOW), (1, LATE)] {
            let renewal = sides.renewal(now);
            seed(door, &OpenPgp.write_renewal(&renewal, &sides.primary, sides.next(now), now, SEED).unwrap());
        }
        let payload = rmp_serde::to_vec_named(&sides.renewal(NOW)).unwrap();
        seed(2, &forge::renewing(sides.next(NOW), &payload, NOW, SEED).unwrap());
        seed(3, &payload);
    }
    seeds
}
