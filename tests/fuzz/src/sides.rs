//! Two sides with keys of every profile: always the same.

use std::sync::OnceLock;

use ferry_core::handshake::{Hello, INVITATION_FORMAT, Invitation, Keys, Secret};
use ferry_core::ids::{Alias, Chain, Digest, Epoch, PairId, SyncId, Timestamp};
use ferry_core::keys::Renewal;
use ferry_core::message::{
    Body, Change, Chunk, Control, Item, Numbered, Outcome, Outcomes, PROTOCOL, Parcel, Position, SharedComment,
    Unnumbered,
};
use ferry_core::model::{Markup, RichText};
use ferry_core::ports::{Sealing, Wire};
use ferry_core::scope::Side;
use ferry_core::shared::{Person, Shared};
use ferry_core::state::{ChannelKind, Profile};
use ferry_core::time::Time;
use ferry_wire::OpenPgp;

/// The time of everything here: 2026-01-01T00:00:00Z.
pub const NOW: Time = Time(1_767_225_600_000);
/// When the keys of both sides have expired: two years and a day later.
pub const LATE: Time = Time(NOW.0 + 731 * 86_400_000);
/// What all randomness comes from.
pub const SEED: [u8; 32] = [3; 32];
/// The secret of the invitation.
pub const SECRET: Secret = Secret([11; 32]);
/// The synchronization.
pub const SYNC: SyncId = SyncId([7; 16]);
/// Of all numbers.
pub const EPOCH: Epoch = Epoch { counter: 1, nonce: [8; 16] };

const PROFILES: [Profile; 4] = [Profile::Modern, Profile::Gnupg, Profile::Off, Profile::PostQuantum];

/// Two sides.
pub struct Sides {
    /// How they seal.
    pub profile: Profile,
    /// The primary's keys.
    pub primary: Keys,
    /// The secondary's keys.
    pub secondary: Keys,
    /// The primary's next keys, and those that it makes once its own have
    /// expired.
    next: Keys,
    late: Keys,
}

impl Sides {
    /// Those of a profile, by a number.
    pub fn of(number: usize) -> &'static Self {
        static ALL: [OnceLock<Sides>; 4] = [const { OnceLock::new() }; 4];
        let number = number % PROFILES.len();
        ALL[number].get_or_init(|| {
            let profile = PROFILES[number];
            let keys = |seed| OpenPgp.generate(profile, NOW, [seed; 32]).unwrap();
            let late = OpenPgp.generate(profile, LATE, [5; 32]).unwrap();
            Self { profile, primary: keys(1), secondary: keys(2), next: keys(4), late }
        })
    }

    /// What the primary seals with.
    pub fn to_secondary(&self) -> Sealing<'_> {
        Sealing { keys: &self.primary, partner: &self.secondary.certificate, profile: self.profile }
    }

    /// What the secondary opens with.
    pub fn at_secondary(&self) -> Sealing<'_> {
        Sealing { keys: &self.secondary, partner: &self.primary.certificate, profile: self.profile }
    }

    /// A parcel of the primary's, with some messages.
    pub fn parcel(&self) -> Parcel {
        Parcel {
            sync: SYNC,
            sender: Side::Primary,
            from: OpenPgp.fingerprint(&self.primary.certificate).unwrap(),
            to: OpenPgp.fingerprint(&self.secondary.certificate).unwrap(),
            epoch: EPOCH,
            first: 1,
            chain: Chain::START,
            messages: messages().iter().map(|message| OpenPgp.encode(message)).collect(),
            unnumbered: vec![Unnumbered::Ping { hello: Digest([5; 32]), nonce: [6; 16] }],
            position: Some(Position {
                counter: 12,
                epoch: EPOCH,
                ranges: vec![(1, 3), (5, 9)],
                chain: Chain([3; 32]),
                quarantined: vec![Digest([4; 32])],
            }),
            created: NOW,
            protocol: PROTOCOL,
        }
    }

    /// The invitation of the primary.
    pub fn invitation(&self) -> Invitation {
        Invitation {
            format: INVITATION_FORMAT,
            sync: SYNC,
            name: "globex".to_owned(),
            description: "Defects of the pump".to_owned(),
            channel: ChannelKind::Folder,
            channel_hint: "the share on files.example".to_owned(),
            address: Some("acme@a.test".to_owned()),
            again: false,
            profile: self.profile,
            strict: false,
            certificate: self.primary.certificate.clone(),
            secret: SECRET,
            epoch: EPOCH,
            created: NOW,
            expires: NOW.after_ms(7 * 86_400_000),
            protocol: PROTOCOL,
        }
    }

    /// The keys that the primary replaces its own with at a time.
    pub fn next(&self, now: Time) -> &Keys {
        if now == NOW { &self.next } else { &self.late }
    }

    /// With them.
    pub fn renewal(&self, now: Time) -> Renewal {
        Renewal {
            sync: SYNC,
            side: Side::Primary,
            replaces: OpenPgp.fingerprint(&self.primary.certificate).unwrap(),
            certificate: self.next(now).certificate.clone(),
            created: now,
        }
    }

    /// The hello of the secondary.
    pub fn hello(&self) -> Hello {
        let (certificate, address) = (self.secondary.certificate.clone(), Some("globex@b.test".to_owned()));
        Hello { sync: SYNC, certificate, address, protocol: PROTOCOL, created: NOW }
    }
}

/// A message of several kinds.
pub fn messages() -> Vec<Numbered> {
    let fields = [
        ("summary", Shared::Text("Pump leaks".to_owned())),
        ("details", Shared::Rich(rich("*Much*"))),
        ("labels", Shared::Labels(["wet".to_owned(), "pump".to_owned()].into())),
        ("owner", Shared::Person(person())),
    ];
    let comment = SharedComment {
        id: "c1".into(),
        author: person(),
        created: Timestamp::from("2026-01-01T00:00:00Z"),
        body: rich("Seen **here** too"),
    };
    let change = Change {
        pair: PairId([1; 16]),
        origin: Side::Primary,
        configuration: 2,
        base: 3,
        fields: fields.into_iter().map(|(alias, value)| (Alias::from(alias), value)).collect(),
        items: vec![Item::Comment(comment)],
        all_items: false,
        seen: NOW,
    };
    let chunk = Chunk { digest: Digest([2; 32]), offset: 0, total: 5, bytes: b"bytes".to_vec() };
    let outcome = Outcome {
        pair: PairId([1; 16]),
        after: 1,
        settled: 4,
        reference: None,
        parked: None,
        departed: false,
        again: vec![],
    };
    [
        Body::Change(change),
        Body::Chunk(chunk),
        Body::Outcomes(Outcomes { outcomes: vec![outcome] }),
        Body::Control(Control::Started),
    ]
    .into_iter()
    .map(|body| Numbered { after: 0, body })
    .collect()
}

fn person() -> Person {
    Person { name: "Ada".to_owned(), email: Some("ada@example.org".to_owned()) }
}

fn rich(source: &str) -> RichText {
    RichText { markup: Markup::Markdown, source: source.to_owned() }
}
