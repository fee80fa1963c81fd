//! A wire without cryptography: a digest shows alterations, a name stands for
//! a key.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;

use crate::digest::{of, of_parts};
use crate::handshake::{Hello, Invitation, Keys, Secret};
use crate::ids::{Chain, Epoch, Fingerprint, SyncId};
use crate::keys::{Renewal, Validity, survives_expiry};
use crate::message::{Body, Chunk, Control, Kind, Numbered, Parcel, Position, Unnumbered};
use crate::ports::{InvitationFault, OpenFault, Opened, Sealing, Wire};
use crate::scope::Side;
use crate::state::{Certificate, Profile};
use crate::time::Time;

pub(crate) struct PlainWire;

/// How long keys are valid, in milliseconds: two years.
pub(crate) const VALID_MS: u64 = 2 * 365 * 86_400_000;

#[derive(Serialize, Deserialize)]
struct Frame {
    by: Certificate,
    to: Certificate,
    seed: [u8; 32],
    ids: (SyncId, Side, Fingerprint, Fingerprint, Epoch),
    first: u64,
    chain: Chain,
    messages: Vec<ByteBuf>,
    unnumbered: Vec<Unnumbered>,
    position: Option<Position>,
    created: Time,
    protocol: (u16, u16),
}

#[derive(Serialize, Deserialize)]
enum Plain {
    Word(String),
    Piece(Chunk),
    Control(Control),
}

impl Wire for PlainWire {
    fn generate(&self, _: Profile, now: Time, seed: [u8; 32]) -> Result<Keys, String> {
        Ok(Keys { secret: seed.to_vec(), certificate: Certificate([&of(&seed).0[..], &now.0.to_be_bytes()].concat()) })
    }

    fn fingerprint(&self, certificate: &Certificate) -> Result<Fingerprint, String> {
        Ok(Fingerprint(of(&certificate.0).0))
    }

    fn validity(&self, certificate: &Certificate) -> Result<Validity, String> {
        let created = certificate.0.last_chunk().map_or(Time(0), |bytes| Time(u64::from_be_bytes(*bytes)));
        Ok(Validity { created, expires: created.after_ms(VALID_MS) })
    }

    fn write_renewal(
        &self,
        renewal: &Renewal,
        old: &Keys,
        new: &Keys,
        _: Time,
        _: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        Ok(closed(&old.certificate.0, &closed(&new.certificate.0, &packed(renewal))))
    }

    fn read_renewal(&self, bytes: &[u8], old: &Certificate, _: Time) -> Result<Renewal, OpenFault> {
        let wrong = || OpenFault::Signature("by somebody else".to_owned());
        let inner = opened(&old.0, bytes).ok_or_else(wrong)?;
        let renewal: Renewal = unpacked(inner.get(32..).ok_or_else(wrong)?)?;
        opened(&renewal.certificate.0, inner).ok_or_else(wrong)?;
        Ok(renewal)
    }

    fn armoured(&self, certificate: &Certificate) -> Result<String, String> {
        Ok(format!("{:?}", certificate.0))
    }

    fn armoured_secret(&self, keys: &Keys) -> Result<String, String> {
        Ok(format!("{:?}", keys.secret))
    }

    fn encode(&self, message: &Numbered) -> Vec<u8> {
        packed(&(
            message.after,
            match &message.body {
                Body::Chunk(chunk) => Plain::Piece(chunk.clone()),
                Body::Control(control) => Plain::Control(control.clone()),
                Body::Unknown(word) => Plain::Word(word.clone()),
                other => Plain::Word(format!("{other:?}")),
            },
        ))
    }

    fn decode(&self, bytes: &[u8]) -> Result<Numbered, OpenFault> {
        let (after, body) = unpacked(bytes)?;
        let body = match body {
            Plain::Piece(chunk) => Body::Chunk(chunk),
            Plain::Control(control) => Body::Control(control),
            Plain::Word(word) => Body::Unknown(word),
        };
        Ok(Numbered { after, body })
    }

    fn kind(&self, bytes: &[u8]) -> Result<Kind, OpenFault> {
        self.decode(bytes).map(|message| message.body.kind())
    }

    fn seal(&self, with: Sealing<'_>, parcel: &Parcel, _: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
        let messages = parcel.messages.iter().cloned().map(ByteBuf::from).collect();
        Ok(closed(
            b"parcel",
            &packed(&Frame {
                by: with.keys.certificate.clone(),
                to: with.partner.clone(),
                seed,
                ids: (parcel.sync, parcel.sender, parcel.from, parcel.to, parcel.epoch),
                first: parcel.first,
                chain: parcel.chain,
                messages,
                unnumbered: parcel.unnumbered.clone(),
                position: parcel.position.clone(),
                created: parcel.created,
                protocol: parcel.protocol,
            }),
        ))
    }

    fn open(&self, with: Sealing<'_>, sealed: &[u8], _: Time) -> Result<Opened, OpenFault> {
        let frame: Frame = unpacked(opened(b"parcel", sealed).ok_or(OpenFault::Undecryptable)?)?;
        if frame.to != with.keys.certificate {
            return Err(OpenFault::Undecryptable);
        }
        if frame.by != *with.partner {
            return Err(OpenFault::Signature("by somebody else".to_owned()));
        }
        let messages: Vec<Vec<u8>> = frame.messages.into_iter().map(ByteBuf::into_vec).collect();
        let digests = messages.iter().map(|message| of(message)).collect();
        let (sync, sender, from, to, epoch) = frame.ids;
        let Frame { first, chain, unnumbered, position, created, protocol, .. } = frame;
        let parcel =
            Parcel { sync, sender, from, to, epoch, first, chain, messages, unnumbered, position, created, protocol };
        let opened = Opened { parcel, digests };
        if opened.parcel.created < self.validity(with.partner).map_err(OpenFault::Signature)?.expires {
            return Ok(opened);
        }
        about_keys(opened)
    }

    fn write_invitation(
        &self,
        invitation: &Invitation,
        _: &Keys,
        _: Option<&str>,
        _: Time,
        _: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        Ok(closed(b"invitation", &packed(invitation)))
    }

    fn read_invitation(&self, file: &[u8], _: Option<&str>, _: Time) -> Result<Invitation, InvitationFault> {
        let malformed = || InvitationFault::Malformed("altered".to_owned());
        unpacked(opened(b"invitation", file).ok_or_else(malformed)?).map_err(|_| malformed())
    }

    fn seal_hello(
        &self,
        hello: &Hello,
        _: &Keys,
        _: &Certificate,
        secret: &Secret,
        _: Time,
        _: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        Ok(closed(&secret.0, &packed(hello)))
    }

    fn open_hello(&self, sealed: &[u8], _: &Keys, secret: &Secret, _: Time) -> Result<Hello, OpenFault> {
        unpacked(opened(&secret.0, sealed).ok_or(OpenFault::NotInvited)?)
    }
}

/// All that an expired key may say.
fn about_keys(mut opened: Opened) -> Result<Opened, OpenFault> {
    if !survives_expiry(&opened.parcel) {
        return Err(OpenFault::Signature("its key had expired".to_owned()));
    }
    opened.parcel.position = None;
    opened.parcel.unnumbered.retain(Unnumbered::is_about_keys);
    Ok(opened)
}

fn closed(key: &[u8], body: &[u8]) -> Vec<u8> {
    [&of_parts(&[key, body]).0, body].concat()
}

fn opened<'a>(key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (seal, body) = sealed.split_at_checked(32)?;
    (of_parts(&[key, body]).0 == seal).then_some(body)
}

fn packed(value: &impl Serialize) -> Vec<u8> {
    rmp_serde::to_vec_named(value).unwrap()
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, OpenFault> {
    rmp_serde::from_slice(bytes).map_err(|error| OpenFault::Malformed(error.to_string()))
}
