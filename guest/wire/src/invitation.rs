//! The handshake file: an invitation, signed by the certificate in it, and
//! encrypted with a passphrase where there is one.

use ferry_core::handshake::{INVITATION_FORMAT, Invitation, Keys};
use ferry_core::ids::Fingerprint;
use ferry_core::limits::INVITATION_BYTES_MAX;
use ferry_core::message::PROTOCOL;
use ferry_core::ports::{InvitationFault, OpenFault};
use ferry_core::time::Time;
use pgp::composed::{PlainSessionKey, RawSessionKey};
use pgp::packet::{PacketTrait, SymKeyEncryptedSessionKey};
use pgp::types::{Password, StringToKey, Tag};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use serde::Deserialize;

use crate::armor;
use crate::certificate::{CertificateFault, Certified, Trust, header};
use crate::frame::{self, Content};
use crate::guard;
use crate::message;
use crate::packets::{self, Dialect, split, tag};
use crate::padded;
use crate::sealed;
use crate::signed::{Expected, Signer, Unverified};
use crate::suite::{AEAD, CIPHER, CIPHER_KEY_BYTES, Suite};

/// Argon2id (RFC 9580 section 3.7.1.4): passes, lanes, and the exponent of its
/// memory in KiB: 32 MiB, which an engine with a memory limit can afford.
const PASSES: u8 = 4;
const LANES: u8 = 1;
const MEMORY_EXPONENT: u8 = 15;

/// The session key packet as we write it up to the salt: version, count, the
/// cipher and the mode, count, Argon2 (RFC 9580 section 5.3.2).
const SKESK_HEAD: [u8; 6] = [6, 35, 9, 3, 20, 4];
/// Where Argon2's parameters lie in it, after 16 bytes of salt.
const PARAMETERS_AT: usize = 22;
/// Its length: the head, salt and parameters, nonce, key and tag.
const SKESK_BYTES: usize = 25 + 12 + 32 + 16;

/// What an invitation says in every version.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
    protocol: (u16, u16),
}

/// Writes a handshake file.
pub fn write(
    invitation: &Invitation,
    keys: &Keys,
    passphrase: Option<&str>,
    now: Time,
    seed: [u8; 32],
) -> Result<Vec<u8>, String> {
    let mut random = ChaCha20Rng::from_seed(seed);
    let certified = Certified::read(&invitation.certificate, Trust::Pinned).map_err(|fault| fault.to_string())?;
    let signer = Signer::read(keys, now)?;
    let body = rmp_serde::to_vec_named(invitation).map_err(|error| error.to_string())?;
    let mut signed = Vec::new();
    signer.sign(&mut signed, None, &mut random, |out| frame::write(out, Content::Invitation, &[&body]))?;
    let bytes = match passphrase {
        None => signed,
        Some(passphrase) => protect(&signed, passphrase, &mut random)?,
    };
    let fingerprint: Fingerprint = padded(&certified.fingerprint);
    let file = armor::write(&armor::preamble(invitation, &fingerprint, passphrase.is_some()), &bytes);
    if file.len() > INVITATION_BYTES_MAX {
        return Err(format!("the handshake file has {} bytes; {INVITATION_BYTES_MAX} are allowed", file.len()));
    }
    Ok(file)
}

/// Reads a handshake file and checks its signature.
pub fn read(file: &[u8], passphrase: Option<&str>, now: Time) -> Result<Invitation, InvitationFault> {
    let malformed = |what: &str| InvitationFault::Malformed(what.to_owned());
    if file.len() > INVITATION_BYTES_MAX {
        return Err(InvitationFault::Malformed(format!("it has more than {INVITATION_BYTES_MAX} bytes")));
    }
    let bytes = armor::read(file).ok_or_else(|| malformed("its armoured part is missing, cut or damaged"))?;
    let opened;
    let signed = match (packets::first(&bytes), passphrase) {
        (Some(tag::SKESK), None) => return Err(InvitationFault::PassphraseNeeded),
        (Some(tag::SKESK), Some(passphrase)) => {
            opened = unprotect(&bytes, passphrase)?;
            opened.as_slice()
        }
        _ => bytes.as_slice(),
    };
    let unverified = Unverified::split(signed, Dialect::Strict).map_err(framed)?;
    let payload = frame::read(unverified.data(), Content::Invitation, INVITATION_BYTES_MAX).map_err(framed)?;
    guard::whole(&payload).map_err(|fault| InvitationFault::Malformed(fault.to_string()))?;
    let versioned: Versioned = message::read(&payload).map_err(framed)?;
    let (major, minor) = versioned.protocol;
    if major > PROTOCOL.0 || versioned.format > INVITATION_FORMAT {
        return Err(InvitationFault::NewerVersion(format!("{major}.{minor}")));
    }
    let invitation: Invitation = message::read(&payload).map_err(framed)?;
    let signature = |fault: CertificateFault| InvitationFault::Signature(fault.to_string());
    let certified = Certified::read(&invitation.certificate, Trust::Unknown).map_err(signature)?;
    if certified.suite != Suite::of(invitation.profile) {
        return Err(signature(CertificateFault::Profile));
    }
    certified.valid(now).map_err(signature)?;
    unverified.verify(&Expected { signer: &certified, recipient: None, now }).map_err(framed)?;
    Ok(invitation)
}

/// Encrypts with a passphrase: SKESK version 6, SEIPD version 2.
fn protect(signed: &[u8], passphrase: &str, random: &mut ChaCha20Rng) -> Result<Vec<u8>, String> {
    let refused = |error: pgp::errors::Error| format!("the handshake file can't be encrypted: {error}");
    let mut key = vec![0; CIPHER_KEY_BYTES];
    random.fill_bytes(&mut key);
    let key = RawSessionKey::from(key);
    let derivation = StringToKey::new_argon2(&mut *random, PASSES, LANES, MEMORY_EXPONENT);
    let packet = SymKeyEncryptedSessionKey::encrypt_v6(
        &mut *random,
        &Password::from(passphrase),
        &key,
        derivation,
        CIPHER,
        AEAD,
    )
    .map_err(refused)?;
    let mut out = Vec::with_capacity(signed.len() + 512);
    packet.to_writer_with_header(&mut out).map_err(refused)?;
    sealed::version_2(&key, signed, random, &mut out)?;
    Ok(out)
}

/// Decrypts with a passphrase. The cost of deriving the key is exactly ours,
/// whatever the file asks for.
fn unprotect(bytes: &[u8], passphrase: &str) -> Result<Vec<u8>, InvitationFault> {
    let malformed = || InvitationFault::Malformed("it is not encrypted as the protocol has it".to_owned());
    let [skesk, seipd] = split(bytes, [tag::SKESK, tag::SEIPD], Dialect::Strict).map_err(|_| malformed())?;
    let parameters = skesk.get(PARAMETERS_AT..PARAMETERS_AT + 3);
    let ours = skesk.len() == SKESK_BYTES
        && skesk.starts_with(&SKESK_HEAD)
        && parameters == Some(&[PASSES, LANES, MEMORY_EXPONENT]);
    if !ours {
        return Err(malformed());
    }
    let packet =
        SymKeyEncryptedSessionKey::try_from_reader(header(Tag::SymKeyEncryptedSessionKey, &skesk), skesk.as_ref())
            .map_err(|_| malformed())?;
    let derivation = packet.s2k().ok_or_else(malformed)?;
    let key = derivation.derive_key(passphrase.as_bytes(), CIPHER_KEY_BYTES).map_err(|_| malformed())?;
    match &packet.decrypt(&key) {
        Ok(PlainSessionKey::V6 { key }) => sealed::open_version_2(key, &seipd).map_err(framed),
        _ => Err(InvitationFault::PassphraseWrong),
    }
}

fn framed(fault: OpenFault) -> InvitationFault {
    match fault {
        OpenFault::NewerVersion(version) => InvitationFault::NewerVersion(version),
        OpenFault::Signature(why) => InvitationFault::Signature(why),
        OpenFault::Undecryptable => InvitationFault::Malformed("it was altered".to_owned()),
        other => InvitationFault::Malformed(other.to_string()),
    }
}
