use ferry_core::handshake::Secret;
use ferry_core::limits::INVITATION_BYTES_MAX;
use ferry_core::ports::{InvitationFault, OpenFault, Wire};
use ferry_core::state::Profile;

use super::sample::{NOW, PROFILES, World};
use crate::OpenPgp;

fn file(world: &World, passphrase: Option<&str>) -> Vec<u8> {
    OpenPgp.write_invitation(&world.invitation(), &world.primary, passphrase, NOW, [3; 32]).unwrap()
}

fn armoured(text: &str) -> std::ops::Range<usize> {
    let begin = text.find("-----BEGIN FERRY HANDSHAKE-----\n\n").unwrap() + 33;
    begin..text.find("\n-----END FERRY HANDSHAKE-----").unwrap()
}

#[test]
fn every_altered_character_of_the_armoured_part_is_refused() {
    let world = World::new(Profile::Modern);
    let text = String::from_utf8(file(&world, None)).unwrap();
    let mut bytes = text.clone().into_bytes();
    for at in armoured(&text).filter(|at| text.as_bytes()[*at] != b'\n') {
        let before = bytes[at];
        for altered in [if before == b'A' { b'B' } else { b'A' }, before ^ 1, b' ', b'!'] {
            bytes[at] = altered;
            assert!(OpenPgp.read_invitation(&bytes, None, NOW).is_err(), "{} at {at}", altered as char);
        }
        bytes[at] = before;
    }
}

#[test]
fn a_protected_file_that_was_altered_is_refused() {
    let world = World::new(Profile::Gnupg);
    let text = String::from_utf8(file(&world, Some("pass"))).unwrap();
    let mut bytes = text.clone().into_bytes();
    let range = armoured(&text);
    // Around the cost of the passphrase each character, elsewhere some.
    for at in range.clone().filter(|at| text.as_bytes()[*at] != b'\n' && (*at < range.start + 20 || *at % 97 == 0)) {
        let before = bytes[at];
        bytes[at] = if before == b'A' { b'B' } else { b'A' };
        assert!(OpenPgp.read_invitation(&bytes, Some("pass"), NOW).is_err(), "at {at}");
        bytes[at] = before;
    }
}

#[test]
fn a_passphrase_that_would_cost_more_than_ours_is_not_tried() {
    let world = World::new(Profile::Modern);
    let bytes = crate::armor::read(&file(&world, Some("pass"))).unwrap();
    // Passes, lanes, and the exponent of the memory.
    let head = bytes.windows(3).position(|three| three == [4, 1, 15]).unwrap();
    for (place, octet) in [(0, 255), (1, 255), (2, 31), (2, 16)] {
        let mut costly = bytes.clone();
        costly[head + place] = octet;
        let read = OpenPgp.read_invitation(&crate::armor::write("", &costly), Some("pass"), NOW);
        assert!(matches!(read, Err(InvitationFault::Malformed(_))), "{read:?}");
    }
}

#[test]
fn mail_programs_may_change_line_ends_blanks_and_surroundings() {
    for passphrase in [None, Some("pass")] {
        let world = World::new(Profile::Modern);
        let text = String::from_utf8(file(&world, passphrase)).unwrap();
        for changed in [
            text.replace('\n', "\r\n"),
            text.replace('\n', "  \n"),
            text.replace('\n', "\t\r\n"),
            format!("\u{feff}Hello Bob,\n\nhere it is.\n{text}\n-- \nAlice\n"),
            text.trim_end().to_owned(),
        ] {
            assert_eq!(OpenPgp.read_invitation(changed.as_bytes(), passphrase, NOW).unwrap(), world.invitation());
        }
    }
}

#[test]
fn the_preamble_is_for_people_and_never_read() {
    let world = World::new(Profile::Modern);
    let text = String::from_utf8(file(&world, None)).unwrap();
    for shown in ["globex", "Defects of the pump", "2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z"] {
        assert!(text.contains(shown), "{shown} in\n{text}");
    }
    let lying = text.replace("globex", "initech").replace("2026-01-08", "2099-01-08");
    assert_eq!(OpenPgp.read_invitation(lying.as_bytes(), None, NOW).unwrap(), world.invitation());
}

#[test]
fn the_preamble_shows_the_fingerprint_in_groups_and_no_control_characters() {
    for profile in PROFILES {
        let world = World::new(profile);
        let fingerprint = OpenPgp.fingerprint(&world.primary.certificate).unwrap().to_string().to_uppercase();
        let digits = if profile == Profile::Gnupg { &fingerprint[..40] } else { &fingerprint };
        let mut invitation = world.invitation();
        invitation.name = "evil\u{1b}[2J\n-----BEGIN FERRY HANDSHAKE-----\u{202e}".to_owned();
        let file = OpenPgp.write_invitation(&invitation, &world.primary, None, NOW, [3; 32]).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(text.replace(' ', "").contains(digits));
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
        assert_eq!(OpenPgp.read_invitation(&file, None, NOW).unwrap(), invitation);
    }
}

#[test]
fn a_protected_file_tells_nothing_but_that_it_is_one() {
    let world = World::new(Profile::Modern);
    let bytes = file(&world, Some("pass"));
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("globex") && !text.contains("pump"));
    assert_eq!(OpenPgp.read_invitation(&bytes, None, NOW), Err(InvitationFault::PassphraseNeeded));
    assert_eq!(OpenPgp.read_invitation(&bytes, Some("Pass"), NOW), Err(InvitationFault::PassphraseWrong));
    assert!(OpenPgp.read_invitation(&file(&world, None), Some("pass"), NOW).is_ok());
}

#[test]
fn what_is_no_handshake_file_is_refused() {
    let world = World::new(Profile::Modern);
    let text = String::from_utf8(file(&world, None)).unwrap();
    let twice = format!("{text}{text}");
    let parcel = OpenPgp.seal(world.to_secondary(), &world.parcel(&[]), NOW, [3; 32]).unwrap();
    let parcel = crate::armor::write("", &parcel);
    let large = vec![b'A'; INVITATION_BYTES_MAX + 1];
    for bytes in [&b""[..], b"hello", &text.as_bytes()[..text.len() / 2], twice.as_bytes(), &parcel, &large] {
        assert!(matches!(OpenPgp.read_invitation(bytes, None, NOW), Err(InvitationFault::Malformed(_))));
    }
}

#[test]
fn a_file_signed_by_another_than_it_holds_is_refused() {
    let world = World::new(Profile::Modern);
    let forged = OpenPgp.write_invitation(&world.invitation(), &world.secondary, None, NOW, [3; 32]).unwrap();
    assert!(matches!(OpenPgp.read_invitation(&forged, None, NOW), Err(InvitationFault::Signature(_))));
}

#[test]
fn a_file_of_a_newer_version_says_so() {
    let world = World::new(Profile::Modern);
    let mut invitation = world.invitation();
    invitation.protocol = (2, 1);
    let file = OpenPgp.write_invitation(&invitation, &world.primary, None, NOW, [3; 32]).unwrap();
    assert_eq!(OpenPgp.read_invitation(&file, None, NOW), Err(InvitationFault::NewerVersion("2.1".to_owned())));
    let mut minor = world.invitation();
    minor.protocol = (1, 9);
    let file = OpenPgp.write_invitation(&minor, &world.primary, None, NOW, [3; 32]).unwrap();
    assert_eq!(OpenPgp.read_invitation(&file, None, NOW).unwrap(), minor);
}

#[test]
fn a_hello_without_the_secret_is_ignored_before_it_is_parsed() {
    for profile in PROFILES {
        let world = World::new(profile);
        let secret = world.invitation().secret;
        let seal = |secret: &Secret| {
            let primary = &world.primary.certificate;
            OpenPgp.seal_hello(&world.hello(), &world.secondary, primary, secret, NOW, [3; 32]).unwrap()
        };
        let guessed = seal(&Secret([12; 32]));
        assert_eq!(OpenPgp.open_hello(&guessed, &world.primary, &secret, NOW), Err(OpenFault::NotInvited));
        let sealed = seal(&secret);
        assert_eq!(OpenPgp.open_hello(&sealed, &world.secondary, &secret, NOW), Err(OpenFault::Undecryptable));
        for at in (0..sealed.len()).step_by(if profile == Profile::PostQuantum { 61 } else { 1 }) {
            let mut altered = sealed.clone();
            altered[at] ^= 0x20;
            assert!(OpenPgp.open_hello(&altered, &world.primary, &secret, NOW).is_err(), "{profile:?} at {at}");
        }
    }
}

#[test]
fn a_hello_signed_by_another_than_it_holds_is_refused() {
    let world = World::new(Profile::Modern);
    let stranger = OpenPgp.generate(Profile::Modern, NOW, [9; 32]).unwrap();
    let secret = world.invitation().secret;
    let sealed =
        OpenPgp.seal_hello(&world.hello(), &stranger, &world.primary.certificate, &secret, NOW, [3; 32]).unwrap();
    assert!(matches!(OpenPgp.open_hello(&sealed, &world.primary, &secret, NOW), Err(OpenFault::Signature(_))));
}

#[test]
fn a_hello_is_no_parcel_and_a_parcel_no_hello() {
    for profile in PROFILES {
        let world = World::new(profile);
        let secret = world.invitation().secret;
        let primary = &world.primary.certificate;
        let hello = OpenPgp.seal_hello(&world.hello(), &world.secondary, primary, &secret, NOW, [3; 32]).unwrap();
        let at_primary =
            ferry_core::ports::Sealing { keys: &world.primary, partner: &world.secondary.certificate, profile };
        assert!(OpenPgp.open(at_primary, &hello, NOW).is_err());
        let parcel = OpenPgp.seal(world.to_secondary(), &world.parcel(&[]), NOW, [3; 32]).unwrap();
        assert!(OpenPgp.open_hello(&parcel, &world.secondary, &secret, NOW).is_err());
    }
}
