//! Everything at a glance, and pairs one by one.

use super::Engine;
use super::keys::{KeyState, warnings};
use crate::config::Agreement;
use crate::delivery::{Flow, flows, quarantined};
use crate::fault::Fault;
use crate::handshake::{Phrase, phrase};
use crate::ids::PairId;
use crate::pair::{ISSUE, Pair, Scan};
use crate::scope::Side;
use crate::state::State;
use crate::tables;

/// Everything at a glance.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct Overview {
    pub state: State,
    pub agreement: Agreement,
    pub phrase: Option<Phrase>,
    pub outgoing: Flow,
    pub incoming: Flow,
    pub pairs: u64,
    pub unapplied: u64,
    pub open_faults: u32,
    pub partner_faults: u32,
    pub conflicts: u64,
    pub held: u64,
    pub quarantined: u32,
    pub keys: KeyState,
    pub warnings: Vec<String>,
    /// The first synchronization, while it lasts.
    pub initial: Option<Progress>,
}

/// How far the first synchronization has come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct Progress {
    pub stage: &'static str,
    pub done: u64,
    pub total: Option<u64>,
}

/// A pair, for people.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct Counterpart {
    pub id: PairId,
    pub pair: Pair,
    pub standing: &'static str,
    pub faults: u32,
}

impl Engine<'_> {
    /// Everything at a glance.
    ///
    /// # Errors
    /// The store's; `NotFound` before the synchronization was set up.
    pub fn overview(&self) -> Result<Overview, Fault> {
        let state = self.state()?;
        let (outgoing, incoming) = flows(self)?;
        let (open_faults, partner_faults) = self.count_faults()?;
        let draft = self.draft();
        let pairs = self.count(tables::PAIRS.range())?;
        let unapplied = self.count(tables::UNAPPLIED.range())?;
        let scan = draft.get(&tables::SCAN, &())?;
        Ok(Overview {
            agreement: self.agreement()?,
            phrase: state.partner.as_ref().map(|partner| match state.side {
                Side::Primary => phrase(&state.sync, &state.fingerprint, &partner.fingerprint),
                Side::Secondary => phrase(&state.sync, &partner.fingerprint, &state.fingerprint),
            }),
            keys: KeyState::of(&state, self.now),
            warnings: warnings(&state, self.now),
            held: self.count(tables::HELD.range())?,
            initial: initial(&state, scan.as_ref(), pairs, unapplied.saturating_add(incoming.queued)),
            conflicts: draft.get(&tables::TALLY, &())?.unwrap_or_default().conflicts,
            quarantined: quarantined(self)?,
            state,
            outgoing,
            incoming,
            pairs,
            unapplied,
            open_faults,
            partner_faults,
        })
    }

    /// Pairs in the order of their ids, after one.
    ///
    /// # Errors
    /// The store's.
    pub fn pairs(&self, after: Option<PairId>, limit: u32) -> Result<Vec<Counterpart>, Fault> {
        let pairs = self.draft().scan(&tables::PAIRS, after.as_ref(), limit)?;
        Ok(pairs.into_iter().map(|(id, pair)| Counterpart::of(id, pair)).collect())
    }

    /// The pair of an issue, by its key here or at the partner.
    ///
    /// # Errors
    /// `NotFound`, naming the key.
    pub fn pair(&self, key: &str) -> Result<Counterpart, Fault> {
        let draft = self.draft();
        let names = draft.get_many(&tables::NAMES, &[format!("h{key}"), format!("p{key}")])?;
        let id = names.into_iter().flatten().next();
        let pair = match id {
            Some(id) => draft.get(&tables::PAIRS, &id)?.map(|pair| Counterpart::of(id, pair)),
            None => None,
        };
        pair.ok_or_else(|| Fault::NotFound(format!("no synchronized issue is called {key}, here or at the partner")))
    }
}

/// While a scan from the start goes on, or what it brought is being written.
fn initial(state: &State, scan: Option<&Scan>, pairs: u64, waiting: u64) -> Option<Progress> {
    let scan = scan.filter(|_| state.works())?;
    if scan.initial {
        return Some(Progress { stage: "reading our issues", done: scan.done, total: None });
    }
    let bulk = waiting > 100;
    bulk.then(|| Progress {
        stage: "writing the partner's issues",
        done: pairs.saturating_sub(waiting),
        total: Some(pairs.max(waiting)),
    })
}

impl Counterpart {
    fn of(id: PairId, pair: Pair) -> Self {
        let faults = pair.parked.values().filter(|parked| !parked.skipped).count();
        Self { id, standing: standing(&pair), faults: u32::try_from(faults).unwrap_or(u32::MAX), pair }
    }
}

fn standing(pair: &Pair) -> &'static str {
    if !pair.held.is_nothing() {
        "held back"
    } else if pair.left_here {
        "left our tracker"
    } else if pair.left_there {
        "left the partner's tracker"
    } else if pair.parked.keys().any(|part| part.0 == ISSUE) {
        "parked"
    } else if pair.is_due() {
        "to be written here"
    } else if pair.unsettled.is_some() {
        "waiting for the partner"
    } else if pair.parked.values().any(|parked| !parked.skipped) {
        "in step but for what is parked"
    } else {
        "in step"
    }
}
