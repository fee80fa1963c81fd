//! A parcel and its mail.

use ferry_core::delivery::token::Token;
use ferry_core::digest::of;
use ferry_core::ids::{ParcelName, SyncId};
use ferry_core::scope::Side;
use ferry_core::time::Time;

use crate::{Envelope, compose};

/// What a parcel of so many bytes could be: it begins like something encrypted.
pub fn parcel(seed: u8, length: usize) -> Vec<u8> {
    let noise = (0..length).map(|place| (place as u8).wrapping_mul(37).wrapping_add(seed) ^ (place >> 8) as u8);
    let mut bytes: Vec<u8> = noise.collect();
    bytes[0] = 0xc1;
    bytes
}

/// Of what the partner sends.
pub fn token() -> Token {
    Token::parcels(&SyncId([7; 16]), Side::Secondary)
}

/// The name that a parcel has.
pub fn name(parcel: &[u8]) -> ParcelName {
    token().name(&of(parcel))
}

/// Its mail.
pub fn mail(parcel: &[u8]) -> Vec<u8> {
    let name = name(parcel);
    let envelope = Envelope {
        sender: "acme@a.test",
        recipient: "globex@b.test",
        name: &name.0,
        id: "0123456789abcdef",
        date: Time(1_767_225_600_000),
    };
    compose(&envelope, parcel).unwrap()
}
