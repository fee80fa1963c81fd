//! The engine: what one call does, from the store to the store. Read the
//! steps in the order of a change on its way: pull, send, receive, settle,
//! apply; `tick` runs them.

mod apply;
mod batch;
pub mod breaker;
pub mod configure;
pub mod control;
pub mod faults;
pub mod invite;
pub mod keys;
pub mod overview;
pub mod preview;
mod pull;
pub mod receive;
pub mod reunite;
pub mod send;
mod settle;
pub mod setup;
pub mod tick;
mod work;

use std::cell::{OnceCell, RefCell};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

use crate::fault::Fault;
use crate::handshake::Keys;
use crate::model::{Identity, ProjectSchema};
use crate::planted::{Bug, elsewhere, planted};
use crate::ports::{Blobs, Channel, Observer, Store, StoreFault, Tracker, Wire};
use crate::state::{FORMAT, State, format_of};
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// The outside, for the time of one call.
#[derive(Clone, Copy)]
#[allow(missing_docs)] // Each is documented at its trait.
pub struct Ports<'a> {
    pub tracker: &'a dyn Tracker,
    pub channel: &'a dyn Channel,
    pub store: &'a dyn Store,
    pub blobs: &'a dyn Blobs,
    pub wire: &'a dyn Wire,
    pub observer: &'a dyn Observer,
}

/// One synchronization, for the time of one call. It holds nothing that isn't
/// in the store.
pub struct Engine<'a> {
    /// The outside.
    pub ports: Ports<'a>,
    /// The time of this call.
    pub now: Time,
    random: RefCell<ChaCha20Rng>,
    seen: OnceCell<Seen>,
}

/// What our tracker is, asked once in a call.
#[derive(Debug)]
pub(crate) struct Seen {
    pub identity: Identity,
    pub schema: ProjectSchema,
}

impl<'a> Engine<'a> {
    /// An engine for one call, with its time and 32 random bytes.
    pub fn new(ports: Ports<'a>, now: Time, seed: [u8; 32]) -> Self {
        Self { ports, now, random: RefCell::new(ChaCha20Rng::from_seed(seed)), seen: OnceCell::new() }
    }

    /// Random bytes, all from the call's seed.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.borrow_mut().fill_bytes(&mut bytes);
        if planted(Bug::OtherRandomness) {
            bytes = [elsewhere(); N];
        }
        bytes
    }

    /// What our tracker is.
    pub(crate) fn seen(&self) -> Result<&Seen, Fault> {
        match self.seen.get() {
            Some(seen) => Ok(seen),
            None => {
                let seen = Seen { identity: self.ports.tracker.identify()?, schema: self.ports.tracker.schema()? };
                Ok(self.seen.get_or_init(|| seen))
            }
        }
    }

    /// Nothing changed yet.
    pub(crate) fn draft(&self) -> Draft<'a> {
        Draft::new(self.ports.store)
    }

    /// Tells the host, by a commit of nothing, that what was read from the
    /// channel broke nothing off: it blames what was read since the last commit.
    pub(crate) fn absolve(&self) -> Result<(), StoreFault> {
        self.ports.store.commit(Vec::new())
    }

    /// Whether this build understands the store's records, which it finds out
    /// before it reads or writes any of them: called before everything else.
    ///
    /// # Errors
    /// `NewerVersion` where a newer build wrote them, and `Other` where one did
    /// that is too old. Nothing is changed.
    pub fn known_format(&self) -> Result<(), Fault> {
        match self.standing()? {
            Some(record) => known(&record),
            None => Ok(()),
        }
    }

    /// Where the synchronization stands.
    pub(crate) fn state(&self) -> Result<State, Fault> {
        let Some(record) = self.standing()? else {
            return Err(Fault::NotFound("this synchronization was never created or joined".to_owned()));
        };
        match tables::STATE.read(&record) {
            Ok(state) if state.format == FORMAT => Ok(state),
            other => known(&record).and(other.map_err(Fault::from)),
        }
    }

    fn standing(&self) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self.ports.store.get(&[tables::STATE.key(&())])?.pop().flatten())
    }

    /// Our secret keys.
    pub(crate) fn keys(&self) -> Result<Keys, Fault> {
        self.draft()
            .get(&tables::KEYS, &())?
            .ok_or_else(|| Fault::NotFound("this synchronization has no keys".to_owned()))
    }
}

/// Whether this build understands the records of a store whose state is this one.
fn known(record: &[u8]) -> Result<(), Fault> {
    match format_of(record) {
        Some(FORMAT) => Ok(()),
        Some(format) if format > FORMAT => Err(Fault::NewerVersion(format!(
            "this synchronization's store was written by a newer version of Ferry (format {format}, this one knows \
             {FORMAT}), and is left as it is; update Ferry here"
        ))),
        Some(format) => Err(Fault::Other(format!(
            "this synchronization's store is of format {format}, which this version of Ferry no longer reads, and is \
             left as it is; open it with the version before this one first"
        ))),
        None => Err(Fault::Other("this synchronization's store is damaged: put it back from a backup".to_owned())),
    }
}
