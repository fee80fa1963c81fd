//! A renewal: a new certificate, signed by its own key and around that by the
//! key that it replaces.

use std::io::Write;

use ferry_core::handshake::Keys;
use ferry_core::keys::Renewal;
use ferry_core::limits::RENEWAL_BYTES_MAX;
use ferry_core::ports::OpenFault;
use ferry_core::state::Certificate;
use ferry_core::time::Time;
use pgp::armor::{self, BlockType};
use pgp::ser::Serialize;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::certificate::{CertificateFault, Certified, Trust};
use crate::frame::{self, Content};
use crate::guard;
use crate::message;
use crate::packets::Dialect;
use crate::signed::{Expected, Signer, Unverified};
use crate::suite::Suite;

/// Signs by both.
pub fn write(renewal: &Renewal, old: &Keys, new: &Keys, now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    let body = rmp_serde::to_vec_named(renewal).map_err(|error| error.to_string())?;
    sign(body, &[new, old], now, seed)
}

/// A frame around any bytes, signed, for each of the keys: one in the other.
pub fn sign(body: Vec<u8>, keys: &[&Keys], now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
    let mut random = ChaCha20Rng::from_seed(seed);
    let mut signed = body;
    for keys in keys {
        let mut out = Vec::new();
        let signer = Signer::read(keys, now)?;
        signer.sign(&mut out, None, &mut random, |out| frame::write(out, Content::Renewal, &[&signed]))?;
        signed = out;
    }
    Ok(signed)
}

/// Checks the old key's signature before anything is parsed, then the new
/// certificate and its key's.
pub fn read(bytes: &[u8], old: &Certificate, now: Time) -> Result<Renewal, OpenFault> {
    let old = Certified::read(old, Trust::Pinned).map_err(fault)?;
    let outer = Unverified::split(bytes, Dialect::Strict)?;
    outer.verify_though_expired(&Expected { signer: &old, recipient: None, now })?;
    let inner = frame::read(outer.data(), Content::Renewal, RENEWAL_BYTES_MAX)?;
    let inner = Unverified::split(&inner, Dialect::Strict)?;
    let payload = frame::read(inner.data(), Content::Renewal, RENEWAL_BYTES_MAX)?;
    guard::whole(&payload).map_err(|fault| OpenFault::Malformed(fault.to_string()))?;
    let renewal: Renewal = message::read(&payload)?;
    let new = Certified::read(&renewal.certificate, Trust::Unknown).map_err(fault)?;
    if new.suite != old.suite {
        return Err(fault(CertificateFault::Profile));
    }
    new.valid(now).map_err(fault)?;
    inner.verify(&Expected { signer: &new, recipient: None, now })?;
    Ok(renewal)
}

/// A certificate in OpenPGP's armour.
pub fn armoured(certificate: &Certificate) -> Result<String, String> {
    armour(&certificate.0, certificate, BlockType::PublicKey)
}

/// Secret keys in OpenPGP's armour.
pub fn armoured_secret(keys: &Keys) -> Result<String, String> {
    armour(&keys.secret, &keys.certificate, BlockType::PrivateKey)
}

/// With a checksum where GnuPG 2.2 looks for one.
fn armour(bytes: &[u8], certificate: &Certificate, kind: BlockType) -> Result<String, String> {
    let suite = Certified::read(certificate, Trust::Pinned).map_err(|fault| fault.to_string())?.suite;
    let mut text = Vec::new();
    armor::write(&Packets(bytes), kind, &mut text, None, suite == Suite::Gnupg).map_err(|error| error.to_string())?;
    String::from_utf8(text).map_err(|error| error.to_string())
}

/// Packets that were written before.
struct Packets<'a>(&'a [u8]);

impl Serialize for Packets<'_> {
    fn to_writer<W: Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
        Ok(writer.write_all(self.0)?)
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}

fn fault(fault: CertificateFault) -> OpenFault {
    OpenFault::Signature(fault.to_string())
}
