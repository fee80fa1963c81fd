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
use crate::pair::{ItemKind, ItemName, Ours, Pair, Wanted};
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
                let counter = old.counter.max(state.heard_epoch).saturating_add(1);
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

impl Engine<'_> {
    /// Between the beginning of a new epoch and the next run nothing may be
    /// said of a pair: it still goes by the numbers of the old one.
    pub(super) fn in_one_epoch(&self) -> Result<(), Fault> {
        match self.state()?.reunion {
            Reunion::Telling(_) => Err(Fault::NotAllowed(
                "both sides are about to compare what they know of each issue: let this one run, and try again"
                    .to_owned(),
            )),
            _ => Ok(()),
        }
    }
}

/// A new epoch begins. What was on its way in the old one is let go of: what it
/// said is in the standings, or waits again.
pub(crate) fn begin(draft: &mut Draft<'_>, state: &mut State, epoch: Epoch, now: Time) -> Result<(), Fault> {
    clear(draft, &tables::OUTBOX, |_, _, _| Ok(()))?;
    clear(draft, &tables::PARCELS, |_, _, _| Ok(()))?;
    clear(draft, &tables::INBOX, |_, _, _| Ok(()))?;
    clear(draft, &tables::NOTICES, |_, _, _| Ok(()))?;
    clear(draft, &tables::WHOLE, |_, _, _| Ok(()))?;
    clear(draft, &tables::LEAVING, |draft, blob, _| Ok(draft.put(&tables::DISCARDS, &blob, &())?))?;
    clear(draft, &tables::TRANSFERS, |draft, _, Transfer { blob, .. }| match blob {
        Some(blob) => Ok(draft.put(&tables::DISCARDS, &blob.0, &())?),
        None => Ok(()),
    })?;
    new_streams(draft, epoch)?;
    // What was published in the old epoch is published again, where it still is.
    if let Some(mut known) = draft.get(&tables::CONFIGURED, &())?
        && known.offered.take().is_some()
    {
        draft.put(&tables::CONFIGURED, &(), &known)?;
    }
    if let Turn::Taken { answer } = &mut state.turn {
        *answer = Some(0);
    }
    state.reunion = Reunion::Telling(None);
    // Who disagrees was heard: the channel works, whatever a copy knew of it.
    state.connect(Connection::Passed, now);
    state.heard_epoch = state.heard_epoch.max(epoch.counter);
    if state.halted {
        state.stand(Status::Stopped, "Stopped, as before the restore; both sides compare what they know.", now);
    } else {
        state.stand(Status::Running, "Running again after a restore; both sides compare what they know.", now);
    }
    Ok(())
}

/// The streams as they are after `begin`.
pub(crate) fn streams(draft: &Draft<'_>) -> Result<(Outgoing, Incoming), Fault> {
    let incoming = draft.get(&tables::INCOMING, &())?;
    let incoming = incoming.ok_or_else(|| Fault::Other("the store lacks the partner's stream".to_owned()))?;
    Ok((outgoing(draft)?, incoming))
}

/// Removes all records of a table, and hands each over.
fn clear<K: Key + Clone, V: serde::Serialize + serde::de::DeserializeOwned>(
    draft: &mut Draft<'_>,
    table: &Table<K, V>,
    mut taken: impl FnMut(&mut Draft<'_>, K, V) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let some = draft.scan(table, after.as_ref(), PAIRS)?;
        if some.is_empty() {
            return Ok(());
        }
        for (key, value) in some {
            draft.delete(table, &key);
            after = Some(key.clone());
            taken(draft, key, value)?;
        }
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
                // An epoch's number may have been used before by a side that
                // forgot it.
                pair.reunited = 0;
                pair.missed.clear();
            }
        }
        if scan.put_back {
            pull::compare(engine, &mut batch, &state, &ids)?;
        }
        for id in &ids {
            let Some(pair) = batch.pair_mut(*id) else { continue };
            let mut standing = standing(*id, pair);
            // Nor do contents: copies that were never made are told again, where
            // they still are.
            pair.copies.retain(|_, copy| {
                if let Wanted::Attachment(_) = copy.wanted {
                    copy.wanted = Wanted::Done;
                }
                copy.local.is_some()
            });
            // Who agreed to compare everything let go of what was held.
            if std::mem::take(&mut pair.held).gone.is_some() {
                standing.departed = true;
                pull::left(&mut batch, *id)?;
            }
            batch.draft.delete(&tables::HELD, id);
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
