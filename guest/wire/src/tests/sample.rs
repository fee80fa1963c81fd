//! Two sides and a parcel between them.

use ferry_core::handshake::{Hello, INVITATION_FORMAT, Invitation, Keys, Secret};
use ferry_core::ids::{Alias, Chain, Digest, Epoch, PairId, SyncId, Timestamp};
use ferry_core::keys::Renewal;
use ferry_core::message::{
    Body, Change, Chunk, IssueBody, Item, Numbered, PROTOCOL, Parcel, Position, Reference, SharedComment, Unnumbered,
};
use ferry_core::model::{Markup, RichText};
use ferry_core::ports::{Sealing, Wire};
use ferry_core::scope::Side;
use ferry_core::shared::{Person, Shared};
use ferry_core::state::{ChannelKind, Profile};
use ferry_core::time::Time;

use crate::OpenPgp;

pub const NOW: Time = Time(1_767_225_600_000);
pub const PROFILES: [Profile; 4] = [Profile::Modern, Profile::PostQuantum, Profile::Gnupg, Profile::Off];

pub struct World {
    pub profile: Profile,
    pub primary: Keys,
    pub secondary: Keys,
}

impl World {
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            primary: OpenPgp.generate(profile, NOW, [1; 32]).unwrap(),
            secondary: OpenPgp.generate(profile, NOW, [2; 32]).unwrap(),
        }
    }

    pub fn to_secondary(&self) -> Sealing<'_> {
        Sealing { keys: &self.primary, partner: &self.secondary.certificate, profile: self.profile }
    }

    pub fn at_secondary(&self) -> Sealing<'_> {
        Sealing { keys: &self.secondary, partner: &self.primary.certificate, profile: self.profile }
    }

    pub fn parcel(&self, messages: &[Numbered]) -> Parcel {
        Parcel {
            sync: SyncId([7; 16]),
            sender: Side::Primary,
            from: OpenPgp.fingerprint(&self.primary.certificate).unwrap(),
            to: OpenPgp.fingerprint(&self.secondary.certificate).unwrap(),
            epoch: Epoch { counter: 1, nonce: [8; 16] },
            first: if messages.is_empty() { 0 } else { 41 },
            chain: Chain([9; 32]),
            messages: messages.iter().map(|message| OpenPgp.encode(message)).collect(),
            unnumbered: vec![Unnumbered::Ping { hello: Digest([5; 32]), nonce: [6; 16] }],
            position: Some(Position {
                counter: 12,
                epoch: Epoch { counter: 1, nonce: [8; 16] },
                ranges: vec![(1, 30), (32, 40)],
                chain: Chain([3; 32]),
                quarantined: vec![Digest([4; 32])],
            }),
            created: NOW,
            protocol: PROTOCOL,
        }
    }

    pub fn invitation(&self) -> Invitation {
        Invitation {
            format: INVITATION_FORMAT,
            sync: SyncId([7; 16]),
            name: "globex".to_owned(),
            description: "Defects of the pump".to_owned(),
            channel: ChannelKind::Folder,
            channel_hint: "the share on files.example".to_owned(),
            address: None,
            profile: self.profile,
            strict: false,
            certificate: self.primary.certificate.clone(),
            secret: Secret([11; 32]),
            epoch: Epoch { counter: 1, nonce: [8; 16] },
            created: NOW,
            expires: NOW.after_ms(7 * 86_400_000),
            again: false,
            protocol: PROTOCOL,
        }
    }

    /// The primary's next keys, and what says that they replace its present
    /// ones.
    pub fn renewal(&self) -> (Keys, Renewal) {
        let next = OpenPgp.generate(self.profile, NOW, [12; 32]).unwrap();
        let renewal = Renewal {
            sync: SyncId([7; 16]),
            side: Side::Primary,
            replaces: OpenPgp.fingerprint(&self.primary.certificate).unwrap(),
            certificate: next.certificate.clone(),
            created: NOW,
        };
        (next, renewal)
    }

    pub fn hello(&self) -> Hello {
        Hello {
            sync: SyncId([7; 16]),
            certificate: self.secondary.certificate.clone(),
            address: None,
            protocol: PROTOCOL,
            created: NOW,
        }
    }
}

pub fn person() -> Person {
    Person { name: "Ada".to_owned(), email: Some("ada@example.org".to_owned()) }
}

pub fn rich(source: &str) -> RichText {
    RichText { markup: Markup::Markdown, source: source.to_owned() }
}

pub fn change() -> Change {
    let fields = [("summary", Shared::Text("Pump leaks".to_owned())), ("details", Shared::Rich(rich("*Much*")))];
    Change {
        pair: PairId([1; 16]),
        origin: Side::Primary,
        configuration: 2,
        base: 3,
        fields: fields.into_iter().map(|(alias, value)| (Alias::from(alias), value)).collect(),
        items: vec![Item::Comment(SharedComment {
            id: "c1".into(),
            author: person(),
            created: Timestamp::from("2026-01-01T00:00:00Z"),
            body: rich("Seen **here** too"),
        })],
        all_items: false,
        seen: NOW,
    }
}

pub fn issue() -> Numbered {
    let reference = Reference { key: "ACME-12".to_owned(), url: None };
    Numbered { after: 40, body: Body::Issue(IssueBody { reference, change: change() }) }
}

pub fn chunk(bytes: Vec<u8>) -> Numbered {
    Numbered {
        after: 0,
        body: Body::Chunk(Chunk { digest: Digest([2; 32]), offset: 0, total: bytes.len() as u64, bytes }),
    }
}

/// Bytes that don't shrink.
pub fn noise(length: usize) -> Vec<u8> {
    use rand_core::{RngCore, SeedableRng};
    let mut bytes = vec![0; length];
    rand_chacha::ChaCha20Rng::from_seed([77; 32]).fill_bytes(&mut bytes);
    bytes
}
