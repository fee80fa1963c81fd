//! A partner with its keys, and no good intentions: it reads its own store, as
//! a process that ended left it, and seals what it likes for the other side.

use std::path::PathBuf;
use std::time::Duration;

use ferry::runtime::{ChannelPlace, SyncPlace, TrackerPlace};
use ferry::store::Store;
use ferry_core::delivery::token::Token;
use ferry_core::delivery::{Incoming, Outgoing};
use ferry_core::digest::of;
use ferry_core::handshake::Keys;
use ferry_core::message::Parcel;
use ferry_core::ports::Sealing;
use ferry_core::state::State;
use ferry_core::store::Table;
use ferry_core::tables;
use ferry_core::time::Time;
use ferry_wire::forge;

use crate::hostile::Hostile;
use crate::office::{Daemon, Office};
use crate::process::{Used, wait_for};

/// Somebody at an organisation who holds all that its Ferry holds.
pub struct Insider {
    /// Where its synchronization stands.
    pub state: State,
    keys: Keys,
    outgoing: Outgoing,
    /// What it received.
    pub incoming: Incoming,
    now: Time,
    send: PathBuf,
}

impl Insider {
    /// At an organisation that is connected and has no process now.
    pub fn at(office: &Office) -> Self {
        let store = Store::open(&store(office)).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Self {
            state: row(&store, &tables::STATE),
            keys: row(&store, &tables::KEYS),
            outgoing: row(&store, &tables::OUTGOING),
            incoming: row(&store, &tables::INCOMING),
            now: Time(now.as_millis().try_into().unwrap()),
            send: office.exchange.join("SEND"),
        }
    }

    /// The next parcel of its stream with these messages, as an honest side
    /// would make it.
    pub fn parcel(&self, messages: Vec<Vec<u8>>) -> Parcel {
        let partner = self.state.partner.as_ref().unwrap();
        Parcel {
            sync: self.state.sync,
            sender: self.state.side,
            from: self.state.fingerprint,
            to: partner.fingerprint,
            epoch: self.outgoing.epoch,
            first: if messages.is_empty() { 0 } else { self.outgoing.appended + 1 },
            chain: self.outgoing.chain,
            messages,
            unnumbered: Vec::new(),
            position: None,
            created: self.now,
            protocol: ferry_core::message::PROTOCOL,
        }
    }

    /// These messages were taken: the next parcel goes on after them.
    pub fn sent(&mut self, messages: &[Vec<u8>]) {
        for message in messages {
            self.outgoing.chain = self.outgoing.chain.then(of(message));
            self.outgoing.appended += 1;
        }
    }

    /// What it seals with.
    pub fn sealing(&self) -> Sealing<'_> {
        let partner = self.state.partner.as_ref().unwrap();
        Sealing { keys: &self.keys, partner: &partner.certificate, profile: self.state.profile }
    }

    /// Signs and seals any payload.
    pub fn sealed(&self, payload: &[u8]) -> Vec<u8> {
        forge::parcel(self.sealing(), payload, self.now, [9; 32]).unwrap()
    }

    /// Signs and seals any frame.
    pub fn sealed_frame(&self, frame: &[u8]) -> Vec<u8> {
        let inner = forge::sign(self.sealing(), frame, self.now, [9; 32]).unwrap();
        forge::seal(self.sealing(), &inner, [9; 32]).unwrap()
    }

    /// Lays bytes on the channel under the name that they should have; answers
    /// where.
    pub fn lay(&self, sealed: &[u8]) -> PathBuf {
        let name = Token::parcels(&self.state.sync, self.state.side).name(&of(sealed));
        let (file, hidden) = (self.send.join(&name.0), self.send.join(format!(".{}", name.0)));
        std::fs::write(&hidden, sealed).unwrap();
        std::fs::rename(&hidden, &file).unwrap();
        file
    }

    /// Has the other side's daemon take or refuse a parcel; answers what that
    /// cost beyond what it held before: bytes of memory at the peak, and
    /// processor time in hundredths of a second.
    pub fn cost(&mut self, daemon: &Daemon, hostile: &Hostile) -> (u64, u64) {
        // What came before is known at once.
        self.now = self.now.after_ms(1);
        let sealed = self.sealed(&hostile.payload(|messages| self.parcel(messages)));
        let nothing = forge::records(&[&forge::header(&self.parcel(Vec::new())).unwrap()]);
        Used::forget_peak(daemon.id());
        let before = Used::by(daemon.id());
        let file = self.lay(&sealed);
        wait_for(hostile.what, PATIENCE, || (!file.exists()).then_some(()));
        if hostile.is_taken() {
            self.sent(&hostile.messages);
        }
        // A tick that began after it was taken has settled it.
        let harmless = self.lay(&self.sealed(&nothing));
        wait_for("what is behind it", PATIENCE, || (!harmless.exists()).then_some(()));
        let after = Used::by(daemon.id());
        (after.peak.saturating_sub(before.peak), after.ticks - before.ticks)
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

/// The file that a synchronization of an organisation lies in.
pub fn store(office: &Office) -> PathBuf {
    let mut found = std::fs::read_dir(office.home.join("sync")).unwrap();
    found.next().expect("there is a synchronization").unwrap().path().join("store.db")
}

/// Where an organisation's synchronization is, for an engine in this process.
pub fn place(office: &Office, channel: ChannelPlace) -> SyncPlace {
    SyncPlace {
        dir: store(office).parent().unwrap().to_owned(),
        tracker: TrackerPlace {
            folder: Some(office.issues.clone()),
            ..TrackerPlace::new("ours", "local", office.home.join("trackers/ours"))
        },
        project: office.project.clone(),
        user: "ferry".to_owned(),
        channel: Some(channel),
    }
}

fn row<V>(store: &Store, table: &Table<(), V>) -> V
where
    V: serde::Serialize + serde::de::DeserializeOwned,
{
    let bytes = store.get(&[table.key(&())]).unwrap().pop().flatten().expect("the record is there");
    table.read(&bytes).unwrap()
}
