//! The partner's standings: each pair goes on above both versions.

use super::super::batch::Batch;
use super::super::settle::Settling;
use super::{PAIRS, in_force, told};
use crate::config::Publication;
use crate::delivery::outbox::outgoing;
use crate::fault::Fault;
use crate::ids::PairId;
use crate::message::{Body, Configuration, Standing, Standings};
use crate::pair::{Pair, Rules, creation_key};
use crate::scope::{Policy, Side};
use crate::shared::View;
use crate::state::{Reunion, State, Status};
use crate::tables;

impl<'a> Settling<'_, 'a> {
    /// Takes how a pair stands at the partner. False while ours isn't told.
    pub(in super::super) fn standing(&mut self, batch: &mut Batch<'a>, theirs: Standing) -> Result<bool, Fault> {
        match self.state.reunion {
            Reunion::Told => {}
            Reunion::Telling(_) => return Ok(false),
            Reunion::None | Reunion::Agreed => return Ok(true),
        }
        let epoch = outgoing(&batch.draft)?.epoch.counter;
        batch.load(&[theirs.pair])?;
        if let Some(reference) = &theirs.reference {
            batch.draft.put(&tables::NAMES, &format!("p{}", reference.key), &theirs.pair)?;
        }
        self.reunite(batch, epoch, theirs)?;
        Ok(true)
    }

    /// All standings are here: pairs that the partner doesn't know go on too,
    /// and issues flow again.
    pub(in super::super) fn standings(&mut self, batch: &mut Batch<'a>, theirs: &Standings) -> Result<bool, Fault> {
        match self.state.reunion {
            Reunion::Told => {}
            Reunion::Telling(_) => return Ok(false),
            Reunion::None | Reunion::Agreed => return Ok(true),
        }
        let epoch = outgoing(&batch.draft)?.epoch.counter;
        let mut after = None;
        loop {
            let some = batch.draft.scan(&tables::PAIRS, after.as_ref(), PAIRS)?;
            let Some((last, _)) = some.last() else { break };
            after = Some(*last);
            let apart: Vec<PairId> =
                some.iter().filter(|(_, pair)| pair.reunited != epoch).map(|(id, _)| *id).collect();
            batch.load(&apart)?;
            for id in apart {
                let origin = batch.pair(id).map_or(Side::Primary, |pair| pair.origin);
                self.reunite(batch, epoch, nothing(id, origin))?;
            }
            std::mem::replace(batch, Batch::open(self.engine)?).commit()?;
        }
        self.agree(batch, theirs)?;
        let mut scan = batch.draft.get(&tables::SCAN, &())?.unwrap_or_default();
        (scan.cursor, scan.initial, scan.done, scan.reunited) = (None, true, 0, true);
        batch.draft.put(&tables::SCAN, &(), &scan)?;
        if let Some(state) = batch.draft.get(&tables::STATE, &())? {
            self.state = State { reunion: Reunion::None, ..state };
            if let Status::Running | Status::Stopped = self.state.status {
                self.state.stand_as(self.state.status == Status::Running, self.engine.now);
            }
            batch.draft.put(&tables::STATE, &(), &self.state)?;
        }
        self.settled.switched = true;
        Ok(true)
    }

    fn reunite(&self, batch: &mut Batch<'a>, epoch: u64, theirs: Standing) -> Result<(), Fault> {
        let (id, side) = (theirs.pair, self.state.side);
        if batch.pair(id).is_none() {
            let mut pair = Pair::new(theirs.origin, 0);
            // The issue is ours: our tracker shows it, or it is gone.
            pair.unseen = theirs.origin == side;
            batch.insert(id, pair);
        }
        let Some(pair) = batch.pair_mut(id).filter(|pair| pair.reunited != epoch) else { return Ok(()) };
        pair.reunited = epoch;
        (pair.items_due, pair.items_awaited) = (true, true);
        // Looked at again, though its revision is the same.
        pair.configuration = 0;
        pair.left_there = theirs.departed;
        pair.ours = told(pair, &theirs);
        if theirs.reference.is_some() {
            pair.partner = theirs.reference;
        }
        let lost = Rules { side, policy: Policy::PrimaryWins }.reunite(pair, theirs.version, theirs.agreed);
        batch.lost(id, lost);
        let Some(pair) = batch.pair(id).filter(|pair| pair.origin != side && pair.issue.is_none()) else {
            return Ok(());
        };
        // Its copy may be there already.
        let key = creation_key(self.state.sync, pair.origin, id, pair.generation);
        Ok(batch.draft.put(&tables::NAMES, &format!("e{key}"), &id)?)
    }

    /// Where the two sides share under different configurations, the primary
    /// publishes its own again, under a number above both; until it is answered
    /// nothing is shared.
    fn agree(&mut self, batch: &mut Batch<'a>, theirs: &Standings) -> Result<(), Fault> {
        let (ours, scope) = in_force(&batch.draft)?;
        let mut known = batch.draft.get(&tables::CONFIGURED, &())?.unwrap_or_default();
        let same = ours == theirs.configuration && scope == theirs.scope;
        if same && known.published.is_none() {
            return Ok(());
        }
        let epoch = outgoing(&batch.draft)?.epoch.counter;
        // Published since, it reaches who has just compared: the answer counts.
        let fresh = |it: &Publication| it.epoch == epoch && it.scope.version > theirs.configuration;
        let stands = known.published.as_ref().is_some_and(fresh);
        let latest = known.latest().max(theirs.configuration).saturating_add(1);
        match self.state.side {
            Side::Primary if stands => {}
            Side::Primary => {
                let adopted = batch.draft.get(&tables::ADOPTIONS, &ours)?;
                let whole = known.whole.clone().zip(adopted).map(|(scope, adopted)| (adopted.text, scope));
                let again = known.published.take().map(|published| (published.text, published.scope)).or(whole);
                let Some((text, mut scope)) = again else { return Ok(()) };
                scope.version = latest;
                batch.send_alone(Body::Configuration(Configuration { scope: scope.clone() }))?;
                known.published = Some(Publication { text, scope, since: self.engine.now, epoch });
                known.superseded.clear();
            }
            // What is offered may be the answer to this, and have come before it.
            Side::Secondary => {}
        }
        if !same {
            known.version = 0;
        }
        Ok(batch.draft.put(&tables::CONFIGURED, &(), &known)?)
    }
}

/// What the partner knows of a pair that it doesn't know.
fn nothing(pair: PairId, origin: Side) -> Standing {
    Standing {
        pair,
        origin,
        version: 0,
        agreed: View::new(),
        reference: None,
        departed: false,
        comments: Vec::new(),
        attachments: Vec::new(),
    }
}
