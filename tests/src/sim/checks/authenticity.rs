//! I11: what is taken is what the partner sent under that number. I12: nothing
//! else is ever read as a message.

use std::collections::BTreeSet;

use ferry_core::delivery::OutboxRow;
use ferry_core::digest;
use ferry_core::ids::{Digest, Epoch};
use ferry_core::tables;

use super::state::{Ended, Shadow, puts};
use super::{Check, End, Event};
use crate::memory::PlainWire;

/// The messages that an end ever had to send, by number.
type Sent = BTreeSet<(End, Epoch, u64, Digest)>;

fn sent(stores: &[Shadow; 2]) -> Sent {
    let of = |end: End| {
        let store = &stores[end as usize];
        let epoch = store.get(&tables::OUTGOING, &()).unwrap().epoch;
        let rows = store.all(&tables::OUTBOX).into_iter();
        rows.filter_map(move |(number, row)| Some((end, epoch, number, written(&row)?)))
    };
    End::BOTH.into_iter().flat_map(of).collect()
}

fn written(row: &OutboxRow) -> Option<Digest> {
    match row {
        OutboxRow::Message(bytes) => Some(digest::of(bytes)),
        OutboxRow::Piece(_) => None,
    }
}

pub(super) struct Authenticity {
    sent: Sent,
}

impl Authenticity {
    pub fn new(stores: &[Shadow; 2]) -> Self {
        Self { sent: sent(stores) }
    }
}

impl Check for Authenticity {
    fn name(&self) -> &'static str {
        "I11 authenticity"
    }

    fn event(&mut self, end: End, event: &Event, before: &Shadow) -> Result<(), String> {
        let Event::Commit(mutations) = event else { return Ok(()) };
        for (_, state) in puts(mutations, &tables::STATE) {
            let known = before.get(&tables::STATE, &()).and_then(|state| state.partner);
            let known = known.map(|partner| (partner.key, partner.fingerprint));
            let now = state.partner.map(|partner| (partner.key, partner.fingerprint));
            if now.zip(known).is_some_and(|(now, known)| now.0 < known.0 || now.0 == known.0 && now.1 != known.1) {
                return Err(format!("{end:?} went back to an earlier certificate of its partner's"));
            }
        }
        for (number, row) in puts(mutations, &tables::OUTBOX) {
            let outgoing = puts(mutations, &tables::OUTGOING).pop().map(|(_, outgoing)| outgoing);
            let outgoing = outgoing.or_else(|| before.get(&tables::OUTGOING, &())).unwrap();
            self.sent.extend(written(&row).map(|digest| (end, outgoing.epoch, number, digest)));
        }
        let rows = [puts(mutations, &tables::INBOX), puts(mutations, &tables::NOTICES)].concat();
        if rows.is_empty() {
            return Ok(());
        }
        let incoming = puts(mutations, &tables::INCOMING).pop().map(|(_, incoming)| incoming);
        let epoch = incoming.or_else(|| before.get(&tables::INCOMING, &())).unwrap().epoch;
        for (number, row) in rows {
            if !self.sent.contains(&(end.other(), epoch, number, digest::of(&row.bytes))) {
                return Err(format!("{end:?} took a message {number} that its partner never wrote"));
            }
        }
        Ok(())
    }

    fn end(&mut self, ended: &Ended<'_>) -> Result<(), String> {
        let states = ended.stores.each_ref().map(|store| store.get(&tables::STATE, &()).unwrap());
        for end in End::BOTH {
            let partner = states[end as usize].partner.as_ref().map(|partner| partner.fingerprint);
            if partner != Some(states[end.other() as usize].fingerprint) {
                return Err(format!("{end:?} at rest holds another certificate than its partner seals with"));
            }
        }
        Ok(())
    }
}

pub(super) struct NoEarlyPlaintext {
    known: BTreeSet<Digest>,
}

impl NoEarlyPlaintext {
    pub fn new(stores: &[Shadow; 2]) -> Self {
        let known = sent(stores).into_iter().map(|(_, _, _, digest)| digest);
        let waiting = stores.iter().flat_map(|store| {
            let rows = store.all(&tables::INBOX).into_iter().chain(store.all(&tables::NOTICES));
            rows.map(|(_, row)| digest::of(&row.bytes))
        });
        Self { known: known.chain(waiting).collect() }
    }
}

impl Check for NoEarlyPlaintext {
    fn name(&self) -> &'static str {
        "I12 no early plaintext"
    }

    fn event(&mut self, end: End, event: &Event, _: &Shadow) -> Result<(), String> {
        match event {
            // A piece of an attachment is written when its parcel is sealed.
            Event::Put(_, bytes) => {
                let parcel = PlainWire::peek(bytes);
                self.known.extend(parcel.iter().flat_map(|parcel| &parcel.messages).map(|it| digest::of(it)));
                Ok(())
            }
            Event::Read(bytes) if !self.known.contains(&digest::of(bytes)) => {
                Err(format!("{end:?} read bytes as a message that nobody sent"))
            }
            _ => Ok(()),
        }
    }
}
