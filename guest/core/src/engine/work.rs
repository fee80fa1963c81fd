//! What the steps that touch our tracker need to know, read once a call.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;

use super::Engine;
use crate::config::Adoption;
use crate::fault::Fault;
use crate::ids::Alias;
use crate::mapping::{Directory, Mapping, Outward};
use crate::model::{Identity, Issue, PersonQuery, ProjectSchema, TypeSchema, User};
use crate::pair::{Pair, Rules};
use crate::ports::{Tracker, TrackerFault};
use crate::shared::{Shared, TYPE};
use crate::state::State;
use crate::tables;

/// One synchronization at work: running, with a configuration in force.
pub(crate) struct Work<'e, 'a> {
    pub engine: &'e Engine<'a>,
    pub state: State,
    pub version: u32,
    /// The version and the revision in force.
    pub configuration: (u32, u64),
    /// What both sides adopted.
    pub adoption: Adoption,
    pub identity: Identity,
    /// Whether some issue was found in an earlier state.
    pub restored: Cell<bool>,
    /// Whether so many were that nothing flows any more.
    pub stopped: Cell<bool>,
    mapping: OnceCell<Mapping>,
    people: RefCell<BTreeMap<PersonQuery, Option<User>>>,
}

impl<'e, 'a> Work<'e, 'a> {
    /// None while there is no configuration in force.
    pub fn open(engine: &'e Engine<'a>, state: &State) -> Result<Option<Self>, Fault> {
        let draft = engine.draft();
        let configured = draft.get(&tables::CONFIGURED, &())?.unwrap_or_default();
        let version = configured.version;
        let Some(adoption) = draft.get(&tables::ADOPTIONS, &version)? else { return Ok(None) };
        let identity = engine.seen()?.identity.clone();
        Ok(Some(Self {
            engine,
            state: state.clone(),
            version,
            configuration: (version, configured.revision),
            adoption,
            mapping: OnceCell::new(),
            identity,
            restored: Cell::default(),
            stopped: Cell::default(),
            people: RefCell::default(),
        }))
    }

    pub fn tracker(&self) -> &'a dyn Tracker {
        self.engine.ports.tracker
    }

    /// How our tracker answers to what was adopted; read once there is an issue to
    /// look at, which most calls don't come to.
    pub fn mapping(&self) -> Result<&Mapping, Fault> {
        match self.mapping.get() {
            Some(mapping) => Ok(mapping),
            None => {
                let mapping = self.engine.compiled(&self.adoption, self.state.side)?;
                Ok(self.mapping.get_or_init(|| mapping))
            }
        }
    }

    /// The status that the tracker gives a new issue of a type.
    pub fn initial_status(&self, issue_type: &str) -> Option<String> {
        self.type_schema(issue_type)?.statuses.first().cloned()
    }

    /// What our tracker's issues look like, where it could be asked.
    pub fn schema(&self) -> Option<&ProjectSchema> {
        self.engine.seen().ok().map(|seen| &seen.schema)
    }

    /// What issues of a type look like.
    pub fn type_schema(&self, issue_type: &str) -> Option<&TypeSchema> {
        self.schema()?.issue_type(issue_type)
    }

    /// An issue in both terms; that of a pair under the type that both sides
    /// know it by.
    pub fn outgoing(&self, pair: Option<&Pair>, issue: &Issue) -> Result<Vec<Outward>, Fault> {
        let mapping = self.mapping()?;
        Ok(match pair.map(|pair| pair.target(&Alias::from(TYPE))) {
            Some(Shared::Option(issue_type)) => mapping.outgoing_as(issue_type, issue),
            _ => mapping.outgoing(issue),
        })
    }

    pub fn rules(&self) -> Rules {
        Rules { side: self.state.side, policy: self.adoption.scope.conflicts }
    }
}

impl Directory for Work<'_, '_> {
    fn find(&self, whom: &PersonQuery) -> Result<Option<User>, TrackerFault> {
        if let Some(found) = self.people.borrow().get(whom) {
            return Ok(found.clone());
        }
        let found = self.tracker().people(std::slice::from_ref(whom)).pop().unwrap_or(Ok(None))?;
        self.people.borrow_mut().insert(whom.clone(), found.clone());
        Ok(found)
    }
}
