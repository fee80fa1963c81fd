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

/// Messages looked at with one call to the store.
const MESSAGES: u32 = 256;

/// Keeps a message aside. The first of its kind is told.
pub(super) fn keep(engine: &Engine<'_>, draft: &mut Draft<'_>, number: u64, kind: &str) -> Result<(), Fault> {
    let (start, end) = tables::UNKNOWN.range();
    if engine.ports.store.count(&start, &end)? < UNKNOWN_MAX
        && let Some(row) = draft.get(&tables::NOTICES, &number)?
    {
        draft.put(&tables::UNKNOWN, &number, &row)?;
    }
    let kind: String = kind.chars().filter(|c| !c.is_control()).take(100).collect();
    let id = format!("{NEWER}:{kind}");
    if draft.get(&tables::PARKED, &id)?.is_some() {
        return Ok(());
    }
    let reason = format!(
        "the partner's Ferry is newer, and sent \"{kind}\" (message {number}), which this version does not know: it is \
         kept, and used once Ferry is updated here"
    );
    let part = Alias(kind);
    let (issue, kind, since) = (String::new(), NEWER.to_owned(), engine.now);
    let row = Parked { pair: None, issue, part, kind, reason, since, partner: false };
    Ok(draft.put(&tables::PARKED, &id, &row)?)
}

/// Brings back what this version knows: it was updated.
pub(super) fn revive(engine: &Engine<'_>) -> Result<(), Fault> {
    let mut draft = engine.draft();
    for (number, row) in draft.scan(&tables::UNKNOWN, None, MESSAGES)? {
        let Ok(kind) = engine.ports.wire.kind(&row.bytes) else { continue };
        if kind == Kind::Unknown {
            continue;
        }
        let inbox = if kind.is_about_issues() { &tables::INBOX } else { &tables::NOTICES };
        draft.put(inbox, &number, &row)?;
        draft.delete(&tables::UNKNOWN, &number);
    }
    Ok(draft.commit()?)
}
