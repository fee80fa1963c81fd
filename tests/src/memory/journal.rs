//! What one side did to the outside, in order: for checkers that stand apart
//! from the world.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ferry_core::digest;
use ferry_core::handshake::{Hello, Invitation, Keys, Secret};
use ferry_core::ids::{Digest, Fingerprint, ParcelName};
use ferry_core::keys::{Renewal, Validity};
use ferry_core::message::{Kind, Numbered, Parcel};
use ferry_core::model::Effect;
use ferry_core::ports::{InvitationFault, Level, Mutation, Observer, OpenFault, Opened, Sealing, Wire};
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;

/// Something that a side did.
#[derive(Clone, Debug)]
pub enum Event {
    /// It made these changes durable, in one commit.
    Commit(Vec<Mutation>),
    /// Its store was put back to hold this.
    Restored(BTreeMap<Vec<u8>, Vec<u8>>),
    /// It put a parcel on the channel.
    Put(ParcelName, Vec<u8>),
    /// It asked its tracker to carry these out.
    Wrote(Vec<Effect>),
    /// It read these bytes as a message.
    Read(Vec<u8>),
    /// It said this to people.
    Said(String),
}

impl Event {
    /// The same for the same event.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Commit(mutations) => {
                let parts = mutations.iter().flat_map(|mutation| match mutation {
                    Mutation::Put(entry) => [entry.key.as_slice(), entry.value.as_slice()],
                    Mutation::Delete(key) => [key.as_slice(), &[]],
                });
                digest::of_parts(&parts.collect::<Vec<_>>())
            }
            Self::Restored(contents) => {
                let parts = contents.iter().flat_map(|(key, value)| [key.as_slice(), value.as_slice()]);
                digest::of_parts(&parts.collect::<Vec<_>>())
            }
            Self::Put(name, bytes) => digest::of_parts(&[name.0.as_bytes(), bytes]),
            Self::Wrote(effects) => digest::of(format!("{effects:?}").as_bytes()),
            Self::Read(bytes) => digest::of(bytes),
            Self::Said(text) => digest::of(text.as_bytes()),
        }
    }
}

/// What one side did, where somebody wants to know.
#[derive(Debug, Default)]
pub struct Journal {
    wanted: Cell<bool>,
    events: RefCell<Vec<Event>>,
}

impl Journal {
    /// From here on it is kept.
    pub fn keep(&self) {
        self.wanted.set(true);
    }

    /// Adds what happened.
    pub fn add(&self, event: impl FnOnce() -> Event) {
        if self.wanted.get() {
            self.events.borrow_mut().push(event());
        }
    }

    /// What happened since this was last asked.
    pub fn take(&self) -> Vec<Event> {
        self.events.take()
    }
}

/// Writes down what people are told.
#[derive(Debug)]
pub struct Scribe<'j>(pub &'j Journal);

impl Observer for Scribe<'_> {
    fn log(&self, level: Level, event: &str, attributes: &[(&str, String)]) {
        self.0.add(|| Event::Said(format!("{level:?} {event} {attributes:?}")));
    }

    fn progress(&self, _: &str, _: u64, _: Option<u64>) {}
}

/// A wire that writes down what is read as a message.
pub struct Watched {
    wire: Box<dyn Wire>,
    journal: Rc<Journal>,
}

impl Watched {
    /// That wire, watched.
    pub fn new(wire: Box<dyn Wire>, journal: Rc<Journal>) -> Self {
        Self { wire, journal }
    }
}

impl Wire for Watched {
    fn generate(&self, profile: Profile, now: Time, seed: [u8; 32]) -> Result<Keys, String> {
        self.wire.generate(profile, now, seed)
    }

    fn fingerprint(&self, certificate: &Certificate) -> Result<Fingerprint, String> {
        self.wire.fingerprint(certificate)
    }

    fn validity(&self, certificate: &Certificate) -> Result<Validity, String> {
        self.wire.validity(certificate)
    }

    fn write_renewal(
        &self,
        renewal: &Renewal,
        old: &Keys,
        new: &Keys,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        self.wire.write_renewal(renewal, old, new, now, seed)
    }

    fn read_renewal(&self, bytes: &[u8], old: &Certificate, now: Time) -> Result<Renewal, OpenFault> {
        self.wire.read_renewal(bytes, old, now)
    }

    fn armoured(&self, certificate: &Certificate) -> Result<String, String> {
        self.wire.armoured(certificate)
    }

    fn armoured_secret(&self, keys: &Keys) -> Result<String, String> {
        self.wire.armoured_secret(keys)
    }

    fn encode(&self, message: &Numbered) -> Vec<u8> {
        self.wire.encode(message)
    }

    fn decode(&self, bytes: &[u8]) -> Result<Numbered, OpenFault> {
        self.journal.add(|| Event::Read(bytes.to_vec()));
        self.wire.decode(bytes)
    }

    fn kind(&self, bytes: &[u8]) -> Result<Kind, OpenFault> {
        self.journal.add(|| Event::Read(bytes.to_vec()));
        self.wire.kind(bytes)
    }

    fn seal(&self, with: Sealing<'_>, parcel: &Parcel, now: Time, seed: [u8; 32]) -> Result<Vec<u8>, String> {
        self.wire.seal(with, parcel, now, seed)
    }

    fn open(&self, with: Sealing<'_>, sealed: &[u8], now: Time) -> Result<Opened, OpenFault> {
        self.wire.open(with, sealed, now)
    }

    fn write_invitation(
        &self,
        invitation: &Invitation,
        keys: &Keys,
        passphrase: Option<&str>,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        self.wire.write_invitation(invitation, keys, passphrase, now, seed)
    }

    fn read_invitation(&self, file: &[u8], passphrase: Option<&str>, now: Time) -> Result<Invitation, InvitationFault> {
        self.wire.read_invitation(file, passphrase, now)
    }

    fn seal_hello(
        &self,
        hello: &Hello,
        keys: &Keys,
        partner: &Certificate,
        secret: &Secret,
        now: Time,
        seed: [u8; 32],
    ) -> Result<Vec<u8>, String> {
        self.wire.seal_hello(hello, keys, partner, secret, now, seed)
    }

    fn open_hello(&self, sealed: &[u8], keys: &Keys, secret: &Secret, now: Time) -> Result<Hello, OpenFault> {
        self.wire.open_hello(sealed, keys, secret, now)
    }
}
