//! The wire, pure: messages and MessagePack, parcels and OpenPGP, handshake
//! files. `guest/PROTOCOL.md` specifies it to the byte.
//!
//! The rules that the shape rests on:
//!
//! - Nothing is parsed before its integrity and its signature hold. What the
//!   OpenPGP library gets to see first passed a scan of packet headers.
//! - What is read is what we write: one sequence of packets, one suite of
//!   algorithms a profile. Anything else is refused, with its reason.
//! - Every cost of reading is bounded before it arises.
//! - All randomness comes from a seed: the same arguments, the same bytes.
//!
//! In reading order: `message` (one numbered message), `parcel` (what lies
//! inside a seal), `frame` (compression and padding), `signed`, `sealed`;
//! `hello`, `invitation` and `renewal` beside them; `suite`, `keys`, `certificate`,
//! `binding` for keys; `packets` and `guard` are the two scans. `forge` makes
//! what no honest side makes; tests alone build it.
//!
//! Deliberately absent: transport, numbers and their order, I/O, clocks.

mod armor;
mod binding;
mod certificate;
#[cfg(feature = "forge")]
pub mod forge;
mod frame;
mod guard;
mod hello;
mod invitation;
mod keys;
mod message;
mod packets;
mod parcel;
mod renewal;
mod sealed;
mod signed;
mod suite;
#[cfg(test)]
mod tests;

use ferry_core::handshake::{Hello, Invitation, Keys, Secret};
use ferry_core::ids::Fingerprint;
use ferry_core::keys::{Renewal, Validity};
use ferry_core::message::{Kind, Numbered, Parcel};
use ferry_core::ports::{InvitationFault, OpenFault, Opened, Sealing, Wire};
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;
use pgp::types::Fingerprint as KeyFingerprint;

use crate::certificate::{Certified, Trust};

/// The wire as OpenPGP (RFC 9580) carries it.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenPgp;

impl Wire for OpenPgp {
    fn generate(&self, profile: Profile, now: Time, seed: [u8; 32]) -> Result<Keys, String> {
        keys::generate(profile, now, seed).map_err(|error| format!("the keys can't be made: {error}"))
    }

    fn fingerprint(&self, certificate: &Certificate) -> Result<Fingerprint, String> {
        let certified = Certified::read(certificate, Trust::Unknown).map_err(|fault| fault.to_string())?;
        Ok(padded(&certified.fingerprint))
    }

    fn validity(&self, certificate: &Certificate) -> Result<Validity, String> {
        let certified = Certified::read(certificate, Trust::Pinned).map_err(|fault| fault.to_string())?;
        let [created, expires] =
            [certified.created, certified.expires].map(|seconds| Time(seconds.saturating_mul(1000)));
        Ok(Validity { created, expires })
    }

    fn write_renewal(
        &self,
        renewal: &Renewal,
        old: &Keys,
        new: &Keys,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        renewal::write(renewal, old, new, now, seed)
    }

    fn read_renewal(&self, bytes: &[u8], old: &Certificate, now: Time) -> Result<Renewal, OpenFault> {
        renewal::read(bytes, old, now)
    }

    fn armoured(&self, certificate: &Certificate) -> Result<String, String> {
        renewal::armoured(certificate)
    }

    fn armoured_secret(&self, keys: &Keys) -> Result<String, String> {
        renewal::armoured_secret(keys)
    }

    fn encode(&self, message: &Numbered) -> Vec<u8> {
        message::encode(message)
    }

    fn decode(&self, bytes: &[u8]) -> Result<Numbered, OpenFault> {
        message::decode(bytes)
    }

    fn kind(&self, bytes: &[u8]) -> Result<Kind, OpenFault> {
        message::kind(bytes)
    }

    fn seal(&self, with: Sealing<'_>, parcel: &Parcel, now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
        parcel::seal(with, parcel, now, seed)
    }

    fn open(&self, with: Sealing<'_>, sealed: &[u8], now: Time) -> Result<Opened, OpenFault> {
        parcel::open(with, sealed, now)
    }

    fn write_invitation(
        &self,
        invitation: &Invitation,
        keys: &Keys,
        passphrase: Option<&str>,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        invitation::write(invitation, keys, passphrase, now, seed)
    }

    fn read_invitation(&self, file: &[u8], passphrase: Option<&str>, now: Time) -> Result<Invitation, InvitationFault> {
        invitation::read(file, passphrase, now)
    }

    fn seal_hello(
        &self,
        hello: &Hello,
        keys: &Keys,
        primary: &Certificate,
        secret: &Secret,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        hello::seal(hello, keys, primary, secret, now, seed)
    }

    fn open_hello(&self, sealed: &[u8], keys: &Keys, secret: &Secret, now: Time) -> Result<Hello, OpenFault> {
        hello::open(sealed, keys, secret, now)
    }
}

/// A fingerprint in 32 bytes: version 4 ones have 20 and are filled up with
/// zeros.
fn padded(fingerprint: &KeyFingerprint) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(fingerprint.as_bytes()).for_each(|(place, byte)| *place = *byte);
    Fingerprint(bytes)
}
