//! What comes before two sides know each other: handshake files, with and
//! without a passphrase, and hellos.

use ferry_core::ports::Wire;
use ferry_wire::{OpenPgp, forge};

use crate::sides::{NOW, SECRET, SEED, Sides};

const PASSPHRASE: &str = "correct horse";

/// The first byte says which profile and which door.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    let sides = Sides::of(usize::from(door & 3));
    let read = |file: &[u8], passphrase| OpenPgp.read_invitation(file, passphrase, NOW);
    let invited = match door >> 2 & 7 {
        0 => read(body, None),
        1 => read(body, Some(PASSPHRASE)),
        2 => read(&forge::armoured(body), None),
        3 => read(&forge::armoured(body), Some(PASSPHRASE)),
        4 | 5 => {
            // Signed by the certificate that it may hold: any payload.
            if let Ok(file) = forge::handshake(&sides.primary, body, NOW, SEED) {
                drop(read(&file, None));
            }
            return;
        }
        6 => return greeted(sides, body),
        _ => {
            let sealed = forge::greeting(&sides.secondary, &sides.primary.certificate, &SECRET, body, NOW, SEED);
            return drop(sealed.map(|sealed| OpenPgp.open_hello(&sealed, &sides.primary, &SECRET, NOW)));
        }
    };
    if let Ok(invitation) = invited {
        let honest = (0..4).any(|number| Sides::of(number).invitation() == invitation);
        assert!(honest, "a handshake file was altered, and read: {invitation:?}");
    }
}

fn greeted(sides: &Sides, sealed: &[u8]) {
    if let Ok(hello) = OpenPgp.open_hello(sealed, &sides.primary, &SECRET, NOW) {
        assert_eq!(hello, sides.hello(), "a hello was altered, and read");
    }
}

/// Honest files and hellos by every door.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for number in 0..4u8 {
        let sides = Sides::of(number.into());
        let mut seed = |door: u8, body: &[u8]| seeds.push([&[number | door << 2], body].concat());
        let file =
            |passphrase| OpenPgp.write_invitation(&sides.invitation(), &sides.primary, passphrase, NOW, SEED).unwrap();
        for (door, passphrase) in [(0, None), (1, Some(PASSPHRASE))] {
            let file = file(passphrase);
            seed(door, &file);
            seed(door + 2, &forge::unarmoured(&file).unwrap());
        }
        seed(4, &rmp_serde::to_vec_named(&sides.invitation()).unwrap());
        let certificate = &sides.primary.certificate;
        let hello = OpenPgp.seal_hello(&sides.hello(), &sides.secondary, certificate, &SECRET, NOW, SEED);
        seed(6, &hello.unwrap());
        seed(7, &rmp_serde::to_vec_named(&sides.hello()).unwrap());
    }
    seeds
}
