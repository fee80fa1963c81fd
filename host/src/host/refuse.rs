//! What components and stores say no with, as failures for people.

use crate::bindings::engine::ferry::tracker::model;
use crate::control;
use crate::request::{Failure, Kind};
use crate::runtime::{CallError, RuntimeError};

/// Before a component could be asked.
pub(super) fn runtime(e: RuntimeError) -> Failure {
    let failure = Failure::failed(e.to_string());
    match e {
        RuntimeError::OtherDigest { .. } => failure
            .with_help("after an upgrade of Ferry, `ferry tracker check NAME --accept` agrees to the new adapter"),
        _ => failure,
    }
}

/// From the engine or an adapter.
pub(super) fn call(tracker: &str, e: CallError) -> Failure {
    let message = e.to_string();
    match e {
        CallError::Engine(fault) => Failure::new(engine_kind(&fault), message),
        CallError::Tracker(fault) => {
            let kind = match fault {
                model::Fault::RetryLater(_) => Kind::Passing,
                model::Fault::NotFound => Kind::NotFound,
                _ => Kind::Failed,
            };
            Failure::new(kind, format!("tracker {tracker}: {message}"))
        }
        CallError::Runtime(RuntimeError::OtherDigest { path, .. }) => {
            Failure::failed(format!("{} isn't the adapter that was agreed to for {tracker}", path.display()))
                .with_help(format!("after an upgrade, `ferry tracker check {tracker} --accept` agrees to the new one"))
        }
        CallError::Runtime(e) => runtime(e),
        CallError::Trapped { .. } | CallError::TimedOut { .. } | CallError::OutOfMemory { .. } => {
            Failure::failed(message)
                .with_help("this is a mistake of the component: please report it with `ferry -v`'s log")
        }
    }
}

fn engine_kind(fault: &control::Fault) -> Kind {
    use control::Fault;
    match fault {
        Fault::NotAllowed(_) => Kind::NotAllowed,
        Fault::NotFound(_) => Kind::NotFound,
        Fault::RetryLater(_) | Fault::LostOwnership => Kind::Passing,
        Fault::Invalid(_)
        | Fault::Expired(_)
        | Fault::AlreadyUsed(_)
        | Fault::WrongPartner(_)
        | Fault::NewerVersion(_)
        | Fault::Full
        | Fault::Other(_) => Kind::Failed,
    }
}
