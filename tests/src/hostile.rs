//! The worst that a partner could put into a parcel, each as large as the
//! limits let in: what has to be refused, or taken, at a bounded cost.

use ferry_core::ids::PairId;
use ferry_core::limits::{
    MESSAGE_BYTES_MAX, MESSAGE_VALUES_MAX, NESTING_MAX, PARCEL_BYTES_MAX, PARCEL_MESSAGES_MAX, PAYLOAD_BYTES_MAX,
};
use ferry_core::message::Parcel;
use ferry_wire::forge;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// A payload, and what it is.
pub struct Hostile {
    /// In words.
    pub what: &'static str,
    /// The records after the header.
    pub messages: Vec<Vec<u8>>,
    /// What follows them.
    rest: Vec<u8>,
}

impl Hostile {
    /// Whether it passes as a parcel, and only its messages can't be used.
    pub fn is_taken(&self) -> bool {
        self.rest.is_empty() && self.messages.len() <= PARCEL_MESSAGES_MAX
    }

    /// The payload, with a header that numbers its messages from the parcel's
    /// first on.
    pub fn payload(&self, of: impl FnOnce(Vec<Vec<u8>>) -> Parcel) -> Vec<u8> {
        let count = self.messages.len().min(PARCEL_MESSAGES_MAX);
        let header = forge::header(&of(vec![Vec::new(); count])).unwrap();
        let records: Vec<&[u8]> =
            std::iter::once(header.as_slice()).chain(self.messages.iter().map(Vec::as_slice)).collect();
        let mut payload = forge::records(&records);
        payload.extend_from_slice(&self.rest);
        payload.truncate(PAYLOAD_BYTES_MAX);
        payload
    }
}

/// As much as an honest parcel holds at most: two pieces of content.
pub fn honest() -> Hostile {
    let piece = |number| {
        let mut bytes = vec![0x84];
        text(&mut bytes, "digest");
        bytes.extend([0xc4, 32]);
        bytes.extend([number; 32]);
        text(&mut bytes, "offset");
        bytes.push(0);
        text(&mut bytes, "total");
        let content = noise(1 << 20);
        bytes.extend(counted(0xce, content.len() * 2));
        text(&mut bytes, "bytes");
        bytes.extend(binary(&content));
        message("chunk", &bytes)
    };
    Hostile {
        what: "four pieces of attachments, as an honest side sends them",
        messages: (1..5).map(piece).collect(),
        rest: vec![],
    }
}

/// A record that announces more than there is: what comes before it was read
/// in vain.
const CUT: &[u8] = &[0, 0, 0, 200, 0x83];

/// Room for the header and the records' lengths.
const ROOM: usize = 64 << 10;

/// All of them.
pub fn all() -> Vec<Hostile> {
    let half = PAYLOAD_BYTES_MAX / 2 - ROOM;
    let of = |what, messages: Vec<Vec<u8>>, rest: &[u8]| Hostile { what, messages, rest: rest.to_vec() };
    let per_message = MESSAGE_VALUES_MAX - 16;
    let many = PAYLOAD_BYTES_MAX / (per_message + 64) - 1;
    vec![
        of("8 MiB of zeros in some kB", vec![message("chunk", &binary(&vec![0; half])); 2], CUT),
        of(
            "noise up to the bound of a parcel",
            vec![message("chunk", &binary(&noise(PARCEL_BYTES_MAX / 2 - ROOM))); 2],
            CUT,
        ),
        of("as many messages as a parcel holds, and one", vec![message("gone", &[0xc0]); PARCEL_MESSAGES_MAX + 1], &[]),
        of(
            "as many messages as a parcel holds, each of 2 kB",
            vec![message("gone", &binary(&[7; 1900])); PARCEL_MESSAGES_MAX],
            CUT,
        ),
        of("messages of as many values as one holds", vec![message("change", &list(per_message)); many], CUT),
        of("nested as deep as a message may be", vec![message("change", &nested(per_message)); many], CUT),
        of("more values than a message may hold", vec![message("change", &list(MESSAGE_BYTES_MAX - 100))], CUT),
        of("nested without end", vec![message("change", &vec![0x91; MESSAGE_BYTES_MAX - 100])], CUT),
        of("labels, until a field is missing", vec![message("change", &labels(MESSAGE_VALUES_MAX - 64, 1)); 5], &[]),
        of("labels in no order", vec![message("change", &labels(MESSAGE_VALUES_MAX - 64, SCATTER)); 5], &[]),
        of(
            "fields in no order, until one is missing",
            vec![message("change", &fields(MESSAGE_VALUES_MAX / 2 - 64)); 4],
            &[],
        ),
        of("pieces that can't be read", vec![message("chunk", &list(per_message)); many], &[]),
        of("outcomes of pairs that nobody knows", vec![message("outcomes", &outcomes(MESSAGE_VALUES_MAX / 8)); 3], &[]),
    ]
}

/// A message as an honest side writes it, around any body.
fn message(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x83];
    text(&mut bytes, "kind");
    text(&mut bytes, kind);
    text(&mut bytes, "after");
    bytes.push(0);
    text(&mut bytes, "body");
    bytes.extend_from_slice(body);
    bytes
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    assert!(text.len() < 32);
    bytes.push(0xa0 | u8::try_from(text.len()).unwrap());
    bytes.extend_from_slice(text.as_bytes());
}

fn counted(marker: u8, count: usize) -> Vec<u8> {
    [&[marker], u32::try_from(count).unwrap().to_be_bytes().as_slice()].concat()
}

fn binary(content: &[u8]) -> Vec<u8> {
    [counted(0xc6, content.len()), content.to_vec()].concat()
}

/// A list of that many small numbers.
fn list(values: usize) -> Vec<u8> {
    [counted(0xdd, values), vec![1; values]].concat()
}

/// Lists within lists, again and again.
fn nested(values: usize) -> Vec<u8> {
    let tower = NESTING_MAX - 3;
    let towers = values / tower;
    let one = [vec![0x91; tower - 1], vec![0xc0]].concat();
    [counted(0xdd, towers), one.repeat(towers)].concat()
}

/// Numbers times this, modulo a prime, jump to and fro and are all different.
const SCATTER: usize = 611_953;

/// Five digits: which number it is, among those below a million, `step` apart.
fn scattered(number: usize, step: usize) -> String {
    format!("{:05x}", number * step % 1_048_573)
}

/// A change whose one field has that many labels, all different, and which
/// lacks what a change must have.
fn labels(values: usize, step: usize) -> Vec<u8> {
    let mut bytes = vec![0x81];
    text(&mut bytes, "fields");
    bytes.push(0x81);
    text(&mut bytes, "labels");
    bytes.push(0x81);
    text(&mut bytes, "labels");
    bytes.extend(counted(0xdd, values));
    for number in 0..values {
        text(&mut bytes, &scattered(number, step));
    }
    bytes
}

/// A change of that many fields, all different, which lacks the rest.
fn fields(count: usize) -> Vec<u8> {
    let mut bytes = vec![0x81];
    text(&mut bytes, "fields");
    bytes.extend(counted(0xdf, count));
    for number in 0..count {
        text(&mut bytes, &scattered(number, SCATTER));
        text(&mut bytes, "absent");
    }
    bytes
}

fn outcomes(count: usize) -> Vec<u8> {
    let mut bytes = vec![0x81];
    text(&mut bytes, "outcomes");
    bytes.extend(counted(0xdd, count));
    for number in 0..count {
        let mut pair = [0; 16];
        pair[..8].copy_from_slice(&(number as u64).to_be_bytes());
        bytes.push(0x82);
        text(&mut bytes, "pair");
        bytes.extend([0xc4, 16]);
        bytes.extend(PairId(pair).0);
        text(&mut bytes, "settled");
        bytes.push(1);
    }
    bytes
}

/// Bytes that don't shrink.
pub fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    ChaCha20Rng::from_seed([77; 32]).fill_bytes(&mut bytes);
    bytes
}
