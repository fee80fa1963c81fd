//! `ferry:tracker/issues` of the engine, routed to the adapter's: the types
//! are the same, only what breaks off has to be put into words.

use super::engine::ferry::tracker::issues::Host;
use super::engine::ferry::tracker::model::{
    Applied, ChangePage, Effect, Fault, Found, Identity, Issue, Person, ProjectSchema, User,
};
use crate::runtime::{CallError, TrackerLink};

impl Host for TrackerLink {
    fn identify(&mut self) -> wasmtime::Result<Result<Identity, Fault>> {
        Ok(one(self.ask(|guest, store| guest.call_identify(store))))
    }

    fn schema(&mut self) -> wasmtime::Result<Result<ProjectSchema, Fault>> {
        Ok(one(self.ask(|guest, store| guest.call_schema(store))))
    }

    fn people(&mut self, whom: Vec<Person>) -> wasmtime::Result<Vec<Result<Option<User>, Fault>>> {
        Ok(many(self.ask(|guest, store| guest.call_people(store, &whom)), whom.len(), failed))
    }

    fn changes(&mut self, since: Option<String>, limit: u32) -> wasmtime::Result<Result<ChangePage, Fault>> {
        Ok(one(self.ask(|guest, store| guest.call_changes(store, since.as_ref(), limit))))
    }

    fn read(&mut self, ids: Vec<String>) -> wasmtime::Result<Vec<Result<Issue, Fault>>> {
        Ok(many(self.ask(|guest, store| guest.call_read(store, &ids)), ids.len(), failed))
    }

    fn ids(&mut self, after: Option<String>, limit: u32) -> wasmtime::Result<Result<Vec<String>, Fault>> {
        Ok(one(self.ask(|guest, store| guest.call_ids(store, after.as_ref(), limit))))
    }

    fn find(&mut self, effects: Vec<Effect>) -> wasmtime::Result<Vec<Result<Vec<Found>, Fault>>> {
        Ok(many(self.ask(|guest, store| guest.call_find(store, &effects)), effects.len(), failed))
    }

    fn apply(&mut self, effects: Vec<Effect>) -> wasmtime::Result<Vec<Result<Applied, Fault>>> {
        Ok(many(self.ask(|guest, store| guest.call_apply(store, &effects)), effects.len(), unknown))
    }

    fn fetch_attachment(&mut self, issue: String, attachment: String) -> wasmtime::Result<Result<String, Fault>> {
        Ok(one(self.ask(|guest, store| guest.call_fetch_attachment(store, &issue, &attachment))))
    }
}

/// An answer, or why there is none.
fn one<T>(answer: Result<Result<T, Fault>, CallError>) -> Result<T, Fault> {
    answer.unwrap_or_else(|error| Err(failed(&error)))
}

/// One answer for each question, whatever the adapter says.
fn many<T>(
    answers: Result<Vec<Result<T, Fault>>, CallError>,
    asked: usize,
    fault: fn(&CallError) -> Fault,
) -> Vec<Result<T, Fault>> {
    let error = match answers {
        Ok(answers) if answers.len() == asked => return answers,
        Ok(answers) => CallError::Trapped {
            component: "adapter".to_owned(),
            reason: format!("it gave {} answers to {asked} questions", answers.len()),
        },
        Err(error) => error,
    };
    (0..asked).map(|_| Err(fault(&error))).collect()
}

/// Nothing was to be changed.
fn failed(error: &CallError) -> Fault {
    match error {
        CallError::Tracker(fault) => fault.clone(),
        other => Fault::Other(other.to_string()),
    }
}

/// Something was to be changed, and may have been, unless the adapter never
/// began.
fn unknown(error: &CallError) -> Fault {
    match error {
        CallError::Tracker(_) | CallError::Runtime(_) | CallError::Engine(_) => failed(error),
        CallError::Trapped { .. } | CallError::TimedOut { .. } | CallError::OutOfMemory { .. } => {
            Fault::UnknownOutcome(error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn trapped() -> CallError {
        CallError::Trapped { component: "adapter".to_owned(), reason: "unreachable".to_owned() }
    }

    #[test]
    fn an_adapter_that_broke_off_leaves_every_effect_open() {
        let answers = many::<()>(Err(trapped()), 3, unknown);
        assert_eq!(answers.len(), 3);
        assert!(answers.iter().all(|answer| matches!(answer, Err(Fault::UnknownOutcome(_)))));
    }

    #[test]
    fn too_few_answers_are_no_answers() {
        let answers = many(Ok(vec![Ok(1)]), 2, unknown);
        assert!(answers.iter().all(|answer| matches!(answer, Err(Fault::UnknownOutcome(_)))));
    }

    #[test]
    fn an_adapter_that_never_began_changed_nothing() {
        let error = crate::runtime::RuntimeError::Engine("no".to_owned());
        let answers = many::<()>(Err(error.into()), 1, unknown);
        assert!(matches!(answers[0], Err(Fault::Other(_))));
    }
}
