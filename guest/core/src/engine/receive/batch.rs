//! Several parcels in one commit: messages, ranges, what became of each; then
//! the channel is cleared of them.

use std::collections::{BTreeMap, BTreeSet};

use super::unseal::Keyring;
use super::{Disposals, ReceiveReport, Stop};
use crate::delivery::acknowledge::{Parcels, parcels};
use crate::delivery::outbox::outgoing;
use crate::delivery::position::{Standing, standing};
use crate::delivery::transfer::{self, Taken};
use crate::delivery::{InboxRow, Incoming, OutboxRow, Outgoing, Quarantined};
use crate::engine::Engine;
use crate::engine::keys::{ring, taken};
use crate::engine::reunite;
use crate::engine::send::discard_blobs;
use crate::fault::Fault;
use crate::handshake::Greeting;
use crate::ids::{BlobName, Digest, Epoch, Fingerprint, ParcelName};
use crate::keys::Turn;
use crate::limits::{COMMIT_BYTES, QUARANTINE_MAX, QUARANTINED_NAMED_MAX};
use crate::message::{Body, Kind, Numbered};
use crate::planted::{Bug, planted};
use crate::ports::{Disposition, Level};
use crate::scope::Side;
use crate::state::{Connection, State};
use crate::store::Draft;
use crate::tables;

/// One receiving, from the channel to the store.
pub(super) struct Receiver<'e, 'a> {
    pub engine: &'e Engine<'a>,
    pub state: State,
    pub outgoing: Outgoing,
    pub incoming: Incoming,
    pub greeting: Greeting,
    pub parcels: Parcels,
    pub draft: Draft<'a>,
    pub report: ReceiveReport,
    /// Parcels that broke us off before, and how often.
    pub harmful: BTreeMap<ParcelName, u32>,
    /// What could not be cleared from the channel.
    pub disposals: BTreeSet<ParcelName>,
    /// Whether a parcel was read since the last commit.
    pub reading: bool,
    keyring: Option<Keyring>,
    saved: (State, Outgoing, Incoming, Greeting),
    disposed: Disposals,
    withdrawn: Vec<ParcelName>,
    written: BTreeSet<BlobName>,
}

impl<'e, 'a> Receiver<'e, 'a> {
    /// With everything that the store knows of both streams.
    pub fn open(engine: &'e Engine<'a>, state: State) -> Result<Self, Fault> {
        let draft = engine.draft();
        let missing = || Fault::Other("the store lacks a record of this synchronization".to_owned());
        let outgoing = outgoing(&draft)?;
        let incoming = draft.get(&tables::INCOMING, &())?.ok_or_else(missing)?;
        let greeting = draft.get(&tables::GREETING, &())?.ok_or_else(missing)?;
        Ok(Self {
            saved: (state.clone(), outgoing.clone(), incoming.clone(), greeting.clone()),
            parcels: parcels(&draft)?,
            engine,
            state,
            outgoing,
            incoming,
            greeting,
            draft,
            report: ReceiveReport::default(),
            harmful: BTreeMap::new(),
            disposals: BTreeSet::new(),
            reading: false,
            keyring: None,
            disposed: Vec::new(),
            withdrawn: Vec::new(),
            written: BTreeSet::new(),
        })
    }

    /// Our keys and what is beside them, read once.
    pub fn keyring(&mut self) -> Result<&mut Keyring, Fault> {
        if self.keyring.is_none() {
            let keys = self.draft.get(&tables::KEYS, &())?;
            self.keyring = keys.map(|keys| Ok::<_, Fault>(Keyring { keys, ring: ring(&self.draft)? })).transpose()?;
        }
        self.keyring.as_mut().ok_or_else(|| Fault::NotFound("this synchronization has no keys".to_owned()))
    }

    /// A parcel of that epoch came, sealed for that certificate of ours.
    pub fn sealed_for(&mut self, certificate: Fingerprint, epoch: Epoch) -> Result<(), Fault> {
        if certificate == self.state.fingerprint {
            return Ok(());
        }
        taken(&mut self.draft, &mut self.state, certificate)?;
        self.keyring = None;
        // An answer that was given in an old epoch doesn't come any more.
        if let Turn::Taken { answer: answer @ None } = &mut self.state.turn
            && standing(self.incoming.epoch, epoch) == Standing::Older
        {
            *answer = Some(0);
        }
        Ok(())
    }

    /// Sends a message about no pair, in the commit of what it answers.
    pub fn say(&mut self, body: Body) -> Result<(), Fault> {
        let message = self.engine.ports.wire.encode(&Numbered { after: 0, body });
        self.outgoing.appended += 1;
        Ok(self.draft.put(&tables::OUTBOX, &self.outgoing.appended, &OutboxRow::Message(message))?)
    }

    /// Whether an answer to our hello may lie on the channel.
    pub fn awaits_answer(&self) -> bool {
        self.state.side == Side::Secondary && self.state.connection != Connection::Passed
    }

    /// What earlier calls left to be done.
    pub fn clean(&mut self) -> Result<(), Fault> {
        discard_blobs(self.engine, &mut self.draft)?;
        for (name, disposition) in self.draft.scan(&tables::DISPOSALS, None, 1024)? {
            let parcel = ParcelName(name.clone());
            match self.engine.ports.channel.dispose(std::slice::from_ref(&parcel), disposition) {
                Ok(()) => self.draft.delete(&tables::DISPOSALS, &name),
                Err(_) => {
                    self.disposals.insert(parcel);
                }
            }
        }
        Ok(())
    }

    /// The partner began a new epoch, and people here agreed to it.
    pub fn begin(&mut self, epoch: Epoch) -> Result<(), Fault> {
        self.flush()?;
        reunite::begin(&mut self.draft, &mut self.state, epoch, self.engine.now)?;
        (self.outgoing, self.incoming) = reunite::streams(&self.draft)?;
        self.parcels.clear();
        self.save()
    }

    /// Takes one message into the inbox, or to its place in a blob.
    pub fn keep(&mut self, number: u64, bytes: Vec<u8>) -> Result<(), Fault> {
        let wire = self.engine.ports.wire;
        self.report.received += 1;
        let kind = wire.kind(&bytes);
        if kind == Ok(Kind::Chunk)
            && let Ok(message) = wire.decode(&bytes)
            && let Body::Chunk(chunk) = message.body
        {
            match transfer::take(&mut self.draft, self.engine.ports.blobs, &chunk)? {
                Taken::Written(blob) => {
                    self.written.insert(blob);
                }
                Taken::Known => {}
                Taken::Refused(reason) => {
                    let attributes = [("number", number.to_string()), ("reason", reason)];
                    self.engine.ports.observer.log(Level::Warning, "piece of an attachment refused", &attributes);
                }
            }
            return Ok(());
        }
        let inbox = if kind.is_ok_and(Kind::is_about_issues) { &tables::INBOX } else { &tables::NOTICES };
        Ok(self.draft.put(inbox, &number, &InboxRow { bytes, since: self.engine.now })?)
    }

    /// A parcel was taken: it is cleared away once that is durable.
    pub fn taken(&mut self, name: &ParcelName) -> Result<(), Stop> {
        self.report.parcels += 1;
        self.dispose(name, Disposition::Processed)
    }

    /// A parcel is refused: kept aside for people, and named to the partner.
    pub fn refuse(&mut self, name: &ParcelName, digest: Digest, reason: String, garbled: bool) -> Result<(), Stop> {
        let attributes = [("parcel", name.0.clone()), ("reason", reason.clone())];
        self.engine.ports.observer.log(Level::Warning, "parcel refused", &attributes);
        self.report.refused += 1;
        let (start, end) = tables::QUARANTINE.range();
        if self.engine.ports.store.count(&start, &end)? < QUARANTINE_MAX {
            let engine = env!("CARGO_PKG_VERSION").to_owned();
            let row = Quarantined { name: name.clone(), reason, since: self.engine.now, engine, garbled };
            self.draft.put(&tables::QUARANTINE, &digest, &row)?;
        }
        self.refuse_again(name, digest)
    }

    /// The partner sent it again, and may not know that it was refused.
    pub fn refuse_again(&mut self, name: &ParcelName, digest: Digest) -> Result<(), Stop> {
        let named = &mut self.incoming.quarantined;
        named.retain(|other| *other != digest);
        named.push(digest);
        let surplus = named.len().saturating_sub(QUARANTINED_NAMED_MAX);
        named.drain(..surplus);
        self.incoming.unanswered.get_or_insert(self.engine.now);
        self.dispose(name, Disposition::Rejected)
    }

    /// Takes names back from our side of the channel with the next commit.
    pub fn withdraw(&mut self, names: Vec<ParcelName>) {
        self.withdrawn.extend(names);
    }

    /// One commit for what was taken so far, then the channel. A crash in
    /// between leaves parcels that come again and change nothing; what the
    /// channel doesn't let us clear is remembered.
    pub fn flush(&mut self) -> Result<(), Fault> {
        let written: Vec<BlobName> = std::mem::take(&mut self.written).into_iter().collect();
        if !written.is_empty() && !planted(Bug::PieceUnsynced) {
            self.engine.ports.blobs.sync(&written)?;
        }
        self.save()?;
        let channel = self.engine.ports.channel;
        let (processed, rejected): (Disposals, Disposals) =
            std::mem::take(&mut self.disposed).into_iter().partition(|(_, to)| *to == Disposition::Processed);
        for parcels in [processed, rejected] {
            let Some((_, disposition)) = parcels.first() else { continue };
            let names: Vec<ParcelName> = parcels.iter().map(|(name, _)| name.clone()).collect();
            if let Err(fault) = channel.dispose(&names, *disposition) {
                self.report.trouble = Some(fault.into());
                for name in names {
                    self.draft.put(&tables::DISPOSALS, &name.0, disposition)?;
                    self.disposals.insert(name);
                }
            }
        }
        let withdrawn = std::mem::take(&mut self.withdrawn);
        if !withdrawn.is_empty()
            && let Err(fault) = channel.withdraw(&withdrawn)
        {
            self.report.trouble = Some(fault.into());
        }
        self.save()
    }

    /// Whatever breaks off from here on is no parcel's fault. The host blames
    /// the one that was read last, until the next commit: it can't see where
    /// opening ends, and several are opened before what they led to is
    /// committed. A parcel that led to nothing, half a copy above all, would
    /// else be blamed for the rest of the tick.
    pub fn absolve(&mut self) -> Result<(), Fault> {
        self.flush()?;
        if std::mem::take(&mut self.reading) {
            self.engine.absolve()?;
        }
        Ok(())
    }

    /// Seals and verifies content that came whole, whenever it did.
    pub fn verify(&mut self) -> Result<(), Fault> {
        for (digest, ()) in self.draft.scan(&tables::WHOLE, None, 1024)? {
            if let Some(reason) = transfer::verify(&mut self.draft, self.engine.ports.blobs, &digest)? {
                let attributes = [("digest", digest.to_string()), ("reason", reason)];
                self.engine.ports.observer.log(Level::Warning, "content of an attachment refused", &attributes);
            }
        }
        self.save()
    }

    fn dispose(&mut self, name: &ParcelName, disposition: Disposition) -> Result<(), Stop> {
        self.disposed.push((name.clone(), disposition));
        if self.draft.size() >= COMMIT_BYTES { Ok(self.flush()?) } else { Ok(()) }
    }

    fn save(&mut self) -> Result<(), Fault> {
        let (state, outgoing, incoming, greeting) = &self.saved;
        if *state != self.state {
            self.draft.put(&tables::STATE, &(), &self.state)?;
        }
        if planted(Bug::RangesBeforeMessages) {
            let mut first = self.engine.draft();
            first.put(&tables::INCOMING, &(), &self.incoming)?;
            first.commit()?;
        }
        if *outgoing != self.outgoing {
            self.draft.put(&tables::OUTGOING, &(), &self.outgoing)?;
        }
        if *incoming != self.incoming {
            self.draft.put(&tables::INCOMING, &(), &self.incoming)?;
        }
        if *greeting != self.greeting {
            self.draft.put(&tables::GREETING, &(), &self.greeting)?;
        }
        self.reading &= self.draft.is_empty();
        std::mem::replace(&mut self.draft, self.engine.draft()).commit()?;
        self.saved = (self.state.clone(), self.outgoing.clone(), self.incoming.clone(), self.greeting.clone());
        Ok(())
    }
}
