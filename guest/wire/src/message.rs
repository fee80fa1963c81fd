//! Numbered messages as MessagePack: one map `{kind, after, body}` with named
//! fields, never encoded again once it is made.

use ferry_core::limits::MESSAGE_BYTES_MAX;
use ferry_core::message::{Body, Kind, Numbered};
use ferry_core::ports::OpenFault;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::guard::{self, Guard};

/// The kinds by their names on the wire.
const KINDS: [(&str, Kind); 11] = [
    ("configuration", Kind::Configuration),
    ("adopted", Kind::Adopted),
    ("switched", Kind::Switched),
    ("issue", Kind::Issue),
    ("change", Kind::Change),
    ("gone", Kind::Gone),
    ("chunk", Kind::Chunk),
    ("outcomes", Kind::Outcomes),
    ("control", Kind::Control),
    ("standing", Kind::Standing),
    ("standings", Kind::Standings),
];

/// A message as bytes.
pub fn encode(message: &Numbered) -> Vec<u8> {
    let name = match &message.body {
        Body::Unknown(name) => name,
        known => KINDS.iter().find(|(_, kind)| *kind == known.kind()).map_or("", |(name, _)| name),
    };
    let size = match &message.body {
        Body::Chunk(chunk) => chunk.bytes.len() + 160,
        Body::Issue(_) | Body::Configuration(_) | Body::Adopted(_) => 2048,
        _ => 512,
    };
    let mut bytes = Vec::with_capacity(size);
    bytes.push(0x83);
    put(&mut bytes, "kind");
    put(&mut bytes, name);
    put(&mut bytes, "after");
    put(&mut bytes, &message.after);
    put(&mut bytes, "body");
    match &message.body {
        Body::Configuration(body) => put(&mut bytes, body),
        Body::Adopted(body) => put(&mut bytes, body),
        Body::Switched(body) => put(&mut bytes, body),
        Body::Issue(body) => put(&mut bytes, body),
        Body::Change(body) => put(&mut bytes, body),
        Body::Gone(body) => put(&mut bytes, body),
        Body::Chunk(body) => put(&mut bytes, body),
        Body::Outcomes(body) => put(&mut bytes, body),
        Body::Control(body) => put(&mut bytes, body),
        Body::Standing(body) => put(&mut bytes, body),
        Body::Standings(body) => put(&mut bytes, body),
        Body::Unknown(_) => put(&mut bytes, &()),
    }
    bytes
}

/// Writes a value with named fields. Into memory, of types whose lengths are
/// known, it doesn't fail; were it to, the reader would find the end missing.
fn put<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) {
    let length = bytes.len();
    if rmp_serde::encode::write_named(bytes, value).is_err() {
        bytes.truncate(length);
    }
}

/// The kind, from the first entry alone.
pub fn kind(bytes: &[u8]) -> Result<Kind, OpenFault> {
    let mut rest = bytes;
    name(&mut rest).map(|(name, _)| of_name(name)).map_err(malformed)
}

/// Reads a message.
pub fn decode(bytes: &[u8]) -> Result<Numbered, OpenFault> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(OpenFault::Malformed(format!("a message of more than {MESSAGE_BYTES_MAX} bytes")));
    }
    let parts = parts(bytes).map_err(malformed)?;
    let body = parts.body;
    let body = match of_name(parts.kind) {
        Kind::Configuration => Body::Configuration(read(body)?),
        Kind::Adopted => Body::Adopted(read(body)?),
        Kind::Switched => Body::Switched(read(body)?),
        Kind::Issue => Body::Issue(read(body)?),
        Kind::Change => Body::Change(read(body)?),
        Kind::Gone => Body::Gone(read(body)?),
        Kind::Chunk => Body::Chunk(read(body)?),
        Kind::Outcomes => Body::Outcomes(read(body)?),
        Kind::Control => Body::Control(read(body)?),
        Kind::Standing => Body::Standing(read(body)?),
        Kind::Standings => Body::Standings(read(body)?),
        Kind::Unknown => Body::Unknown(parts.kind.to_owned()),
    };
    Ok(Numbered { after: read(parts.after)?, body })
}

/// Checks that it is a message, without reading what it says.
pub fn check(bytes: &[u8]) -> Result<(), OpenFault> {
    parts(bytes).map(|_| ()).map_err(malformed)
}

struct Parts<'a> {
    kind: &'a str,
    after: &'a [u8],
    body: &'a [u8],
}

/// The guard, and where the values of the three entries lie. Entries that we
/// don't know are passed over.
fn parts(bytes: &[u8]) -> Result<Parts<'_>, Guard> {
    let mut rest = bytes;
    let (kind, entries) = name(&mut rest)?;
    let (mut after, mut body) = (None, None);
    for _ in 1..entries {
        let key = guard::text(&mut rest)?;
        let value = guard::value(&mut rest, 1)?;
        let place = match key {
            "after" => &mut after,
            "body" => &mut body,
            "kind" => return Err(Guard::Shape),
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(Guard::Shape);
        }
    }
    if !rest.is_empty() {
        return Err(Guard::Trailing);
    }
    Ok(Parts { kind, after: after.ok_or(Guard::Shape)?, body: body.ok_or(Guard::Shape)? })
}

/// The name of the kind, which is the first entry, and how many there are.
fn name<'a>(bytes: &mut &'a [u8]) -> Result<(&'a str, usize), Guard> {
    let entries = guard::map(bytes)?;
    if entries == 0 || guard::text(bytes)? != "kind" {
        return Err(Guard::Shape);
    }
    Ok((guard::text(bytes)?, entries))
}

fn of_name(name: &str) -> Kind {
    KINDS.iter().find(|(known, _)| *known == name).map_or(Kind::Unknown, |(_, kind)| *kind)
}

/// Reads a value that passed the guard.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, OpenFault> {
    rmp_serde::from_slice(bytes).map_err(|error| OpenFault::Malformed(error.to_string()))
}

fn malformed(guard: Guard) -> OpenFault {
    OpenFault::Malformed(format!("a message can't be read: {guard}"))
}
