//! A parcel, by each step of opening: any bytes on the channel; any plaintext
//! inside a valid seal; any frame, and any payload, signed and sealed by the
//! partner.

use ferry_core::limits::{MESSAGE_BYTES_MAX, PARCEL_MESSAGES_MAX};
use ferry_core::ports::{Opened, Wire};
use ferry_wire::{OpenPgp, forge};

use crate::sides::{NOW, SEED, Sides};

/// The first byte says which profile and which step.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    let sides = Sides::of(usize::from(door & 3));
    let step = door >> 2 & 3;
    let with = sides.to_secondary();
    let sealed = match step {
        0 => Ok(body.to_vec()),
        1 => forge::seal(with, body, SEED),
        2 => forge::sign(with, body, NOW, SEED).and_then(|inner| forge::seal(with, &inner, SEED)),
        _ => forge::parcel(with, body, NOW, SEED),
    };
    let Ok(opened) =
        sealed.map_err(drop).and_then(|sealed| OpenPgp.open(sides.at_secondary(), &sealed, NOW).map_err(drop))
    else {
        return;
    };
    if step < 2 {
        assert_eq!(opened, honest(sides), "what the partner didn't sign was opened");
    }
    bounded(&opened);
}

fn bounded(opened: &Opened) {
    let messages = &opened.parcel.messages;
    assert!(messages.len() <= PARCEL_MESSAGES_MAX && messages.len() == opened.digests.len());
    for message in messages {
        assert!(message.len() <= MESSAGE_BYTES_MAX);
        let kind = OpenPgp.kind(message).expect("what was opened has a kind");
        if let Ok(read) = OpenPgp.decode(message) {
            assert_eq!(read.body.kind(), kind);
        }
    }
}

/// What the seeds say, once opened.
fn honest(sides: &Sides) -> Opened {
    OpenPgp.open(sides.at_secondary(), &sealed(sides), NOW).expect("our own opens")
}

fn sealed(sides: &Sides) -> Vec<u8> {
    OpenPgp.seal(sides.to_secondary(), &sides.parcel(), NOW, SEED).expect("our own is sealed")
}

/// An honest parcel at every step.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for number in 0..4u8 {
        let sides = Sides::of(number.into());
        let with = sides.to_secondary();
        let payload = payload(sides);
        let frame = forge::frame(&payload).unwrap();
        let inner = forge::sign(with, &frame, NOW, SEED).unwrap();
        for (step, body) in (0..4u8).zip([&sealed(sides), &inner, &frame, &payload]) {
            seeds.push([&[number | step << 2], body.as_slice()].concat());
        }
    }
    seeds
}

/// The payload of the honest parcel, as it lies in a parcel that is only
/// signed.
fn payload(sides: &Sides) -> Vec<u8> {
    let off = Sides::of(2);
    let parcel = OpenPgp.seal(off.to_secondary(), &sides.parcel(), NOW, SEED).unwrap();
    let magic = parcel.windows(4).position(|four| four == b"FRY\x01").expect("it holds a frame");
    (magic + 1..parcel.len())
        .find_map(|end| forge::unframed(&parcel[magic..end]).ok())
        .expect("the frame ends somewhere")
}
