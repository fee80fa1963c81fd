//! A build of another version of the protocol: what ours writes, and more that
//! ours doesn't know, everywhere where a later version may add something.

use ferry_core::handshake::{Hello, Invitation, Keys, Secret};
use ferry_core::ids::Fingerprint;
use ferry_core::keys::{Renewal, Validity};
use ferry_core::message::{Kind, Numbered, Parcel};
use ferry_core::ports::{InvitationFault, OpenFault, Opened, Sealing, Wire};
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;
use ferry_wire::{OpenPgp, forge};

/// The wire of a build that speaks this version.
pub struct Newer(pub (u16, u16));

/// An entry that ours doesn't know.
const ENTRY: &[u8] = b"\xa7weather\x81\xa4wind\x93\x01\x02\xc0";

/// One entry more in a map of few, which fills the bytes from `at` on.
fn with_entry(mut bytes: Vec<u8>, at: usize, entry: &[u8]) -> Vec<u8> {
    if (0x80..0x8f).contains(&bytes[at]) {
        bytes[at] += 1;
        bytes.extend_from_slice(entry);
    }
    bytes
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
        OpenPgp.write_renewal(renewal, old, new, now, seed)
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
    /// one more in the message.
    fn encode(&self, message: &Numbered) -> Vec<u8> {
        let bytes = OpenPgp.encode(message);
        let body = bytes.windows(5).position(|five| five == b"\xa4body").expect("a message has a body") + 5;
        with_entry(with_entry(bytes, body, ENTRY), 0, ENTRY)
    }

    fn decode(&self, bytes: &[u8]) -> Result<Numbered, OpenFault> {
        OpenPgp.decode(bytes)
    }

    fn kind(&self, bytes: &[u8]) -> Result<Kind, OpenFault> {
        OpenPgp.kind(bytes)
    }

    fn seal(&self, with: Sealing<'_>, parcel: &Parcel, now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
        let theirs = self.of(parcel, |parcel, version| parcel.protocol = version);
        let mut header = with_entry(forge::header(&theirs)?, 0, ENTRY);
        if parcel.unnumbered.is_empty() {
            // A kind of message without a number that ours doesn't know.
            header = with_entry(header, 0, b"\xaaunnumbered\x91\xc4\x08\x81\xa5cheer\xc0");
        }
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
        OpenPgp.write_invitation(&theirs, keys, passphrase, now, seed)
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
        OpenPgp.seal_hello(&theirs, keys, primary, secret, now, seed)
    }

    fn open_hello(&self, sealed: &[u8], keys: &Keys, secret: &Secret, now: Time) -> Result<Hello, OpenFault> {
        OpenPgp.open_hello(sealed, keys, secret, now)
    }
}
