//! Sealed parcels on their way: first the commit that tells of them, then the
//! channel.

use std::rc::Rc;

use super::load::Load;
use super::seal::Keyring;
use super::{SendReport, Stop, riders, seal, token};
use crate::delivery::acknowledge::{Parcels, forget_messages, parcels};
use crate::delivery::outbox::outgoing;
use crate::delivery::{Incoming, Outgoing, SentParcel, ranges};
use crate::digest::of;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::handshake::{Greeting, Seed};
use crate::ids::{Chain, ParcelName};
use crate::keys::Turn;
use crate::limits::{COMMIT_BYTES, RESEND_MS_MAX};
use crate::message::{Position, Unnumbered};
use crate::planted::{Bug, planted};
use crate::state::{Connection, Reunion, Revoked, State};
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// One sending, from the store to the channel.
pub(super) struct Sender<'e, 'a> {
    pub engine: &'e Engine<'a>,
    pub state: &'e State,
    keyring: Option<Rc<Keyring>>,
    pub outgoing: Outgoing,
    pub incoming: Incoming,
    pub greeting: Greeting,
    pub parcels: Parcels,
    pub draft: Draft<'a>,
    pub report: SendReport,
    saved: (Outgoing, Incoming, Greeting),
    budget: u32,
    most: Option<u64>,
    ready: Vec<(u64, ParcelName, Vec<u8>)>,
    withdrawn: Vec<ParcelName>,
}

impl<'e, 'a> Sender<'e, 'a> {
    /// With everything that the store knows of our parcels.
    pub fn open(engine: &'e Engine<'a>, state: &'e State, budget: u32) -> Result<Self, Fault> {
        let draft = engine.draft();
        let missing = || Fault::Other("the store lacks a record of this synchronization".to_owned());
        let outgoing = outgoing(&draft)?;
        let incoming = draft.get(&tables::INCOMING, &())?.ok_or_else(missing)?;
        let greeting = draft.get(&tables::GREETING, &())?.ok_or_else(missing)?;
        let saved = (outgoing.clone(), incoming.clone(), greeting.clone());
        let parcels = parcels(&draft)?;
        let (ready, withdrawn, report) = (Vec::new(), Vec::new(), SendReport::default());
        Ok(Self {
            engine,
            state,
            keyring: None,
            outgoing,
            incoming,
            greeting,
            parcels,
            draft,
            report,
            saved,
            budget,
            most: None,
            ready,
            withdrawn,
        })
    }

    /// The time of this call.
    pub fn now(&self) -> Time {
        self.engine.now
    }

    /// How many more parcels may leave.
    pub fn left(&self) -> u32 {
        let ready = u32::try_from(self.ready.len()).unwrap_or(u32::MAX);
        self.budget.saturating_sub(self.report.parcels).saturating_sub(ready)
    }

    /// Our keys, the partner's, and those beside them; read once.
    pub fn keyring(&mut self) -> Result<Rc<Keyring>, Fault> {
        match &self.keyring {
            Some(known) => Ok(known.clone()),
            None => Ok(self.keyring.insert(Rc::new(Keyring::open(self.engine, self.state)?)).clone()),
        }
    }

    /// Numbers messages of the outbox for the first time, as many of the load
    /// as fit into a parcel.
    pub fn number(&mut self, mut load: Load) -> Result<(), Stop> {
        self.parcel_bytes_max()?;
        let mut row = self.row(self.outgoing.sealed + 1, self.outgoing.chain);
        let sealed = self.fit(&mut row, &mut load)?;
        self.outgoing.sealed = row.last;
        self.outgoing.chain = row.after;
        self.report.sent += u32::try_from(load.messages.len()).unwrap_or(u32::MAX);
        self.make(row, sealed)?;
        self.flush_full()
    }

    /// A parcel without numbered messages, in which these ride.
    pub fn bare(&mut self, unnumbered: Vec<Unnumbered>) -> Result<(), Stop> {
        if self.left() == 0 {
            return Err(Stop::Budget);
        }
        self.parcel_bytes_max()?;
        let mut row = self.row(0, self.outgoing.chain);
        row.unnumbered = unnumbered;
        let sealed = self.fit(&mut row, &mut Load::default())?;
        Ok(self.make(row, sealed)?)
    }

    /// A row for a new parcel, with the position and what else rides in it.
    pub fn row(&mut self, first: u64, before: Chain) -> SentParcel {
        let now = self.now();
        // Who asks for a new epoch has no place in the old one.
        // Who revoked its keys says nothing else.
        let speaks = self.state.connected() && self.state.reunion != Reunion::Agreed && self.state.revoked.is_none();
        let position = speaks.then(|| self.position());
        let unnumbered = riders(self);
        self.greeting.urgent = false;
        SentParcel {
            first,
            last: 0,
            before,
            after: before,
            unnumbered,
            position,
            created: now,
            seed: Seed(self.engine.random()),
            ours: self.state.key,
            theirs: self.state.partner.as_ref().map_or(0, |partner| partner.key),
            name: ParcelName(String::new()),
            digest: of(&[]),
            size: 0,
            attempts: 0,
            sent: now,
            due: self.later(0),
            blobs: Default::default(),
            covered: false,
            refused: false,
        }
    }

    /// Seals as many of the messages as fit into a parcel, and completes the
    /// row; what is left of the load is what went in.
    pub fn fit(&mut self, row: &mut SentParcel, load: &mut Load) -> Result<Vec<u8>, Stop> {
        let most = self.parcel_bytes_max()?;
        loop {
            let (sealed, back) = seal::seal(self, row, std::mem::take(load))?;
            *load = back;
            if sealed.len() as u64 > most && load.messages.len() > 1 {
                load.halve();
                continue;
            }
            let count = load.messages.len() as u64;
            row.last = (row.first + count).saturating_sub(1);
            row.after = load.messages.iter().fold(row.before, |chain, message| chain.then(of(message)));
            row.blobs = load.pieces();
            self.name(row, &sealed);
            return Ok(sealed);
        }
    }

    /// The largest parcel that the channel takes, in bytes. Asked once, and before
    /// anything of a parcel is changed: what the channel refuses to say leaves
    /// everything as it was.
    pub fn parcel_bytes_max(&mut self) -> Result<u64, Stop> {
        match self.most {
            Some(most) => Ok(most),
            None => {
                let asked = self.engine.ports.channel.parcel_bytes_max();
                Ok(*self.most.insert(asked.map_err(|fault| Stop::Trouble(fault.into()))?))
            }
        }
    }

    /// Names a row's parcel by its bytes.
    pub fn name(&self, row: &mut SentParcel, sealed: &[u8]) {
        row.digest = of(sealed);
        row.name = token(self.state).name(&row.digest);
        row.size = sealed.len() as u64;
    }

    /// Gives a new parcel its place, and takes back those that only said what
    /// this one says anew.
    pub fn make(&mut self, row: SentParcel, sealed: Vec<u8>) -> Result<(), Fault> {
        if row.position.is_some() {
            let stale = |row: &SentParcel| row.first == 0 && !asking(self.state, row);
            let over: Vec<u64> = self.parcels.iter().filter(|(_, row)| stale(row)).map(|(key, _)| *key).collect();
            for key in over {
                self.drop_parcel(key);
            }
        }
        self.outgoing.made += 1;
        self.outgoing.last_parcel = Some(self.now());
        let key = self.outgoing.made;
        self.draft.put(&tables::PARCELS, &key, &row)?;
        let name = row.name.clone();
        self.parcels.insert(key, row);
        self.leave(key, name, sealed);
        Ok(())
    }

    /// Lets go of a parcel's row, and takes the parcel back from the channel.
    pub fn drop_parcel(&mut self, key: u64) {
        self.draft.delete(&tables::PARCELS, &key);
        self.ready.retain(|(ready, _, _)| *ready != key);
        if let Some(row) = self.parcels.remove(&key) {
            self.withdrawn.push(row.name);
        }
    }

    /// Takes names back from the channel with the next commit.
    pub fn withdraw(&mut self, names: Vec<ParcelName>) {
        self.withdrawn.extend(names);
    }

    /// Puts a parcel on the channel with the next commit.
    pub fn leave(&mut self, key: u64, name: ParcelName, sealed: Vec<u8>) {
        self.ready.push((key, name, sealed));
    }

    /// Commits and sends where much is ready: memory stays bounded. Not in the
    /// middle of what belongs together.
    pub fn flush_full(&mut self) -> Result<(), Stop> {
        if self.ready.iter().map(|(_, _, sealed)| sealed.len()).sum::<usize>() >= COMMIT_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// One commit for what was made so far, then the channel.
    pub fn flush(&mut self) -> Result<(), Stop> {
        if planted(Bug::PutBeforeCommit) {
            for (_, name, sealed) in &self.ready {
                self.put(name, sealed)?;
            }
        }
        self.save()?;
        for (key, name, sealed) in std::mem::take(&mut self.ready) {
            self.put(&name, &sealed)?;
            self.outgoing.put = self.outgoing.put.max(key);
            if planted(Bug::ForgottenWhenSent)
                && let Some(row) = self.parcels.remove(&key)
            {
                forget_messages(&mut self.draft, &row)?;
                self.draft.delete(&tables::PARCELS, &key);
            }
            self.report.parcels += 1;
        }
        let withdrawn = std::mem::take(&mut self.withdrawn);
        if withdrawn.is_empty() {
            return Ok(());
        }
        self.engine.ports.channel.withdraw(&withdrawn).map_err(|fault| Stop::Trouble(fault.into()))
    }

    fn put(&self, name: &ParcelName, sealed: &[u8]) -> Result<(), Stop> {
        let to = self.state.recipient();
        self.engine.ports.channel.put(to, name, sealed).map_err(|fault| Stop::Trouble(fault.into()))
    }

    /// Keeps which parcels have reached the channel.
    pub fn close(&mut self) -> Result<(), Fault> {
        self.save()
    }

    /// Lets go of blobs that nothing refers to any more.
    pub fn discard_blobs(&mut self) -> Result<(), Fault> {
        discard_blobs(self.engine, &mut self.draft)
    }

    /// When something that was sent so often is looked after again.
    pub fn later(&self, attempts: u32) -> Time {
        let wait = (self.engine.ports.channel.pace().resend_ms << attempts.min(20)).min(RESEND_MS_MAX);
        let random = u64::from(u16::from_be_bytes(self.engine.random()));
        self.now().after_ms(wait + wait / 4 * random / u64::from(u16::MAX))
    }

    fn save(&mut self) -> Result<(), Fault> {
        let (outgoing, incoming, greeting) = &self.saved;
        if *outgoing != self.outgoing {
            self.draft.put(&tables::OUTGOING, &(), &self.outgoing)?;
        }
        if *incoming != self.incoming {
            self.draft.put(&tables::INCOMING, &(), &self.incoming)?;
        }
        if *greeting != self.greeting {
            self.draft.put(&tables::GREETING, &(), &self.greeting)?;
        }
        std::mem::replace(&mut self.draft, self.engine.draft()).commit()?;
        self.saved = (self.outgoing.clone(), self.incoming.clone(), self.greeting.clone());
        Ok(())
    }

    fn position(&mut self) -> Position {
        let now = self.now();
        let incoming = &mut self.incoming;
        // From a store that was put back, too, it is newer than all that were made.
        incoming.counter = (incoming.counter + 1).max(now.0);
        incoming.positioned = Some(now);
        incoming.unanswered = None;
        Position {
            counter: incoming.counter,
            epoch: incoming.epoch,
            ranges: ranges::numbers(&incoming.spans),
            chain: ranges::chain(&incoming.spans),
            quarantined: incoming.quarantined.clone(),
        }
    }
}

/// Removes blobs that earlier commits let go of; the draft forgets them.
pub(crate) fn discard_blobs(engine: &Engine<'_>, draft: &mut Draft<'_>) -> Result<(), Fault> {
    for (name, ()) in draft.scan(&tables::DISCARDS, None, 256)? {
        if planted(Bug::BlobsKept) {
            continue;
        }
        engine.ports.blobs.remove(&name.as_str().into())?;
        draft.delete(&tables::DISCARDS, &name);
    }
    Ok(())
}

/// Whether a row asks for something that hasn't been answered: a ping, the wish
/// for a new epoch, or that keys are replaced or revoked.
pub(super) fn asking(state: &State, row: &SentParcel) -> bool {
    state.connection == Connection::PingSent && row.pings()
        || state.reunion == Reunion::Agreed && row.asks_restart()
        || state.revoked == Some(Revoked::Ours) && row.revokes()
        || matches!(state.turn, Turn::Told { .. }) && row.renews()
}
