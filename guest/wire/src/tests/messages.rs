use ferry_core::ids::{Digest, Fingerprint, PairId};
use ferry_core::limits::NESTING_MAX;
use ferry_core::message::{
    Adopted, Body, Configuration, Control, Gone, GoneReason, Kind, Numbered, Outcome, Outcomes, ParkedPart, Reference,
    Standing, Standings, Switched,
};
use ferry_core::model::FieldKind;
use ferry_core::ports::{OpenFault, Wire};
use ferry_core::scope::{AttachmentScope, FieldScope, Policy, Scope, Side, TypeScope, Ways};

use super::sample::{NOW, change, chunk, issue, noise};
use crate::OpenPgp;
use crate::guard::{Guard, whole};

fn scope() -> Scope {
    Scope {
        version: 3,
        comments: Ways::BOTH,
        attachments: AttachmentScope { ways: Ways::NONE, max_bytes: 1 << 40, media_types: vec!["image/*".to_owned()] },
        conflicts: Policy::PrimaryWins,
        types: vec![TypeScope {
            alias: "defect".into(),
            ways: Ways::BOTH,
            fields: vec![FieldScope {
                alias: "urgency".into(),
                kind: FieldKind::Choice,
                ways: Ways { to_primary: true, to_secondary: false },
                options: vec!["high".into()],
            }],
            statuses: vec!["open".into()],
            status_ways: Ways::BOTH,
        }],
    }
}

pub fn every_kind() -> Vec<Numbered> {
    let outcome = Outcome {
        pair: PairId([1; 16]),
        after: 41,
        settled: 4,
        reference: Some(Reference { key: "B-1".to_owned(), url: Some("https://b.example/1".to_owned()) }),
        parked: Some(vec![ParkedPart {
            part: "urgency".into(),
            kind: "refused".to_owned(),
            reason: "no such option".to_owned(),
            since: NOW,
        }]),
        departed: false,
        again: vec![],
    };
    let bodies = [
        Body::Configuration(Configuration { scope: scope() }),
        Body::Adopted(Adopted { scope: scope() }),
        Body::Switched(Switched { version: 3 }),
        issue().body,
        Body::Change(change()),
        Body::Gone(Gone { pair: PairId([1; 16]), reason: GoneReason::OutOfScope }),
        chunk(noise(70_000)).body,
        Body::Outcomes(Outcomes { outcomes: vec![outcome] }),
        Body::Control(Control::Started),
        Body::Standing(Standing {
            pair: PairId([1; 16]),
            origin: Side::Secondary,
            version: 4,
            agreed: change().fields,
            reference: Some(Reference { key: "A-1".to_owned(), url: None }),
            departed: false,
            comments: vec!["c1".into()],
            attachments: vec!["a1".into(), "a2".into()],
        }),
        Body::Standings(Standings { configuration: 3, scope: Digest([5; 32]) }),
    ];
    bodies.into_iter().enumerate().map(|(after, body)| Numbered { after: after as u64 * 1000, body }).collect()
}

#[test]
fn every_word_about_the_synchronization_comes_back() {
    let fingerprint = Fingerprint([9; 32]);
    let words = [Control::Started, Control::Stopped, Control::Deleted];
    for control in words.into_iter().chain([Control::Renewed(fingerprint), Control::Sole(fingerprint)]) {
        let message = Numbered { after: 0, body: Body::Control(control) };
        assert_eq!(OpenPgp.decode(&OpenPgp.encode(&message)).unwrap(), message);
    }
}

#[test]
pub fn every_kind_comes_back_and_shows_its_kind() {
    for message in every_kind() {
        let bytes = OpenPgp.encode(&message);
        assert_eq!(OpenPgp.decode(&bytes).unwrap(), message);
        assert_eq!(OpenPgp.kind(&bytes).unwrap(), message.body.kind());
        assert_eq!(OpenPgp.kind(&bytes[..40.min(bytes.len())]).unwrap(), message.body.kind());
    }
}

#[test]
fn bytes_travel_as_binary() {
    let bytes = OpenPgp.encode(&chunk(noise(1000)));
    assert!(bytes.len() < 1200, "{}", bytes.len());
}

#[test]
fn no_cut_or_extended_message_is_read() {
    for message in every_kind().iter().filter(|message| message.body.kind() != Kind::Chunk) {
        let bytes = OpenPgp.encode(message);
        for length in 0..bytes.len() {
            assert!(OpenPgp.decode(&bytes[..length]).is_err());
        }
        assert!(OpenPgp.decode(&[bytes.as_slice(), &[0xc0]].concat()).is_err());
    }
}

#[test]
fn no_altered_message_does_harm() {
    for message in every_kind().iter().filter(|message| message.body.kind() != Kind::Chunk) {
        let mut bytes = OpenPgp.encode(message);
        for at in 0..bytes.len() {
            let before = bytes[at];
            for byte in [0x00, 0x7f, 0x80, 0x8f, 0x9f, 0xc1, 0xc4, 0xc6, 0xc9, 0xdb, 0xdd, 0xdf, 0xff] {
                bytes[at] = byte;
                let _ = OpenPgp.decode(&bytes);
            }
            bytes[at] = before;
        }
    }
}

/// A map that is not made by serde: `{kind, after, body, …}`.
fn handmade(kind: &str, body: &[u8], more: &[u8], entries: u8) -> Vec<u8> {
    let mut bytes = vec![0x80 | entries, 0xa4];
    bytes.extend(b"kind");
    bytes.push(0xa0 | kind.len() as u8);
    bytes.extend(kind.as_bytes());
    bytes.extend(b"\xa5after\x07");
    bytes.extend(b"\xa4body");
    bytes.extend(body);
    bytes.extend(more);
    bytes
}

#[test]
fn unknown_kinds_and_fields_of_a_newer_minor_version_are_passed_over() {
    let unknown = handmade("dance", b"\x81\xa5steps\x03", b"", 3);
    assert_eq!(OpenPgp.kind(&unknown).unwrap(), Kind::Unknown);
    assert_eq!(OpenPgp.decode(&unknown).unwrap(), Numbered { after: 7, body: Body::Unknown("dance".to_owned()) });
    let wider = handmade("switched", b"\x82\xa7version\x03\xa3new\x91\x01", b"\xa4more\xc0", 4);
    assert_eq!(OpenPgp.decode(&wider).unwrap(), Numbered { after: 7, body: Body::Switched(Switched { version: 3 }) });
}

#[test]
fn a_message_says_nothing_twice_and_its_kind_first() {
    let twice = handmade("switched", b"\x81\xa7version\x03", b"\xa4body\x81\xa7version\x04", 4);
    assert!(OpenPgp.decode(&twice).is_err());
    let renamed = handmade("switched", b"\x81\xa7version\x03", b"\xa4kind\xa4gone", 4);
    assert!(OpenPgp.decode(&renamed).is_err());
    assert!(OpenPgp.kind(b"\x83\xa5after\x07").is_err());
    assert!(OpenPgp.decode(&handmade("switched", b"\x81\xa7version\x03", b"", 2)).is_err());
    assert!(OpenPgp.kind(b"").is_err());
}

#[test]
fn nesting_and_announced_lengths_are_bounded() {
    let nested = |levels: usize| [vec![0x91; levels], vec![0x01]].concat();
    assert_eq!(whole(&nested(NESTING_MAX)), Ok(()));
    assert_eq!(whole(&nested(NESTING_MAX + 1)), Err(Guard::Depth));
    assert_eq!(whole(&vec![0x91; 1 << 20]), Err(Guard::Depth));
    for announced in [
        &b"\xdd\xff\xff\xff\xff"[..],
        b"\xdf\xff\xff\xff\xff",
        b"\xdf\x80\x00\x00\x00\x00",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdc\x00\x02\x01",
        b"\x82\x01\x01\x01",
        b"\xcf\x01",
    ] {
        assert_eq!(whole(announced), Err(Guard::Cut));
    }
    assert_eq!(whole(b"\x01\x01"), Err(Guard::Trailing));
    for unused in [&b"\xc1"[..], b"\xd4\x01\x01", b"\xc7\x01\x01\x01", b"\xd6\xff\x00\x00\x00\x00"] {
        assert_eq!(whole(unused), Err(Guard::Type));
    }
    let deep = handmade("dance", &nested(NESTING_MAX), b"", 3);
    assert!(matches!(OpenPgp.decode(&deep), Err(OpenFault::Malformed(_))));
}
