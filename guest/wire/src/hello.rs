//! The secondary's first word: signed, proven by a keyed digest over all of
//! that, encrypted to the primary in every profile.

use ferry_core::handshake::{Hello, Keys, Secret};
use ferry_core::limits::HELLO_BYTES_MAX;
use ferry_core::ports::OpenFault;
use ferry_core::state::Certificate;
use ferry_core::time::Time;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::Sha256;

use crate::certificate::{CertificateFault, Certified, Trust};
use crate::frame::{self, Content};
use crate::guard;
use crate::message;
use crate::packets::{self, Dialect, split, tag};
use crate::parcel::versioned;
use crate::sealed;
use crate::signed::{Expected, LITERAL, Signer, Unverified};

/// What the key of the keyed digest is derived for (RFC 5869).
const PURPOSE: &[u8] = b"ferry hello 1";

/// The octets of the keyed digest.
const PROOF_BYTES: usize = 32;

/// Signs, proves and encrypts.
pub fn seal(
    hello: &Hello,
    keys: &Keys,
    primary: &Certificate,
    secret: &Secret,
    now: Time,
    seed: [u8; 32],
) -> Result<Vec<u8>, String> {
    let mut random = ChaCha20Rng::from_seed(seed);
    let primary = Certified::read(primary, Trust::Pinned).map_err(|fault| fault.to_string())?;
    primary.valid(now).map_err(|fault| fault.to_string())?;
    let signer = Signer::read(keys, now)?;
    if signer.suite != primary.suite {
        return Err(CertificateFault::Profile.to_string());
    }
    let body = rmp_serde::to_vec_named(hello).map_err(|error| error.to_string())?;
    let mut signed = Vec::new();
    let recipient = Some(&primary.fingerprint);
    signer.sign(&mut signed, recipient, &mut random, |out| frame::write(out, Content::Hello, &[&body]))?;
    prove(&signed, &primary, secret, &mut random)
}

/// Puts the proof before a signed hello, and encrypts both.
pub fn prove(signed: &[u8], primary: &Certified, secret: &Secret, random: &mut ChaCha20Rng) -> Result<Vec<u8>, String> {
    let proof = keyed(secret)?.chain_update(signed).finalize().into_bytes();
    let length = LITERAL.len() + PROOF_BYTES + signed.len();
    let plain = [packets::header(tag::LITERAL, length).as_slice(), &LITERAL, &proof, signed].concat();
    sealed::encrypt(primary, &plain, random)
}

/// Decrypts, checks the proof before anything is parsed, then the signature by
/// the certificate in it.
pub fn open(sealed: &[u8], keys: &Keys, secret: &Secret, now: Time) -> Result<Hello, OpenFault> {
    let malformed = |what: &str| OpenFault::Malformed(what.to_owned());
    if sealed.len() > HELLO_BYTES_MAX {
        return Err(OpenFault::TooLarge(HELLO_BYTES_MAX as u64));
    }
    let ours = Certified::read(&keys.certificate, Trust::Pinned).map_err(fault)?;
    let plain = sealed::decrypt(keys, ours.suite, Dialect::Strict, sealed)?;
    let [literal] = split(&plain, [tag::LITERAL], Dialect::Strict).map_err(|_| malformed("it is not a hello"))?;
    let body = literal.strip_prefix(&LITERAL).ok_or_else(|| malformed("it is not a hello"))?;
    let (proof, signed) = body.split_at_checked(PROOF_BYTES).ok_or_else(|| malformed("it is not a hello"))?;
    keyed(secret)
        .map_err(OpenFault::Malformed)?
        .chain_update(signed)
        .verify_slice(proof)
        .map_err(|_| OpenFault::NotInvited)?;

    let unverified = Unverified::split(signed, Dialect::Strict)?;
    let payload = frame::read(unverified.data(), Content::Hello, HELLO_BYTES_MAX)?;
    guard::whole(&payload).map_err(|fault| OpenFault::Malformed(fault.to_string()))?;
    let hello: Hello = match message::read(&payload) {
        Ok(hello) => hello,
        Err(other) => return Err(versioned(&payload).err().unwrap_or(other)),
    };
    let theirs = Certified::read(&hello.certificate, Trust::Unknown).map_err(fault)?;
    if theirs.suite != ours.suite {
        return Err(fault(CertificateFault::Profile));
    }
    theirs.valid(now).map_err(fault)?;
    unverified.verify(&Expected { signer: &theirs, recipient: Some(&ours.fingerprint), now })?;
    Ok(hello)
}

/// The keyed digest under a key derived from the invitation's secret.
fn keyed(secret: &Secret) -> Result<Hmac<Sha256>, String> {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(None, &secret.0).expand(PURPOSE, &mut key).map_err(|error| error.to_string())?;
    Hmac::new_from_slice(&key).map_err(|error| error.to_string())
}

fn fault(fault: CertificateFault) -> OpenFault {
    OpenFault::Signature(fault.to_string())
}
