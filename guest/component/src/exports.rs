//! The exports of `ferry:sync/engine`: each reads its arguments, asks the
//! engine, and converts what it answers.

use ferry_core::engine::invite::Again;
use ferry_core::engine::tick::Budget;
use ferry_core::handshake::Passphrase;

use crate::bindings::exports::ferry::control::{admin, run, setup};
use crate::convert::control;
use crate::with_engine;

type Fault = setup::Fault;

pub(crate) struct Component;

impl setup::Guest for Component {
    fn create(wanted: setup::Primary) -> Result<Vec<u8>, Fault> {
        with_engine(|engine| engine.create(&control::wanted(wanted))).map_err(control::fault)
    }

    fn inspect(handshake: Vec<u8>, passphrase: Option<String>) -> Result<setup::Summary, Fault> {
        with_engine(|engine| engine.inspect(&handshake, passphrase.as_deref()))
            .map(control::summary)
            .map_err(control::fault)
    }

    fn invite(channel_hint: String, passphrase: Option<String>, valid_hours: u32) -> Result<Vec<u8>, Fault> {
        let again = Again { channel_hint, passphrase: passphrase.map(Passphrase), valid_hours };
        with_engine(|engine| engine.invite(&again)).map_err(control::fault)
    }

    fn join(handshake: Vec<u8>, passphrase: Option<String>) -> Result<setup::Summary, Fault> {
        with_engine(|engine| engine.join(&handshake, passphrase.as_deref()))
            .map(control::summary)
            .map_err(control::fault)
    }
}

impl run::Guest for Component {
    fn tick(allowed: run::Budget) -> Result<run::Report, Fault> {
        let run::Budget { effects, parcels, finishing, receive, pull } = allowed;
        with_engine(|engine| engine.tick(Budget { effects, parcels, finishing, receive, pull }))
            .map(control::report)
            .map_err(control::fault)
    }
}

impl admin::Guest for Component {
    fn status() -> Result<admin::Overview, Fault> {
        with_engine(|engine| engine.overview()).map(control::overview).map_err(control::fault)
    }

    fn start() -> Result<(), Fault> {
        with_engine(|engine| engine.start()).map_err(control::fault)
    }

    fn stop() -> Result<(), Fault> {
        with_engine(|engine| engine.stop()).map_err(control::fault)
    }

    fn edit(name: Option<String>, description: Option<String>) -> Result<(), Fault> {
        with_engine(|engine| engine.edit(name.as_deref(), description.as_deref())).map_err(control::fault)
    }

    fn delete() -> Result<(), Fault> {
        with_engine(|engine| engine.delete()).map_err(control::fault)
    }

    fn compared() -> Result<(), Fault> {
        with_engine(|engine| engine.compared()).map_err(control::fault)
    }

    fn release() -> Result<u32, Fault> {
        with_engine(|engine| engine.release()).map_err(control::fault)
    }

    fn reconcile() -> Result<(), Fault> {
        with_engine(|engine| engine.reconcile()).map_err(control::fault)
    }

    fn keys() -> Result<admin::Keychain, Fault> {
        with_engine(|engine| engine.keychain()).map(control::keychain).map_err(control::fault)
    }

    fn export_key(secret: bool) -> Result<String, Fault> {
        with_engine(|engine| engine.export_key(secret)).map_err(control::fault)
    }

    fn rotate() -> Result<(), Fault> {
        with_engine(|engine| engine.rotate()).map_err(control::fault)
    }

    fn revoke() -> Result<(), Fault> {
        with_engine(|engine| engine.revoke()).map_err(control::fault)
    }

    fn example() -> Result<String, Fault> {
        with_engine(|engine| engine.example()).map_err(control::fault)
    }

    fn check(configuration: String) -> Result<Vec<admin::Problem>, Fault> {
        with_engine(|engine| engine.check(&configuration)).map(control::problems).map_err(control::fault)
    }

    fn draft(configuration: String) -> Result<admin::Verdict, Fault> {
        with_engine(|engine| engine.draft_configuration(&configuration)).map(control::verdict).map_err(control::fault)
    }

    fn publish(configuration: Option<String>) -> Result<admin::Verdict, Fault> {
        with_engine(|engine| engine.publish(configuration.as_deref())).map(control::verdict).map_err(control::fault)
    }

    fn adopt(configuration: Option<String>) -> Result<admin::Verdict, Fault> {
        with_engine(|engine| engine.adopt(configuration.as_deref())).map(control::verdict).map_err(control::fault)
    }

    fn current(draft: bool) -> Result<String, Fault> {
        with_engine(|engine| engine.current(draft)).map_err(control::fault)
    }

    fn preview(which: Option<admin::Direction>, limit: u32) -> Result<admin::Plan, Fault> {
        with_engine(|engine| engine.preview(which.map(control::direction), limit))
            .map(control::plan)
            .map_err(control::fault)
    }

    fn pairs(after: Option<String>, limit: u32) -> Result<Vec<admin::Counterpart>, Fault> {
        let after = control::pair_id(after.as_deref())?;
        with_engine(|engine| engine.pairs(after, limit))
            .map(|pairs| pairs.into_iter().map(control::counterpart).collect())
            .map_err(control::fault)
    }

    fn pair(key: String) -> Result<admin::Counterpart, Fault> {
        with_engine(|engine| engine.pair(&key)).map(control::counterpart).map_err(control::fault)
    }

    fn faults(after: Option<String>, limit: u32) -> Result<Vec<admin::Parked>, Fault> {
        with_engine(|engine| engine.faults(after.as_deref(), limit))
            .map(|faults| faults.into_iter().map(control::parked).collect())
            .map_err(control::fault)
    }

    fn clear(ids: Vec<String>, kind: Option<String>, how: admin::Action) -> Result<u32, Fault> {
        with_engine(|engine| engine.clear(&ids, kind.as_deref(), control::action(how))).map_err(control::fault)
    }

    fn quarantine(after: Option<String>, limit: u32) -> Result<Vec<admin::Quarantined>, Fault> {
        let after = control::digests(after.as_slice())?.pop();
        with_engine(|engine| ferry_core::delivery::quarantine(engine, after.as_ref(), limit))
            .map(|rows| rows.into_iter().map(control::quarantined).collect())
            .map_err(control::fault)
    }

    fn reopen(digests: Vec<String>) -> Result<u32, Fault> {
        let digests = control::digests(&digests)?;
        with_engine(|engine| ferry_core::delivery::reopen(engine, &digests)).map_err(control::fault)
    }
}
