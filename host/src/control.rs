//! What is asked of the engine and what it answers: the generated types of
//! `ferry:control`, documented in `wit/deps/ferry-control/control.wit`; and
//! what a tracker answers for `ferry tracker check` and `schema`.

pub use crate::bindings::engine::exports::ferry::control::admin::{
    Action, Agreement, Certificate, Counterpart, Direction, Flow, KeyState, Keychain, Overview, Parked, Plan, Planned,
    PlannedPart, Problem, Progress, Quarantined, Replacement, Severity, Side, State, Test, Verdict,
};
pub use crate::bindings::engine::exports::ferry::control::run::{Budget, Report};
pub use crate::bindings::engine::exports::ferry::control::setup::{Channel, Encryption, Primary, Summary};
pub use crate::bindings::engine::ferry::control::request::{Fault, Mistake};

/// What a tracker answers: the generated types of `ferry:tracker/model`.
pub mod tracker {
    pub use crate::bindings::engine::ferry::tracker::model::{
        Abilities, Fault, FieldKind, FieldProblem, FieldSchema, Identity, Markup, OptionValue, ProjectSchema,
        Transition, TypeSchema, User,
    };
}
