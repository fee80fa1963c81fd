//! The encrypted outside: one session key for one recipient, one protected
//! container, end.

use std::io::Read;

use ferry_core::handshake::Keys;
use ferry_core::ports::OpenFault;
use pgp::composed::{PlainSessionKey, RawSessionKey};
use pgp::packet::{PacketTrait, PublicKeyEncryptedSessionKey, StreamDecryptor, SymEncryptedProtectedData};
use pgp::ser::Serialize;
use pgp::types::{DecryptionKey, EskType, Fingerprint, KeyDetails, Password, PkeskBytes, Seipdv1ReadMode, Tag};
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;

use crate::certificate::{Certified, header};
use crate::keys;
use crate::packets::{self, Dialect, split, tag};
use crate::suite::{AEAD, CHUNK, CIPHER, CIPHER_KEY_BYTES, Suite};

/// The largest PKESK packet, in bytes; post-quantum ones weigh 1.2 kB.
const PKESK_BYTES_MAX: usize = 2048;

/// The octets of an AEAD tag.
const TAG_BYTES: usize = 16;

/// What stands before the chunks of SEIPD version 2: version, cipher, mode,
/// chunk size, salt (RFC 9580 section 5.13.2).
pub const V2_HEAD_BYTES: usize = 36;

/// Encrypts to one recipient.
pub fn encrypt(recipient: &Certified, plain: &[u8], random: &mut ChaCha20Rng) -> Result<Vec<u8>, String> {
    let mut key = vec![0; CIPHER_KEY_BYTES];
    random.fill_bytes(&mut key);
    let key = RawSessionKey::from(key);
    let mut out = Vec::with_capacity(plain.len() + plain.len() / 1024 + PKESK_BYTES_MAX + 512);
    encrypt_key(recipient, &key, random, &mut out).map_err(refused)?;
    match recipient.suite {
        Suite::Gnupg => version_1(&key, plain, random, &mut out)?,
        Suite::Modern | Suite::PostQuantum => version_2(&key, plain, random, &mut out)?,
    }
    Ok(out)
}

fn encrypt_key(
    recipient: &Certified,
    key: &RawSessionKey,
    random: &mut ChaCha20Rng,
    out: &mut Vec<u8>,
) -> pgp::errors::Result<()> {
    match recipient.suite {
        Suite::Gnupg => PublicKeyEncryptedSessionKey::from_session_key_v3(random, key, CIPHER, &recipient.encryption)?
            .to_writer_with_header(out),
        Suite::Modern | Suite::PostQuantum => {
            PublicKeyEncryptedSessionKey::from_session_key_v6(random, key, &recipient.encryption)?
                .to_writer_with_header(out)
        }
    }
}

/// Appends SEIPD version 1 (RFC 9580 section 5.13.1).
fn version_1(key: &RawSessionKey, plain: &[u8], random: &mut ChaCha20Rng, out: &mut Vec<u8>) -> Result<(), String> {
    let length = 1 + CIPHER.encrypted_protected_len(plain.len());
    out.extend_from_slice(&packets::header(tag::SEIPD, length));
    out.push(1);
    let mut stream = CIPHER.stream_encryptor(random, key.as_ref(), plain).map_err(refused)?;
    stream.read_to_end(out).map(|_| ()).map_err(refused)
}

/// Appends SEIPD version 2 (RFC 9580 section 5.13.2).
pub fn version_2(key: &RawSessionKey, plain: &[u8], random: &mut ChaCha20Rng, out: &mut Vec<u8>) -> Result<(), String> {
    let mut salt = [0; 32];
    random.fill_bytes(&mut salt);
    let chunks = plain.len().div_ceil(CHUNK.as_byte_size() as usize);
    let length = V2_HEAD_BYTES + plain.len() + TAG_BYTES * (chunks + 1);
    out.extend_from_slice(&packets::header(tag::SEIPD, length));
    out.extend_from_slice(&[2, CIPHER.into(), AEAD.into(), CHUNK.into()]);
    out.extend_from_slice(&salt);
    let mut stream = SymEncryptedProtectedData::encrypt_seipdv2_stream(CIPHER, AEAD, CHUNK, key.as_ref(), salt, plain)
        .map_err(refused)?;
    stream.read_to_end(out).map(|_| ()).map_err(refused)
}

/// Decrypts what was encrypted to us and nobody else: all of it, before
/// anybody looks at it.
pub fn decrypt(keys: &Keys, suite: Suite, dialect: Dialect, bytes: &[u8]) -> Result<Vec<u8>, OpenFault> {
    let [pkesk, seipd] =
        split(bytes, [tag::PKESK, tag::SEIPD], dialect).map_err(|fault| OpenFault::Malformed(fault.to_string()))?;
    let malformed = |what: &str| OpenFault::Malformed(what.to_owned());
    if pkesk.len() > PKESK_BYTES_MAX {
        return Err(malformed("its session key packet is too large"));
    }
    let ours = keys::encryption(keys).map_err(OpenFault::Malformed)?;
    let key = recipient(&pkesk, suite, &ours)?;
    let values = session_key(&pkesk).ok_or_else(|| malformed("its session key can't be read"))?;
    let session = ours.decrypt(&Password::empty(), &values, key).ok().and_then(Result::ok);
    match (suite, &session) {
        (Suite::Gnupg, Some(PlainSessionKey::V3_4 { sym_alg, key })) if *sym_alg == CIPHER => {
            open_version_1(key, &seipd)
        }
        (Suite::Modern | Suite::PostQuantum, Some(PlainSessionKey::V6 { key })) => open_version_2(key, &seipd),
        _ => Err(OpenFault::Undecryptable),
    }
}

/// Refuses a session key of another version or algorithm, or for another key,
/// by its first bytes (RFC 9580 sections 5.1.1 and 5.1.2).
fn recipient(pkesk: &[u8], suite: Suite, ours: &impl KeyDetails) -> Result<EskType, OpenFault> {
    let mut rest = pkesk;
    let mut wanted = Vec::with_capacity(40);
    let kind = match (suite, ours.fingerprint()) {
        (Suite::Gnupg, _) => {
            wanted.push(3);
            wanted.extend_from_slice(ours.legacy_key_id().as_ref());
            EskType::V3_4
        }
        (Suite::Modern | Suite::PostQuantum, Fingerprint::V6(fingerprint)) => {
            wanted.extend_from_slice(&[6, 33, 6]);
            wanted.extend_from_slice(&fingerprint);
            EskType::V6
        }
        _ => return Err(OpenFault::Undecryptable),
    };
    let head = packets::take(&mut rest, wanted.len()).map_err(|fault| OpenFault::Malformed(fault.to_string()))?;
    if head.first() != wanted.first() || rest.first() != Some(&u8::from(suite.encryption())) {
        return Err(OpenFault::Malformed("it is not encrypted in the agreed way".to_owned()));
    }
    if head == wanted { Ok(kind) } else { Err(OpenFault::Undecryptable) }
}

/// The encrypted session key. Of the encodings that mean the same only the
/// shortest is read, and of Curve25519Legacy's points neither another prefix
/// nor the bit that the curve ignores: none of it is covered by anything.
fn session_key(pkesk: &[u8]) -> Option<PkeskBytes> {
    let header = header(Tag::PublicKeyEncryptedSessionKey, pkesk);
    let packet = PublicKeyEncryptedSessionKey::try_from_reader(header, pkesk).ok()?;
    let canonical = packet.to_bytes().ok()? == pkesk;
    let values = packet.values().ok()?.clone();
    let ignored = match &values {
        PkeskBytes::Ecdh { public_point, .. } => !matches!(public_point.as_ref(), [0x40, .., 0..=0x7f]),
        _ => false,
    };
    (canonical && !ignored).then_some(values)
}

fn open_version_1(key: &RawSessionKey, seipd: &[u8]) -> Result<Vec<u8>, OpenFault> {
    let Some((1, data)) = seipd.split_first() else {
        return Err(OpenFault::Malformed("it is not encrypted in the agreed way".to_owned()));
    };
    let mode = Seipdv1ReadMode::CheckFirst { max_message_size: data.len() };
    let stream = StreamDecryptor::v1(CIPHER, mode, key.as_ref(), data).map_err(|_| OpenFault::Undecryptable)?;
    drain(stream, data.len())
}

/// Opens SEIPD version 2 as we write it.
pub fn open_version_2(key: &RawSessionKey, seipd: &[u8]) -> Result<Vec<u8>, OpenFault> {
    let wanted = [2, CIPHER.into(), AEAD.into(), CHUNK.into()];
    let (head, rest) = seipd.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let (salt, data) = rest.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
    if *head != wanted || key.len() != CIPHER_KEY_BYTES || data.len() < TAG_BYTES {
        return Err(OpenFault::Malformed("it is not encrypted in the agreed way".to_owned()));
    }
    let stream =
        StreamDecryptor::v2(CIPHER, AEAD, CHUNK, salt, key.as_ref(), data).map_err(|_| OpenFault::Undecryptable)?;
    drain(stream, data.len())
}

/// All of the plaintext, once its last tag is checked; it is never longer than
/// what was encrypted.
fn drain(mut stream: impl Read, length: usize) -> Result<Vec<u8>, OpenFault> {
    let mut plain = Vec::with_capacity(length);
    stream.read_to_end(&mut plain).map_err(|_| OpenFault::Undecryptable)?;
    Ok(plain)
}

fn refused(error: impl std::fmt::Display) -> String {
    format!("the parcel can't be encrypted: {error}")
}
