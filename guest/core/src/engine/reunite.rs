//! **Reunion**: how two sides go on after one of them was put back to an
//! earlier state. People on both sides agree; the primary begins a new epoch;
//! each side tells how every pair stands, and both compute the same from it.
//! Meanwhile no issue flows.

use std::collections::BTreeMap;

use super::Engine;
use super::batch::Batch;
use super::pull;
use super::setup::new_streams;
use crate::delivery::{Incoming, Outgoing, Transfer, outbox::outgoing};
use crate::digest;
use crate::fault::Fault;
use crate::ids::{Digest, Epoch, ItemId, PairId};
use crate::keys::Turn;
use crate::message::{Body, Control, Reference, Standing, Standings};
use crate::pair::{Held, ItemKind, ItemName, Ours, Pair, Wanted};
use crate::planted::{Bug, planted};
use crate::scope::Side;
use crate::state::{Connection, Reunion, State, Status};
use crate::store::{Draft, Key, Table};
use crate::tables;
use crate::time::Time;

mod settle;

/// Pairs of one commit.
const PAIRS: u32 = 256;

impl Engine<'_> {
    /// People agreed to go on.
    ///
    /// # Errors
    /// `NotAllowed` where nothing keeps them from it.
    pub fn reconcile(&self) -> Result<(), Fault> {
        let mut state = self.state()?;
        if state.status != Status::RestartRequired {
            return Err(Fault::NotAllowed("there is nothing to reconcile: the two sides don't disagree".to_owned()));
        }
        let mut draft = self.draft();
        match state.side {
            Side::Primary => {
                let old = outgoing(&draft)?.epoch;
                let counter = old.counter.max(state.heard_epoch) + 1;
                let new = Epoch { counter, nonce: self.random() };
                begin(&mut draft, &mut state, if planted(Bug::EpochKept) { old } else { new }, self.now)?;
            }
            Side::Secondary => {
                state.reunion = Reunion::Agreed;
                state.reason = "agreed here; waits until the partner's people have agreed too, with `ferry sync \
                                reconcile`"
                    .to_owned();
            }
        }
        draft.put(&tables::STATE, &(), &state)?;
        Ok(draft.commit()?)
    }
}

/// A new epoch begins. What was on its way in the old one is let go of: what it
/// said is in the standings, or waits again.
pub(crate) fn begin(draft: &mut Draft<'_>, state: &mut State, epoch: Epoch, now: Time) -> Result<(), Fault> {
    clear(draft, &tables::OUTBOX)?;
    clear(draft, &tables::PARCELS)?;
    clear(draft, &tables::INBOX)?;
    clear(draft, &tables::NOTICES)?;
    clear(draft, &tables::WHOLE)?;
    for (blob, _) in clear(draft, &tables::LEAVING)? {
        draft.put(&tables::DISCARDS, &blob, &())?;
    }
    for (_, Transfer { blob, .. }) in clear(draft, &tables::TRANSFERS)? {
        if let Some(blob) = blob {
            draft.put(&tables::DISCARDS, &blob.0, &())?;
        }
    }
    new_streams(draft, epoch)?;
    if let Turn::Taken { answer } = &mut state.turn {
        *answer = Some(0);
    }
    state.reunion = Reunion::Telling(None);
    // Who disagrees was heard: the channel works, whatever a copy knew of it.
    state.connect(Connection::Passed, now);
    state.heard_epoch = state.heard_epoch.max(epoch.counter);
    state.stand(Status::Running, "Running again after a restore; both sides compare what they know.", now);
    Ok(())
}

/// The streams as they are after `begin`.
pub(crate) fn streams(draft: &Draft<'_>) -> Result<(Outgoing, Incoming), Fault> {
    let incoming = draft.get(&tables::INCOMING, &())?;
    let incoming = incoming.ok_or_else(|| Fault::Other("the store lacks the partner's stream".to_owned()))?;
    Ok((outgoing(draft)?, incoming))
}

/// Removes all records of a table; answers them.
fn clear<K: Key, V: serde::Serialize + serde::de::DeserializeOwned>(
    draft: &mut Draft<'_>,
    table: &Table<K, V>,
) -> Result<Vec<(K, V)>, Fault> {
    let mut all = Vec::new();
    loop {
        let some = draft.scan(table, None, PAIRS)?;
        if some.is_empty() {
            return Ok(all);
        }
        for (key, _) in &some {
            draft.delete(table, key);
        }
        all.extend(some);
    }
}

/// Tells the next standings, as long as there are any: a commit for some of
/// them, so that it may be cut off anywhere.
pub(crate) fn tell(engine: &Engine<'_>) -> Result<(), Fault> {
    loop {
        let mut state = engine.state()?;
        let Reunion::Telling(after) = state.reunion else { return Ok(()) };
        let mut batch = Batch::open(engine)?;
        let some = batch.draft.scan(&tables::PAIRS, after.as_ref(), PAIRS)?;
        let ids: Vec<PairId> = some.iter().map(|(id, _)| *id).collect();
        drop(some);
        batch.load(&ids)?;
        let mut scan = batch.draft.get(&tables::SCAN, &())?.unwrap_or_default();
        for id in &ids {
            // Numbers of the old epoch mean nothing any more.
            if let Some(pair) = batch.pair_mut(*id) {
                pair.last_sent = 0;
                // Who agreed to compare everything let go of what was held.
                pair.held = Held::default();
            }
            batch.draft.delete(&tables::HELD, id);
        }
        if scan.put_back {
            pull::compare(engine, &mut batch, &state, &ids)?;
        }
        for id in &ids {
            let Some(pair) = batch.pair_mut(*id) else { continue };
            // Nor do contents: copies that were never made are told again, where
            // they still are.
            pair.copies.retain(|_, copy| copy.local.is_some());
            let standing = standing(*id, pair);
            batch.send(*id, Body::Standing(standing))?;
        }
        match ids.last() {
            Some(last) => state.reunion = Reunion::Telling(Some(*last)),
            None => {
                let (configuration, scope) = in_force(&batch.draft)?;
                batch.send_alone(Body::Standings(Standings { configuration, scope }))?;
                // The old epoch may have taken the word along.
                if state.key > 0 && state.turn == Turn::None {
                    batch.send_alone(Body::Control(Control::Sole(state.fingerprint)))?;
                }
                state.reunion = Reunion::Told;
                if scan.put_back {
                    (scan.put_back, scan.instance) = (false, None);
                    batch.draft.put(&tables::SCAN, &(), &scan)?;
                }
            }
        }
        batch.draft.put(&tables::STATE, &(), &state)?;
        batch.commit()?;
    }
}

/// How a pair stands here.
fn standing(id: PairId, pair: &Pair) -> Standing {
    let has = |kind: ItemKind| -> Vec<ItemId> {
        let copies = pair.copies.iter().filter(|(item, copy)| item.kind == kind && copy.local.is_some());
        let shown = copies.filter(|(_, copy)| !matches!(copy.wanted, Wanted::Attachment(_)));
        shown.map(|(item, _)| item.id.clone()).collect()
    };
    Standing {
        pair: id,
        origin: pair.origin,
        version: pair.version,
        agreed: pair.agreed.clone(),
        reference: pair.issue.as_ref().map(|issue| Reference { key: issue.key.0.clone(), url: issue.url.clone() }),
        departed: pair.left_here,
        comments: has(ItemKind::Comment),
        attachments: has(ItemKind::Attachment),
    }
}

/// The configuration in force, and a digest of what is shared under it.
fn in_force(draft: &Draft<'_>) -> Result<(u32, Digest), Fault> {
    let version = draft.get(&tables::CONFIGURED, &())?.unwrap_or_default().version;
    let scope = draft.get(&tables::ADOPTIONS, &version)?.map(|adoption| adoption.scope);
    let bytes = rmp_serde::to_vec_named(&scope).map_err(|error| Fault::Other(error.to_string()))?;
    Ok((version, digest::of(&bytes)))
}

/// What the partner has of ours. A comment is told again; an attachment isn't,
/// where we knew that it was.
fn told(pair: &Pair, theirs: &Standing) -> BTreeMap<ItemName, Ours> {
    let comments = theirs.comments.iter().map(|id| (ItemKind::Comment.with(id), Ours { told: Ours::UNKNOWN }));
    let attachments = theirs.attachments.iter().map(|id| {
        let item = ItemKind::Attachment.with(id);
        let told = pair.ours.get(&item).map_or(Ours::UNKNOWN, |ours| ours.told);
        (item, Ours { told })
    });
    comments.chain(attachments).collect()
}
