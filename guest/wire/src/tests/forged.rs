//! What even a partner with the right keys may not send: other packets, other
//! algorithms, other claims in the signature.

use std::io::Write as _;

use ferry_core::handshake::Keys;
use ferry_core::ports::{OpenFault, Wire};
use ferry_core::state::Profile;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{PacketTrait, SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::types::{Duration, Fingerprint, KeyDetails, Password, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::sample::{NOW, World, issue};
use crate::OpenPgp;
use crate::certificate::{Certified, Trust};
use crate::frame::{self, Content};
use crate::keys;
use crate::packets::{self, Dialect, split, tag};
use crate::sealed;
use crate::suite::Suite;

/// A signed sequence by the primary, as `change` leaves its signature.
struct Forge {
    world: World,
    inner: Vec<u8>,
}

impl Forge {
    fn new(profile: Profile) -> Self {
        let world = World::new(profile);
        let sealed = OpenPgp.seal(world.to_secondary(), &world.parcel(&[issue()]), NOW, [3; 32]).unwrap();
        let suite = Suite::of(profile);
        let inner = match profile {
            Profile::Off => sealed,
            _ => sealed::decrypt(&world.secondary, suite, suite.dialect(), &sealed).unwrap(),
        };
        Self { world, inner }
    }

    /// The three packets: one-pass, literal, signature.
    fn packets(&self) -> [Vec<u8>; 3] {
        let tags = [tag::ONE_PASS, tag::LITERAL, tag::SIGNATURE];
        let bodies = split(&self.inner, tags, Dialect::Strict).unwrap();
        let mut all = tags.iter().zip(bodies).map(|(tag, body)| packet(*tag, &body));
        [(); 3].map(|()| all.next().unwrap())
    }

    /// The two packets outside; in `off` as another profile has them.
    fn outside(&self) -> [Vec<u8>; 2] {
        let recipient = Certified::read(&self.world.secondary.certificate, Trust::Pinned).unwrap();
        let sealed = sealed::encrypt(&recipient, &self.inner, &mut ChaCha20Rng::from_seed([6; 32])).unwrap();
        let tags = [tag::PKESK, tag::SEIPD];
        let bodies = split(&sealed, tags, Dialect::Strict).unwrap();
        let mut all = tags.iter().zip(bodies).map(|(tag, body)| packet(*tag, &body));
        [(); 2].map(|()| all.next().unwrap())
    }

    fn payload(&self) -> Vec<u8> {
        self.packets()[1][12..].to_vec()
    }

    /// Signed by these keys, as `change` leaves it.
    fn signed(
        &self,
        keys: &Keys,
        payload: &[u8],
        hash: HashAlgorithm,
        change: impl FnOnce(&mut SignatureConfig),
    ) -> Vec<u8> {
        let key = keys::signing(keys).unwrap();
        let random = ChaCha20Rng::from_seed([5; 32]);
        let mut config = match key.fingerprint() {
            Fingerprint::V6(_) => SignatureConfig::v6(random, SignatureType::Binary, key.algorithm(), hash).unwrap(),
            _ => SignatureConfig::v4(SignatureType::Binary, key.algorithm(), hash),
        };
        let recipient = Certified::read(&self.world.secondary.certificate, Trust::Pinned).unwrap().fingerprint;
        config.hashed_subpackets = vec![
            Subpacket::critical(SubpacketData::SignatureCreationTime(keys::timestamp(NOW))).unwrap(),
            Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint())).unwrap(),
            Subpacket::regular(SubpacketData::IntendedRecipientFingerprint(recipient)).unwrap(),
        ];
        change(&mut config);
        let mut out = Vec::new();
        crate::signed::one_pass(&config, &key).unwrap().to_writer_with_header(&mut out).unwrap();
        out.extend(packet(tag::LITERAL, &[&crate::signed::LITERAL, payload].concat()));
        let signature = config.sign(&key, &Password::empty(), payload).unwrap();
        signature.to_writer_with_header(&mut out).unwrap();
        out
    }

    fn open(&self, inner: &[u8]) -> Result<(), OpenFault> {
        let recipient = Certified::read(&self.world.secondary.certificate, Trust::Pinned).unwrap();
        let sealed = match self.world.profile {
            Profile::Off => inner.to_vec(),
            _ => sealed::encrypt(&recipient, inner, &mut ChaCha20Rng::from_seed([6; 32])).unwrap(),
        };
        OpenPgp.open(self.world.at_secondary(), &sealed, NOW).map(|_| ())
    }

    fn with(&self, change: impl FnOnce(&mut SignatureConfig)) -> Result<(), OpenFault> {
        self.open(&self.signed(&self.world.primary, &self.payload(), HashAlgorithm::Sha512, change))
    }

    fn with_subpacket(&self, subpacket: pgp::errors::Result<Subpacket>) -> Result<(), OpenFault> {
        self.with(|config| config.hashed_subpackets.push(subpacket.unwrap()))
    }
}

fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    [packets::header(tag, body.len()).as_slice(), body].concat()
}

fn is_signature(result: Result<(), OpenFault>) -> bool {
    matches!(result, Err(OpenFault::Signature(_)))
}

const ALL: [Profile; 4] = super::sample::PROFILES;

#[test]
fn the_forge_itself_makes_what_is_accepted() {
    for profile in ALL {
        let forge = Forge::new(profile);
        assert_eq!(forge.open(&forge.inner), Ok(()), "{profile:?}");
        assert_eq!(forge.open(&forge.packets().concat()), Ok(()), "{profile:?}");
        assert_eq!(forge.with(|_| {}), Ok(()), "{profile:?}");
    }
}

#[test]
fn other_sequences_of_packets_are_refused() {
    for profile in ALL {
        let forge = Forge::new(profile);
        let [one, literal, signature] = forge.packets();
        let nested = {
            let mut one = one.clone();
            *one.last_mut().unwrap() = 0;
            one
        };
        let deflated = {
            let mut deflater = flate2::write::DeflateEncoder::new(vec![1], flate2::Compression::fast());
            deflater.write_all(&forge.inner).unwrap();
            packet(8, &deflater.finish().unwrap())
        };
        let marker = packet(10, b"PGP");
        let named = packet(tag::LITERAL, &[b"b\x03abc\0\0\0\0", &forge.payload()[..]].concat());
        let text = packet(tag::LITERAL, &[b"t\0\0\0\0\0", &forge.payload()[..]].concat());
        for (what, inner) in [
            ("unsigned", literal.clone()),
            ("no signature at the end", [&one[..], &literal].concat()),
            ("a signature in front", [&signature[..], &literal].concat()),
            ("two signatures", [&one[..], &one, &literal, &signature, &signature].concat()),
            ("nested signatures", [&nested[..], &one, &literal, &signature, &signature].concat()),
            ("one more signature", [&one[..], &literal, &signature, &signature].concat()),
            ("announced as nested", [&nested[..], &literal, &signature].concat()),
            ("two literals", [&one[..], &literal, &literal, &signature].concat()),
            ("compressed", deflated.clone()),
            ("compressed inside", [&one[..], &packet(8, &[&[0], &literal[..]].concat()), &signature].concat()),
            ("a marker", [&marker[..], &one, &literal, &signature].concat()),
            ("padding behind", [&one[..], &literal, &signature, &packet(21, b"xx")].concat()),
            ("text", [&one[..], &text, &signature].concat()),
            ("encrypted again", packet(tag::SEIPD, b"\x01xxxxxxxxxxxx")),
            ("empty", vec![]),
        ] {
            assert!(forge.open(&inner).is_err(), "{profile:?}: {what}");
        }
        // A name is GnuPG's habit, and covered by nothing.
        let named = forge.open(&[&one[..], &named, &signature].concat());
        assert_eq!(named.is_ok(), profile == Profile::Gnupg, "{profile:?}: a name");
    }
}

#[test]
fn a_signature_says_what_it_should_and_nothing_else_that_matters() {
    for profile in ALL {
        let forge = Forge::new(profile);
        let critical = |data| forge.with_subpacket(Subpacket::critical(data));
        let regular = |data| forge.with_subpacket(Subpacket::regular(data));
        let at = |seconds: u64| SubpacketData::SignatureCreationTime(Timestamp::from_secs(seconds as u32));
        assert!(is_signature(critical(SubpacketData::Experimental(101, vec![1].into()))), "{profile:?}");
        assert!(is_signature(critical(SubpacketData::PolicyURI("x".to_owned()))), "{profile:?}");
        assert_eq!(regular(SubpacketData::PolicyURI("x".to_owned())), Ok(()), "{profile:?}");
        assert!(is_signature(regular(SubpacketData::SignatureExpirationTime(Duration::from_secs(1)))), "{profile:?}");
        assert!(is_signature(regular(at(NOW.seconds()))), "{profile:?}: two times");
        assert!(is_signature(forge.with(|config| drop(config.hashed_subpackets.remove(0)))), "{profile:?}: no time");
        for seconds in [NOW.seconds() - 1, NOW.seconds() + 86_401, 0] {
            let time = Subpacket::critical(at(seconds)).unwrap();
            assert!(is_signature(forge.with(|config| config.hashed_subpackets[0] = time)), "{profile:?} at {seconds}");
        }
        let ours = Certified::read(&forge.world.primary.certificate, Trust::Pinned).unwrap().fingerprint;
        let other = Subpacket::regular(SubpacketData::IntendedRecipientFingerprint(ours)).unwrap();
        assert!(is_signature(forge.with(|config| config.hashed_subpackets[2] = other)), "{profile:?}: for another");
        let unnamed = forge.with(|config| drop(config.hashed_subpackets.remove(2)));
        assert_eq!(unnamed.is_ok(), profile == Profile::Gnupg, "{profile:?}: for nobody");
        assert!(is_signature(forge.with(|config| config.typ = SignatureType::Text)), "{profile:?}: text");
    }
}

#[test]
fn weak_digests_are_refused_and_strong_ones_read() {
    for (profile, hash, fine) in [
        (Profile::Modern, HashAlgorithm::Sha256, true),
        (Profile::Modern, HashAlgorithm::Sha384, true),
        (Profile::Gnupg, HashAlgorithm::Sha256, true),
        (Profile::Modern, HashAlgorithm::Sha3_256, false),
    ] {
        let forge = Forge::new(profile);
        let inner = forge.signed(&forge.world.primary, &forge.payload(), hash, |_| {});
        assert_eq!(forge.open(&inner).is_ok(), fine, "{profile:?} {hash}");
    }
    // SHA-1 and SHA-224: the library doesn't sign with them, so by the octet.
    for weak in [1, 2, 3, 11] {
        let forge = Forge::new(Profile::Gnupg);
        let [mut one, literal, mut signature] = forge.packets();
        (one[8], signature[9]) = (weak, weak);
        assert_eq!(
            forge.open(&[&one[..], &literal, &signature].concat()),
            Err(OpenFault::Signature("it uses a weak digest".to_owned()))
        );
    }
}

#[test]
fn only_the_partners_signing_subkey_counts() {
    for profile in ALL {
        let forge = Forge::new(profile);
        let stranger = OpenPgp.generate(profile, NOW, [9; 32]).unwrap();
        for keys in [&stranger, &forge.world.secondary] {
            let inner = forge.signed(keys, &forge.payload(), HashAlgorithm::Sha512, |_| {});
            assert!(is_signature(forge.open(&inner)), "{profile:?}");
        }
        let claimed = Certified::read(&forge.world.primary.certificate, Trust::Pinned).unwrap().signing.fingerprint();
        let inner = forge.signed(&stranger, &forge.payload(), HashAlgorithm::Sha512, |config| {
            config.hashed_subpackets[1] = Subpacket::regular(SubpacketData::IssuerFingerprint(claimed)).unwrap();
        });
        assert!(is_signature(forge.open(&inner)), "{profile:?}: claims to be the partner's");
    }
}

#[test]
fn what_is_signed_properly_is_still_checked() {
    let forge = Forge::new(Profile::Modern);
    let open = |content: Content, parts: &[&[u8]]| {
        let mut payload = Vec::new();
        frame::write(&mut payload, content, parts).unwrap();
        forge.open(&forge.signed(&forge.world.primary, &payload, HashAlgorithm::Sha512, |_| {}))
    };
    let framed = forge.payload();
    let plain = frame::read(&framed, Content::Parcel, 1 << 20).unwrap().into_owned();
    assert_eq!(open(Content::Parcel, &[&plain]), Ok(()));
    assert!(open(Content::Hello, &[&plain]).is_err(), "another purpose");
    assert!(open(Content::Parcel, &[&plain, &[0, 0, 0, 1, 0xc0]]).is_err(), "a message more than its numbers");
    assert!(open(Content::Parcel, &[&plain, &[0, 0, 1, 0, 0xc0]]).is_err(), "a record that is cut");
    assert!(open(Content::Parcel, &[&plain[..plain.len() - 1]]).is_err(), "cut");
    assert!(open(Content::Parcel, &[]).is_err(), "nothing");
    let newer = b"\x82\xa8protocol\x92\x02\x05\xa3new\x01";
    let newer = [&(newer.len() as u32).to_be_bytes()[..], newer].concat();
    assert_eq!(open(Content::Parcel, &[&newer]), Err(OpenFault::NewerVersion("2.5".to_owned())));
}

#[test]
fn thousands_of_signatures_or_recipients_are_refused_before_any_is_looked_at() {
    for profile in ALL {
        let forge = Forge::new(profile);
        let [one, literal, signature] = forge.packets();
        let many = [one.repeat(2_000), literal, signature.repeat(2_000)].concat();
        let refused = forge.open(&many);
        assert!(matches!(refused, Err(OpenFault::Malformed(_) | OpenFault::TooLarge(_))), "{profile:?}: signatures");
        let [session_key, container] = forge.outside();
        let outside = |outside: &[u8]| OpenPgp.open(forge.world.at_secondary(), outside, NOW).map(|_| ());
        let protected = packet(tag::SKESK, &[4, 9, 3, 8, 1, 2, 3, 4, 5, 6, 7, 8, 255]);
        for (what, parcel) in [
            ("recipients", [session_key.repeat(2_000), container.clone()].concat()),
            ("a passphrase beside the recipient", [&session_key[..], &protected, &container].concat()),
            ("a passphrase that costs much", [&protected[..], &container].concat()),
            ("nobody's", container.clone()),
            ("without integrity protection", [&session_key[..], &packet(9, &container[6..])].concat()),
            ("two containers", [&session_key[..], &container, &container].concat()),
        ] {
            let refused = outside(&parcel);
            assert!(matches!(refused, Err(OpenFault::Malformed(_) | OpenFault::TooLarge(_))), "{profile:?}: {what}");
        }
    }
}

#[test]
fn no_octet_of_an_algorithm_means_another() {
    for profile in [Profile::Modern, Profile::Gnupg, Profile::PostQuantum] {
        let forge = Forge::new(profile);
        let [session_key, container] = forge.outside();
        // Version and algorithm of the session key, version, cipher, mode and
        // chunk size of the container.
        let key_at = if profile == Profile::Gnupg { vec![6, 15] } else { vec![6, 7, 8, 41] };
        let container_at = if profile == Profile::Gnupg { vec![6] } else { vec![6, 7, 8, 9] };
        let packets = [(&session_key, key_at), (&container, container_at)];
        for (which, (packet, places)) in packets.into_iter().enumerate() {
            for at in places {
                for octet in (0..=255).filter(|octet| *octet != packet[at]) {
                    let mut altered = packet.clone();
                    altered[at] = octet;
                    let parcel = if which == 0 { [&altered[..], &container] } else { [&session_key[..], &altered] };
                    let opened = OpenPgp.open(forge.world.at_secondary(), &parcel.concat(), NOW);
                    assert!(opened.is_err(), "{profile:?}: {octet} at {at} of packet {which}");
                }
            }
        }
    }
}
