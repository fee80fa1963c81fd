//! Mails, as servers hand them over.

use ferry_core::time::Time;
use ferry_mail::forge::Gateway;
use ferry_mail::{Envelope, candidates, compose, named};

const ENVELOPE: Envelope<'_> = Envelope {
    sender: "acme@a.test",
    recipient: "globex@b.test",
    name: "0123456789abcdef0123-parcel.ferry",
    id: "0123456789abcdef",
    date: Time(1_767_225_600_000),
};

/// The first byte says whether it is a mail, or a parcel that becomes one.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    if door & 1 == 0 {
        named(&String::from_utf8_lossy(body), "0123456789abcdef0123");
        candidates(body).iter().for_each(|parcel| travels(parcel, door));
    } else {
        travels(body, door);
    }
}

/// What leaves is found again, whatever a gateway made of it.
fn travels(parcel: &[u8], door: u8) {
    if parcel.is_empty() {
        return;
    }
    let mail = compose(&ENVELOPE, parcel).unwrap();
    assert!(mail.is_ascii() && mail.split(|byte| *byte == b'\n').all(|line| line.len() < 120), "not for every relay");
    let gateway = Gateway::ALL[usize::from(door >> 1) % Gateway::ALL.len()];
    for mail in [gateway.pass(&mail), mail] {
        assert_eq!(candidates(&mail), [parcel], "through {gateway:?}");
    }
}

/// Mails in every shape, and what lies beside them.
pub fn seeds() -> Vec<Vec<u8>> {
    let mail =
        compose(&ENVELOPE, b"\xc1 a parcel that is longer than a line of armour, and ends somewhere else").unwrap();
    let mut seeds: Vec<Vec<u8>> =
        Gateway::ALL.iter().map(|gateway| [&[0], gateway.pass(&mail).as_slice()].concat()).collect();
    let whole = [b"\0", mail.as_slice()].concat();
    let forwarded = [b"\0Content-Type: message/rfc822\r\n\r\n".as_slice(), &mail].concat();
    let lunch = b"\0From: <bob@b.test>\r\nSubject: =?utf-8?q?Lunch=3F?=\r\n\r\nAt noon.\r\n".to_vec();
    seeds.extend([whole, forwarded, lunch, b"\x01\xc1 a parcel".to_vec()]);
    seeds
}
