//! The scans of packet headers, and certificates behind them.

use ferry_core::ports::Wire;
use ferry_core::state::Certificate;
use ferry_wire::{OpenPgp, forge};

use crate::sides::{NOW, SEED, Sides};

/// The first byte says whether it is a certificate.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    if door & 1 == 0 {
        forge::scan(body);
        return;
    }
    let certificate = Certificate(body.to_vec());
    if OpenPgp.fingerprint(&certificate).is_ok() {
        let honest = (0..4).map(Sides::of).flat_map(|sides| [&sides.primary, &sides.secondary]);
        let known = honest.into_iter().any(|keys| keys.certificate == certificate);
        assert!(known, "a certificate was altered, and accepted");
    }
}

/// Certificates, and what lies outside and inside a seal.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for sides in (0..4).map(Sides::of) {
        let with = sides.to_secondary();
        let inner = forge::sign(with, b"data", NOW, SEED).unwrap();
        seeds.push([&[0], forge::seal(with, b"plain", SEED).unwrap().as_slice()].concat());
        seeds.push([&[0], inner.as_slice()].concat());
        seeds.push([&[0], sides.primary.certificate.0.as_slice()].concat());
        seeds.push([&[1], sides.primary.certificate.0.as_slice()].concat());
    }
    // Partial lengths and an old header, as GnuPG writes them.
    seeds.push(b"\0\xcb\xe1ab\x01c".to_vec());
    seeds.push(b"\0\x90\x02ab".to_vec());
    seeds
}
