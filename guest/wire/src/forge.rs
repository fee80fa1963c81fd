//! What no honest side makes, properly signed and sealed: tests and fuzzers
//! bring it behind each step of opening. Behind the feature `forge`, which the
//! component is never built with.

use ferry_core::handshake::{Keys, Secret};
use ferry_core::limits::PAYLOAD_BYTES_MAX;
use ferry_core::message::Parcel;
use ferry_core::ports::{OpenFault, Sealing};
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::certificate::{Certified, Trust};
use crate::frame::{self, Content};
use crate::guard;
use crate::packets::{self, Dialect, tag};
use crate::signed::Signer;
use crate::{armor, hello, message, parcel, renewal, sealed};

/// Encrypts any bytes to the partner, as if they were a signed sequence; in
/// the profile `off` they are the parcel.
///
/// # Errors
/// A sentence where the keys don't serve.
pub fn seal(with: Sealing<'_>, inner: &[u8], seed: [u8; 32]) -> Result<Vec<u8>, String> {
    if with.profile == Profile::Off {
        return Ok(inner.to_vec());
    }
    let partner = Certified::pinned(with.partner, with.profile).map_err(|fault| fault.to_string())?;
    sealed::encrypt(&partner, inner, &mut ChaCha20Rng::from_seed(seed))
}

/// The signed sequence around any bytes, as if they were a frame.
///
/// # Errors
/// A sentence where the keys don't serve.
pub fn sign(with: Sealing<'_>, data: &[u8], now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    let partner = Certified::pinned(with.partner, with.profile).map_err(|fault| fault.to_string())?;
    signed(with.keys, Some(&partner), data, now, seed)
}

fn signed(
    keys: &Keys,
    recipient: Option<&Certified>,
    data: &[u8],
    now: Time,
    seed: [u8; 32],
) -> Result<Vec<u8>, String> {
    let mut inner = Vec::new();
    let recipient = recipient.map(|certified| &certified.fingerprint);
    Signer::read(keys, now)?.sign(&mut inner, recipient, &mut ChaCha20Rng::from_seed(seed), |out| {
        out.extend_from_slice(data);
        Ok(())
    })?;
    Ok(inner)
}

/// A frame around any bytes, as if they were a parcel's payload.
///
/// # Errors
/// A sentence where they are larger than a frame can say.
pub fn frame(payload: &[u8]) -> Result<Vec<u8>, String> {
    framed(Content::Parcel, payload)
}

fn framed(content: Content, payload: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    frame::write(&mut out, content, &[payload])?;
    Ok(out)
}

/// A parcel with any payload.
///
/// # Errors
/// As the steps that it is made of.
pub fn parcel(with: Sealing<'_>, payload: &[u8], now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    seal(with, &sign(with, &frame(payload)?, now, seed)?, seed)
}

/// The header record of a parcel, as an honest side writes it.
///
/// # Errors
/// A sentence where its numbers don't go together.
pub fn header(parcel: &Parcel) -> Result<Vec<u8>, String> {
    parcel::header_bytes(parcel)
}

/// Records as a payload has them: each led by its length.
pub fn records(records: &[&[u8]]) -> Vec<u8> {
    let mut payload = Vec::new();
    for record in records {
        payload.extend_from_slice(&u32::try_from(record.len()).unwrap_or(u32::MAX).to_be_bytes());
        payload.extend_from_slice(record);
    }
    payload
}

/// The payload of a frame, as a reader of parcels gets it.
///
/// # Errors
/// Why a reader refuses the frame.
pub fn unframed(frame: &[u8]) -> Result<Vec<u8>, OpenFault> {
    frame::read(frame, Content::Parcel, PAYLOAD_BYTES_MAX).map(std::borrow::Cow::into_owned)
}

/// The armoured part of a handshake file around any bytes.
pub fn armoured(bytes: &[u8]) -> Vec<u8> {
    armor::write("", bytes)
}

/// The bytes in a handshake file's armour; none where a reader finds none.
pub fn unarmoured(file: &[u8]) -> Option<Vec<u8>> {
    armor::read(file)
}

/// A handshake file with any payload, signed with these keys.
///
/// # Errors
/// As the steps that it is made of.
pub fn handshake(keys: &Keys, payload: &[u8], now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    Ok(armor::write("", &signed(keys, None, &framed(Content::Invitation, payload)?, now, seed)?))
}

/// A hello with any payload, signed with these keys, proven and sealed.
///
/// # Errors
/// As the steps that it is made of.
pub fn greeting(
    keys: &Keys,
    primary: &Certificate,
    secret: &Secret,
    payload: &[u8],
    now: Time,
    seed: [u8; 32],
) -> Result<Vec<u8>, String> {
    let primary = Certified::read(primary, Trust::Pinned).map_err(|fault| fault.to_string())?;
    let signed = signed(keys, Some(&primary), &framed(Content::Hello, payload)?, now, seed)?;
    hello::prove(&signed, &primary, secret, &mut ChaCha20Rng::from_seed(seed))
}

/// A renewal with any payload, signed by both keys.
///
/// # Errors
/// As the steps that it is made of.
pub fn renewal(old: &Keys, new: &Keys, payload: &[u8], now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    renewal::sign(payload.to_vec(), &[new, old], now, seed)
}

/// What the old key of a renewal signs around any bytes, as if the new one had
/// signed them.
///
/// # Errors
/// As the steps that it is made of.
pub fn renewing(old: &Keys, inner: &[u8], now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    renewal::sign(inner.to_vec(), &[old], now, seed)
}

/// Splits bytes into packets as each reader of them does: the outside, the
/// inside and a certificate, in both dialects. Answers how many succeed.
pub fn scan(bytes: &[u8]) -> usize {
    let mut read = usize::from(packets::strict(bytes, 7).is_ok());
    for dialect in [Dialect::Strict, Dialect::Gnupg] {
        read += usize::from(packets::split(bytes, [tag::PKESK, tag::SEIPD], dialect).is_ok());
        read += usize::from(packets::split(bytes, [tag::ONE_PASS, tag::LITERAL, tag::SIGNATURE], dialect).is_ok());
    }
    read
}

/// Whether bytes are one message within the protocol's bounds.
pub fn is_bounded(bytes: &[u8]) -> bool {
    guard::whole(bytes).is_ok() && message::check(bytes).is_ok()
}
