//! Messages of kinds that a newer minor version added: acknowledged, kept as
//! they came, and told to people. A version that knows them settles them.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::ids::Alias;
use crate::limits::UNKNOWN_MAX;
use crate::message::Kind;
use crate::pair::Parked;
use crate::store::Draft;
use crate::tables;

/// The kind of fault that tells of them.
pub(crate) const NEWER: &str = "newer-version";

/// Messages looked at with one call to the store: each may be as large as a
/// message can be.
const MESSAGES: u32 = 32;

/// Keeps a message aside. The first of its kind is told.
pub(super) fn keep(engine: &Engine<'_>, draft: &mut Draft<'_>, number: u64, kind: &str) -> Result<(), Fault> {
    let (start, end) = tables::UNKNOWN.range();
    let full = engine.ports.store.count(&start, &end)? >= UNKNOWN_MAX;
    if !full && let Some(row) = draft.get(&tables::NOTICES, &number)? {
        draft.put(&tables::UNKNOWN, &number, &row)?;
    }
    let kind: String = kind.chars().filter(|c| !c.is_control()).take(100).collect();
    let id = if full { format!("{NEWER}:full") } else { format!("{NEWER}:{kind}") };
    if draft.get(&tables::PARKED, &id)?.is_some() {
        return Ok(());
    }
    let came = format!(
        "the partner's Ferry is newer, and sent \"{kind}\" (message {number}), which this version does not know"
    );
    let reason = if full {
        format!(
            "{came}: {UNKNOWN_MAX} such messages are kept, and this one and what follows are not: update Ferry here, \
             and ask the partner to do again what it is about"
        )
    } else {
        format!("{came}: it is kept, and used once Ferry is updated here")
    };
    let part = Alias(kind);
    let (issue, kind, since) = (String::new(), NEWER.to_owned(), engine.now);
    let row = Parked { pair: None, issue, part, kind, reason, since, partner: false };
    Ok(draft.put(&tables::PARKED, &id, &row)?)
}

/// Brings back what this version knows: it was updated.
pub(super) fn revive(engine: &Engine<'_>) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let mut draft = engine.draft();
        let rows = draft.scan(&tables::UNKNOWN, after.as_ref(), MESSAGES)?;
        for (number, row) in &rows {
            let Ok(kind) = engine.ports.wire.kind(&row.bytes) else { continue };
            if kind == Kind::Unknown {
                continue;
            }
            let inbox = if kind.is_about_issues() { &tables::INBOX } else { &tables::NOTICES };
            draft.put(inbox, number, row)?;
            draft.delete(&tables::UNKNOWN, number);
        }
        draft.commit()?;
        match rows.last() {
            Some((number, _)) => after = Some(*number),
            None => return Ok(()),
        }
    }
}
