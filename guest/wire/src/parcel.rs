//! A parcel's payload: records of bytes, each led by its length; the first is
//! the header, the others are the numbered messages as they were encoded.

use std::cmp::Ordering;

use ferry_core::delivery::ranges::well_formed;
use ferry_core::digest;
use ferry_core::ids::{Chain, Epoch, Fingerprint, SyncId};
use ferry_core::keys::survives_expiry;
use ferry_core::limits::{MESSAGE_BYTES_MAX, PARCEL_BYTES_MAX, PARCEL_MESSAGES_MAX, PAYLOAD_BYTES_MAX};
use ferry_core::message::{PROTOCOL, Parcel, Position, Unnumbered};
use ferry_core::ports::{OpenFault, Opened, Sealing};
use ferry_core::scope::Side;
use ferry_core::state::Profile;
use ferry_core::time::Time;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::certificate::{CertificateFault, Certified};
use crate::frame::{self, Content};
use crate::guard;
use crate::message;
use crate::packets::take;
use crate::sealed;
use crate::signed::{Expected, Made, Signer, Unverified, expired};
use crate::suite::Suite;

/// The header record, in bytes: a thousand ranges and some hundred digests.
const HEADER_BYTES_MAX: usize = 256 << 10;

/// Unnumbered messages in one parcel; there are hardly ever two.
const UNNUMBERED_MAX: usize = 16;

/// The first record.
#[derive(Serialize, Deserialize)]
struct Header {
    protocol: (u16, u16),
    sync: SyncId,
    sender: Side,
    from: Fingerprint,
    to: Fingerprint,
    epoch: Epoch,
    first: u64,
    last: u64,
    chain: Chain,
    created: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    /// Each its own MessagePack, so that unknown ones are passed over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unnumbered: Vec<ByteBuf>,
}

/// What a header says in every major version.
#[derive(Deserialize)]
struct Versioned {
    protocol: (u16, u16),
}

/// Packs, signs and encrypts.
pub fn seal(with: Sealing<'_>, parcel: &Parcel, now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    let mut random = ChaCha20Rng::from_seed(seed);
    let partner = Certified::pinned(with.partner, with.profile).map_err(partners)?;
    if !survives_expiry(parcel) {
        partner.valid(now).map_err(partners)?;
    }
    let signer = Signer::read(with.keys, now)?;
    if signer.suite != partner.suite {
        return Err(format!("our keys: {}", CertificateFault::Profile));
    }
    let header = rmp_serde::to_vec_named(&header(parcel)?).map_err(|error| error.to_string())?;
    let mut inner = Vec::new();
    signer.sign(&mut inner, Some(&partner.fingerprint), &mut random, |out| write(out, &header, &parcel.messages))?;
    let sealed = match with.profile {
        Profile::Off => inner,
        Profile::Gnupg | Profile::Modern | Profile::PostQuantum => sealed::encrypt(&partner, &inner, &mut random)?,
    };
    if sealed.len() > PARCEL_BYTES_MAX {
        return Err(format!("the sealed parcel has {} bytes; {PARCEL_BYTES_MAX} are allowed", sealed.len()));
    }
    Ok(sealed)
}

/// Opens in the protocol's order.
pub fn open(with: Sealing<'_>, sealed: &[u8], now: Time) -> Result<Opened, OpenFault> {
    if sealed.len() > PARCEL_BYTES_MAX {
        return Err(OpenFault::TooLarge(PARCEL_BYTES_MAX as u64));
    }
    let suite = Suite::of(with.profile);
    let decrypted;
    let inner = match with.profile {
        Profile::Off => sealed,
        Profile::Gnupg | Profile::Modern | Profile::PostQuantum => {
            decrypted = sealed::decrypt(with.keys, suite, suite.dialect(), sealed)?;
            decrypted.as_slice()
        }
    };
    let unverified = Unverified::split(inner, suite.dialect())?;
    let signature = |fault: CertificateFault| OpenFault::Signature(fault.to_string());
    let partner = Certified::pinned(with.partner, with.profile).map_err(signature)?;
    let ours = Certified::pinned(&with.keys.certificate, with.profile).map_err(signature)?;
    let expected = Expected { signer: &partner, recipient: Some(&ours.fingerprint), now };
    let made = unverified.verify_though_expired(&expected)?;
    let opened = read(&frame::read(unverified.data(), Content::Parcel, PAYLOAD_BYTES_MAX)?)?;
    if made == Made::InTime { Ok(opened) } else { about_keys(opened) }
}

/// All that an expired key may say.
fn about_keys(mut opened: Opened) -> Result<Opened, OpenFault> {
    if !survives_expiry(&opened.parcel) {
        return Err(expired());
    }
    opened.parcel.position = None;
    opened.parcel.unnumbered.retain(Unnumbered::is_about_keys);
    Ok(opened)
}

/// The header record, as it is written.
#[cfg(feature = "forge")]
pub fn header_bytes(parcel: &Parcel) -> Result<Vec<u8>, String> {
    rmp_serde::to_vec_named(&header(parcel)?).map_err(|error| error.to_string())
}

fn header(parcel: &Parcel) -> Result<Header, String> {
    let count = parcel.messages.len();
    if count > PARCEL_MESSAGES_MAX {
        return Err(format!("{count} messages in one parcel; {PARCEL_MESSAGES_MAX} are allowed"));
    }
    let last = match (parcel.first, count as u64) {
        (0, 0) => 0,
        (first @ 1.., count @ 1..) => first.saturating_add(count - 1),
        (first, count) => return Err(format!("{count} messages in a parcel can't begin with number {first}")),
    };
    let unnumbered = parcel.unnumbered.iter().map(|one| rmp_serde::to_vec_named(one).map(ByteBuf::from));
    Ok(Header {
        protocol: parcel.protocol,
        sync: parcel.sync,
        sender: parcel.sender,
        from: parcel.from,
        to: parcel.to,
        epoch: parcel.epoch,
        first: parcel.first,
        last,
        chain: parcel.chain,
        created: parcel.created,
        position: parcel.position.clone(),
        unnumbered: unnumbered.collect::<Result<_, _>>().map_err(|error| error.to_string())?,
    })
}

fn write(out: &mut Vec<u8>, header: &[u8], messages: &[Vec<u8>]) -> Result<(), String> {
    let records = || std::iter::once(header).chain(messages.iter().map(Vec::as_slice));
    let payload: usize = records().map(|record| record.len() + 4).sum();
    if payload > PAYLOAD_BYTES_MAX {
        return Err(format!("the parcel's messages have {payload} bytes; {PAYLOAD_BYTES_MAX} are allowed"));
    }
    let lengths: Vec<[u8; 4]> =
        records().map(|record| u32::try_from(record.len()).unwrap_or(u32::MAX).to_be_bytes()).collect();
    let parts: Vec<&[u8]> =
        lengths.iter().zip(records()).flat_map(|(length, record)| [length.as_slice(), record]).collect();
    frame::write(out, Content::Parcel, &parts)
}

fn read(payload: &[u8]) -> Result<Opened, OpenFault> {
    let mut rest = payload;
    let header: Header = {
        let record = record(&mut rest, HEADER_BYTES_MAX)?;
        guard::whole(record).map_err(|fault| malformed(format!("its header can't be read: {fault}")))?;
        versioned(record)?;
        message::read(record)?
    };
    let mut messages = Vec::new();
    let mut digests = Vec::new();
    while !rest.is_empty() {
        if messages.len() == PARCEL_MESSAGES_MAX {
            return Err(malformed(format!("it has more than {PARCEL_MESSAGES_MAX} messages")));
        }
        let record = record(&mut rest, MESSAGE_BYTES_MAX)?;
        message::check(record)?;
        digests.push(digest::of(record));
        messages.push(record.to_vec());
    }
    let count = messages.len() as u64;
    let numbered = match (header.first, header.last) {
        (0, 0) => count == 0,
        (1.., last) => count > 0 && last.checked_sub(header.first).and_then(|n| n.checked_add(1)) == Some(count),
        _ => false,
    };
    if !numbered {
        return Err(malformed("its numbers do not go with its messages".to_owned()));
    }
    if header.position.as_ref().is_some_and(|position| !well_formed(&position.ranges)) {
        return Err(malformed("the ranges of its position are not in order".to_owned()));
    }
    let parcel = Parcel {
        sync: header.sync,
        sender: header.sender,
        from: header.from,
        to: header.to,
        epoch: header.epoch,
        first: header.first,
        chain: header.chain,
        messages,
        unnumbered: unnumbered(&header.unnumbered)?,
        position: header.position,
        created: header.created,
        protocol: header.protocol,
    };
    Ok(Opened { parcel, digests })
}

/// The next record.
fn record<'a>(rest: &mut &'a [u8], max: usize) -> Result<&'a [u8], OpenFault> {
    let cut = |_| malformed("its records are cut".to_owned());
    let length = take(rest, 4).map_err(cut)?.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    if length > max {
        return Err(malformed(format!("a message of more than {max} bytes")));
    }
    take(rest, length).map_err(cut)
}

/// Refuses another major version with its number, whatever else it says.
pub fn versioned(bytes: &[u8]) -> Result<(), OpenFault> {
    let Versioned { protocol: (major, minor) } = message::read(bytes)?;
    match major.cmp(&PROTOCOL.0) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(OpenFault::NewerVersion(format!("{major}.{minor}"))),
        Ordering::Less => Err(OpenFault::OlderVersion(format!("{major}.{minor}"))),
    }
}

/// Those that we know; others of a newer minor version are passed over.
fn unnumbered(all: &[ByteBuf]) -> Result<Vec<Unnumbered>, OpenFault> {
    if all.len() > UNNUMBERED_MAX {
        return Err(malformed(format!("it has more than {UNNUMBERED_MAX} unnumbered messages")));
    }
    let mut known = Vec::new();
    for bytes in all {
        let broken = |fault| malformed(format!("an unnumbered message can't be read: {fault}"));
        guard::whole(bytes).map_err(broken)?;
        let mut rest = bytes.as_slice();
        guard::map(&mut rest).map_err(broken)?;
        if ["ping", "pong", "refusal", "restart", "renewal", "revoked"]
            .contains(&guard::text(&mut rest).map_err(broken)?)
        {
            known.push(message::read(bytes)?);
        }
    }
    Ok(known)
}

fn malformed(what: String) -> OpenFault {
    OpenFault::Malformed(what)
}

fn partners(fault: CertificateFault) -> String {
    format!("the partner's key: {fault}")
}
