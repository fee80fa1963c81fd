//! A wire without cryptography, for worlds where only the engine is on trial:
//! a digest shows alterations, names stand for keys.

use ferry_core::digest;
use ferry_core::handshake::{Hello, Invitation, Keys, Secret};
use ferry_core::ids::{Chain, Digest, Epoch, Fingerprint, SyncId};
use ferry_core::keys::{Renewal, Validity, survives_expiry};
use ferry_core::message::{Body, Kind, Numbered, Parcel, Position, Unnumbered};
use ferry_core::ports::{InvitationFault, OpenFault, Opened, Sealing, Wire};
use ferry_core::scope::Side;
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_bytes::ByteBuf;

/// Seals nothing: whoever looks can read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainWire;

/// How long keys are valid, in milliseconds: two years.
const VALID_MS: u64 = 2 * 365 * 86_400_000;

#[derive(Serialize, Deserialize)]
struct Frame {
    signer: Certificate,
    recipient: Certificate,
    sync: SyncId,
    sender: Side,
    from: Fingerprint,
    to: Fingerprint,
    epoch: Epoch,
    first: u64,
    chain: Chain,
    messages: Vec<ByteBuf>,
    unnumbered: Vec<Unnumbered>,
    position: Option<Position>,
    created: Time,
    protocol: (u16, u16),
}

impl PlainWire {
    /// A parcel as a stranger would make it from one that was seen.
    pub fn forge(parcel: &[u8]) -> Option<Vec<u8>> {
        let mut frame: Frame = unpacked(opened(b"parcel", parcel)?).ok()?;
        frame.signer = Certificate(b"a stranger".to_vec());
        Some(closed(b"parcel", &packed(&frame)))
    }

    /// What a parcel says, to who looks at it on the channel.
    pub fn peek(parcel: &[u8]) -> Option<Parcel> {
        let frame: Frame = unpacked(opened(b"parcel", parcel)?).ok()?;
        Some(frame.into_parcel())
    }
}

impl Frame {
    fn into_parcel(self) -> Parcel {
        Parcel {
            sync: self.sync,
            sender: self.sender,
            from: self.from,
            to: self.to,
            epoch: self.epoch,
            first: self.first,
            chain: self.chain,
            messages: self.messages.into_iter().map(ByteBuf::into_vec).collect(),
            unnumbered: self.unnumbered,
            position: self.position,
            created: self.created,
            protocol: self.protocol,
        }
    }
}

impl Wire for PlainWire {
    fn generate(&self, _: Profile, now: Time, seed: [u8; 32]) -> Result<Keys, String> {
        let certificate = digest::of_parts(&[b"certificate", &seed]);
        let certificate = Certificate([&certificate.0[..], &now.0.to_be_bytes()].concat());
        Ok(Keys { secret: seed.to_vec(), certificate })
    }

    fn fingerprint(&self, certificate: &Certificate) -> Result<Fingerprint, String> {
        Ok(Fingerprint(digest::of(&certificate.0).0))
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
        let (kind, body) = match &message.body {
            Body::Configuration(body) => ("configuration", packed(body)),
            Body::Adopted(body) => ("adopted", packed(body)),
            Body::Switched(body) => ("switched", packed(body)),
            Body::Issue(body) => ("issue", packed(body)),
            Body::Change(body) => ("change", packed(body)),
            Body::Gone(body) => ("gone", packed(body)),
            Body::Chunk(body) => ("chunk", packed(body)),
            Body::Outcomes(body) => ("outcomes", packed(body)),
            Body::Control(body) => ("control", packed(body)),
            Body::Standing(body) => ("standing", packed(body)),
            Body::Standings(body) => ("standings", packed(body)),
            Body::Unknown(kind) => (kind.as_str(), Vec::new()),
        };
        packed(&(kind, message.after, ByteBuf::from(body)))
    }

    fn decode(&self, bytes: &[u8]) -> Result<Numbered, OpenFault> {
        let (kind, after, body): (String, u64, ByteBuf) = unpacked(bytes)?;
        let body = match kind.as_str() {
            "configuration" => Body::Configuration(unpacked(&body)?),
            "adopted" => Body::Adopted(unpacked(&body)?),
            "switched" => Body::Switched(unpacked(&body)?),
            "issue" => Body::Issue(unpacked(&body)?),
            "change" => Body::Change(unpacked(&body)?),
            "gone" => Body::Gone(unpacked(&body)?),
            "chunk" => Body::Chunk(unpacked(&body)?),
            "outcomes" => Body::Outcomes(unpacked(&body)?),
            "control" => Body::Control(unpacked(&body)?),
            "standing" => Body::Standing(unpacked(&body)?),
            "standings" => Body::Standings(unpacked(&body)?),
            _ => Body::Unknown(kind),
        };
        Ok(Numbered { after, body })
    }

    fn kind(&self, bytes: &[u8]) -> Result<Kind, OpenFault> {
        self.decode(bytes).map(|message| message.body.kind())
    }

    fn seal(&self, with: Sealing<'_>, parcel: &Parcel, _: Time, _: [u8; 32]) -> Result<Vec<u8>, String> {
        let frame = Frame {
            signer: with.keys.certificate.clone(),
            recipient: with.partner.clone(),
            sync: parcel.sync,
            sender: parcel.sender,
            from: parcel.from,
            to: parcel.to,
            epoch: parcel.epoch,
            first: parcel.first,
            chain: parcel.chain,
            messages: parcel.messages.iter().cloned().map(ByteBuf::from).collect(),
            unnumbered: parcel.unnumbered.clone(),
            position: parcel.position.clone(),
            created: parcel.created,
            protocol: parcel.protocol,
        };
        Ok(closed(b"parcel", &packed(&frame)))
    }

    fn open(&self, with: Sealing<'_>, sealed: &[u8], _: Time) -> Result<Opened, OpenFault> {
        let body = opened(b"parcel", sealed).ok_or(OpenFault::Undecryptable)?;
        let frame: Frame = unpacked(body)?;
        if frame.recipient != with.keys.certificate {
            return Err(OpenFault::Undecryptable);
        }
        if frame.signer != *with.partner {
            return Err(OpenFault::Signature("not by the partner".to_owned()));
        }
        let parcel = frame.into_parcel();
        let digests = parcel.messages.iter().map(|message| digest::of(message)).collect::<Vec<Digest>>();
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
        passphrase: Option<&str>,
        _: Time,
        _: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        let lock = passphrase.map(|words| digest::of(words.as_bytes()));
        Ok(closed(b"invitation", &packed(&(lock, ByteBuf::from(packed(invitation))))))
    }

    fn read_invitation(&self, file: &[u8], passphrase: Option<&str>, _: Time) -> Result<Invitation, InvitationFault> {
        let malformed = |reason: String| InvitationFault::Malformed(reason);
        let body = opened(b"invitation", file).ok_or_else(|| malformed("its digest is wrong".to_owned()))?;
        let (lock, invitation): (Option<Digest>, ByteBuf) =
            unpacked(body).map_err(|fault| malformed(fault.to_string()))?;
        match (lock, passphrase.map(|words| digest::of(words.as_bytes()))) {
            (Some(_), None) => Err(InvitationFault::PassphraseNeeded),
            (Some(lock), Some(key)) if lock != key => Err(InvitationFault::PassphraseWrong),
            _ => unpacked(&invitation).map_err(|fault| malformed(fault.to_string())),
        }
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

/// The body, led by a digest that only a holder of the key can make.
fn closed(key: &[u8], body: &[u8]) -> Vec<u8> {
    [&digest::of_parts(&[key, body]).0, body].concat()
}

fn opened<'a>(key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (seal, body) = sealed.split_at_checked(32)?;
    (digest::of_parts(&[key, body]).0 == seal).then_some(body)
}

fn packed(value: &impl Serialize) -> Vec<u8> {
    rmp_serde::to_vec_named(value).expect("plain data can be written")
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, OpenFault> {
    rmp_serde::from_slice(bytes).map_err(|error| OpenFault::Malformed(error.to_string()))
}
