//! A build of another version of the protocol: what ours writes, and more that
//! ours doesn't know, everywhere where a later version may add something.

use ferry_core::handshake::{Hello, Invitation, Keys, Secret};
use ferry_core::ids::Fingerprint;
use ferry_core::keys::{Renewal, Validity};
use ferry_core::message::{Body, Kind, Numbered, Parcel};
use ferry_core::ports::{InvitationFault, OpenFault, Opened, Sealing, Wire};
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;
use ferry_wire::{OpenPgp, forge};

/// The wire of a build that speaks this version.
pub struct Newer(pub (u16, u16));

/// An entry that ours doesn't know.
const ENTRY: &[u8] = b"\xa7weather\x81\xa4wind\x93\x01\x02\xc0";

/// A message without a number, of a kind that ours doesn't know.
const UNNUMBERED: &[u8] = b"\xc4\x08\x81\xa5cheer\xc0";

/// One entry more in the map that fills the bytes from `at` on.
fn with_entry(mut bytes: Vec<u8>, at: usize, entry: &[u8]) -> Vec<u8> {
    match bytes[at] {
        0x80..0x8f => bytes[at] += 1,
        0x8f => drop(bytes.splice(at..=at, [0xde, 0, 16])),
        0xde => {
            let count = u16::from_be_bytes([bytes[at + 1], bytes[at + 2]]) + 1;
            bytes[at + 1..at + 3].copy_from_slice(&count.to_be_bytes());
        }
        // Nothing was added: whoever believes that something was is to know.
        other => panic!("{other:#x} begins no map of up to 65,535 entries"),
    }
    bytes.extend_from_slice(entry);
    bytes
}

/// One message without a number more in a parcel's header.
fn with_unnumbered(mut header: Vec<u8>) -> Vec<u8> {
    let key = b"\xaaunnumbered";
    let Some(at) = header.windows(key.len()).position(|bytes| bytes == key).map(|at| at + key.len()) else {
        return with_entry(header, 0, &[key, [0x91].as_slice(), UNNUMBERED].concat());
    };
    assert!((0x90..0x9f).contains(&header[at]), "{:#x} begins no list of a few", header[at]);
    header[at] += 1;
    drop(header.splice(at + 1..=at, UNNUMBERED.iter().copied()));
    header
}

/// What an honest build of ours writes of something, and an entry more.
fn extended<T: serde::Serialize>(what: &T) -> Result<Vec<u8>, String> {
    Ok(with_entry(rmp_serde::to_vec_named(what).map_err(|error| error.to_string())?, 0, ENTRY))
}

impl Newer {
    fn of<T: Clone>(&self, ours: &T, set: impl FnOnce(&mut T, (u16, u16))) -> T {
        let mut theirs = ours.clone();
        set(&mut theirs, self.0);
        theirs
    }
}

impl Wire for Newer {
    fn generate(&self, profile: Profile, now: Time, seed: [u8; 32]) -> Result<Keys, String> {
        OpenPgp.generate(profile, now, seed)
    }

    fn fingerprint(&self, certificate: &Certificate) -> Result<Fingerprint, String> {
        OpenPgp.fingerprint(certificate)
    }

    fn validity(&self, certificate: &Certificate) -> Result<Validity, String> {
        OpenPgp.validity(certificate)
    }

    fn write_renewal(
        &self,
        renewal: &Renewal,
        old: &Keys,
        new: &Keys,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        forge::renewal(old, new, &extended(renewal)?, now, seed)
    }

    fn read_renewal(&self, bytes: &[u8], pinned: &Certificate, now: Time) -> Result<Renewal, OpenFault> {
        OpenPgp.read_renewal(bytes, pinned, now)
    }

    fn armoured(&self, certificate: &Certificate) -> Result<String, String> {
        OpenPgp.armoured(certificate)
    }

    fn armoured_secret(&self, keys: &Keys) -> Result<String, String> {
        OpenPgp.armoured_secret(keys)
    }

    /// With an entry more in the body, which is the last of the message, and
    /// one more in the message. A word of control is no map that may grow.
    fn encode(&self, message: &Numbered) -> Vec<u8> {
        let bytes = OpenPgp.encode(message);
        let body = bytes.windows(5).position(|five| five == b"\xa4body").expect("a message has a body") + 5;
        let grows = !matches!(message.body, Body::Control(_) | Body::Unknown(_));
        let bytes = if grows { with_entry(bytes, body, ENTRY) } else { bytes };
        with_entry(bytes, 0, ENTRY)
    }

    fn decode(&self, bytes: &[u8]) -> Result<Numbered, OpenFault> {
        OpenPgp.decode(bytes)
    }

    fn kind(&self, bytes: &[u8]) -> Result<Kind, OpenFault> {
        OpenPgp.kind(bytes)
    }

    fn seal(&self, with: Sealing<'_>, parcel: &Parcel, now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
        let theirs = self.of(parcel, |parcel, version| parcel.protocol = version);
        let header = with_unnumbered(with_entry(forge::header(&theirs)?, 0, ENTRY));
        let records: Vec<&[u8]> =
            std::iter::once(header.as_slice()).chain(parcel.messages.iter().map(Vec::as_slice)).collect();
        forge::parcel(with, &forge::records(&records), now, seed)
    }

    fn open(&self, with: Sealing<'_>, sealed: &[u8], now: Time) -> Result<Opened, OpenFault> {
        OpenPgp.open(with, sealed, now)
    }

    fn write_invitation(
        &self,
        invitation: &Invitation,
        keys: &Keys,
        passphrase: Option<&str>,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        let theirs = self.of(invitation, |invitation, version| invitation.protocol = version);
        assert!(passphrase.is_none(), "a file with a passphrase can't be forged");
        forge::handshake(keys, &extended(&theirs)?, now, seed)
    }

    fn read_invitation(&self, file: &[u8], passphrase: Option<&str>, now: Time) -> Result<Invitation, InvitationFault> {
        OpenPgp.read_invitation(file, passphrase, now)
    }

    fn seal_hello(
        &self,
        hello: &Hello,
        keys: &Keys,
        primary: &Certificate,
        secret: &Secret,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        let theirs = self.of(hello, |hello, version| hello.protocol = version);
        forge::greeting(keys, primary, secret, &extended(&theirs)?, now, seed)
    }

    fn open_hello(&self, sealed: &[u8], keys: &Keys, secret: &Secret, now: Time) -> Result<Hello, OpenFault> {
        OpenPgp.open_hello(sealed, keys, secret, now)
    }
}

#[cfg(test)]
mod tests {
    use ferry_core::ids::{Chain, Epoch, PairId, SyncId};
    use ferry_core::message::{Control, Gone, GoneReason, Unnumbered};
    use ferry_core::scope::Side;

    use super::*;

    const NOW: Time = Time(1_767_225_600_000);

    fn count(bytes: &[u8], part: &[u8]) -> usize {
        bytes.windows(part.len()).filter(|window| *window == part).count()
    }

    #[test]
    fn maps_grow_whatever_their_size() {
        for (before, after) in [
            (&[0x80][..], &[0x81, 1, 2][..]),
            (&[0x8e], &[0x8f, 1, 2]),
            (&[0x8f], &[0xde, 0, 16, 1, 2]),
            (&[0xde, 0, 255], &[0xde, 1, 0, 1, 2]),
        ] {
            assert_eq!(with_entry(before.to_vec(), 0, &[1, 2]), after);
        }
    }

    #[test]
    #[should_panic(expected = "begins no map")]
    fn what_is_no_map_is_not_left_as_it_is_without_a_word() {
        with_entry(vec![0xc0], 0, ENTRY);
    }

    #[test]
    fn what_a_newer_build_adds_is_there_and_ours_passes_over_it() {
        let newer = Newer((1, 7));
        let gone = Numbered { after: 0, body: Body::Gone(Gone { pair: PairId([1; 16]), reason: GoneReason::Deleted }) };
        let said = Numbered { after: 0, body: Body::Control(Control::Stopped) };
        for (message, added) in [(gone, 2), (said, 1)] {
            let bytes = newer.encode(&message);
            assert_eq!(count(&bytes, ENTRY), added);
            assert_eq!(OpenPgp.decode(&bytes).unwrap(), message);
        }
        let [ours, theirs] = [1, 2].map(|seed| OpenPgp.generate(Profile::Off, NOW, [seed; 32]).unwrap());
        for unnumbered in [vec![], vec![Unnumbered::Pong { nonce: [6; 16] }]] {
            let parcel = Parcel {
                sync: SyncId([7; 16]),
                sender: Side::Primary,
                from: OpenPgp.fingerprint(&ours.certificate).unwrap(),
                to: OpenPgp.fingerprint(&theirs.certificate).unwrap(),
                epoch: Epoch { counter: 1, nonce: [8; 16] },
                first: 0,
                chain: Chain::START,
                messages: vec![],
                unnumbered,
                position: None,
                created: NOW,
                protocol: (1, 7),
            };
            let with = |keys, partner| Sealing { keys, partner, profile: Profile::Off };
            let header = with_unnumbered(with_entry(forge::header(&parcel).unwrap(), 0, ENTRY));
            assert_eq!((count(&header, ENTRY), count(&header, UNNUMBERED)), (1, 1));
            let sealed = newer.seal(with(&ours, &theirs.certificate), &parcel, NOW, [3; 32]).unwrap();
            let opened = OpenPgp.open(with(&theirs, &ours.certificate), &sealed, NOW).unwrap().parcel;
            assert_eq!(opened, parcel);
        }
    }
}
