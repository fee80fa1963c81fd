//! Messages that can't be settled here: of kinds that a newer minor version
//! added, or that can't be read. They are acknowledged, kept as they came, and
//! told to people. A version that understands them settles them.

use crate::delivery::Kept;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::ids::Alias;
use crate::limits::{KEPT_BYTES_MAX, KEPT_MESSAGES_MAX};
use crate::message::{Kind, PROTOCOL};
use crate::pair::Parked;
use crate::store::Draft;
use crate::tables;

/// The kind of fault that tells of messages of unknown kinds.
pub(crate) const NEWER: &str = "newer-version";
/// The kind of fault that tells of messages that can't be read.
pub(crate) const MALFORMED: &str = "malformed";

/// Messages looked at with one call to the store: each may be as large as a
/// message can be.
const MESSAGES: u32 = 32;

/// Keeps a message of a kind that this version doesn't know. The first of its
/// kind is told.
pub(super) fn keep(engine: &Engine<'_>, draft: &mut Draft<'_>, number: u64, kind: &str) -> Result<(), Fault> {
    let kind: String = kind.chars().filter(|c| !c.is_control()).take(100).collect();
    let came = format!(
        "the partner's Ferry is newer, and sent \"{kind}\" (message {number}), which this version does not know"
    );
    let note = Note { fault: NEWER, part: kind, came, mend: "it is kept, and used once Ferry is updated here" };
    aside(engine, draft, number, note)
}

/// Keeps a message that can't be read. The first is told.
pub(super) fn keep_malformed(
    engine: &Engine<'_>,
    draft: &mut Draft<'_>,
    number: u64,
    reason: &str,
) -> Result<(), Fault> {
    let came = format!("the partner's message {number} can't be read: {reason}");
    let mend = "it is kept, and what it says is missing here: ask the partner to change again what it changed last, \
                and report this";
    aside(engine, draft, number, Note { fault: MALFORMED, part: "message".to_owned(), came, mend })
}

/// What people are told.
struct Note {
    fault: &'static str,
    part: String,
    came: String,
    mend: &'static str,
}

fn aside(engine: &Engine<'_>, draft: &mut Draft<'_>, number: u64, note: Note) -> Result<(), Fault> {
    let row = match draft.get(&tables::NOTICES, &number)? {
        Some(row) => Some(row),
        None => draft.get(&tables::INBOX, &number)?,
    };
    let mut kept = draft.get(&tables::KEPT, &())?.unwrap_or(Kept::NOTHING);
    let bytes = row.as_ref().map_or(0, |row| row.bytes.len() as u64);
    let full = kept.messages >= KEPT_MESSAGES_MAX || kept.bytes.saturating_add(bytes) > KEPT_BYTES_MAX;
    if let Some(row) = row.filter(|_| !full) {
        kept = Kept { messages: kept.messages + 1, bytes: kept.bytes + bytes, ..kept };
        draft.put(&tables::UNKNOWN, &number, &row)?;
        draft.put(&tables::KEPT, &(), &kept)?;
    }
    let Note { fault, part, came, mend } = note;
    let id = if full { format!("{fault}:full") } else { format!("{fault}:{part}") };
    if draft.get(&tables::PARKED, &id)?.is_some() {
        return Ok(());
    }
    let reason = if full {
        format!(
            "{came}: there is no room to keep it ({} messages of {} bytes are kept), and this one and what follows \
             are not: update Ferry here, and ask the partner to do again what it is about",
            kept.messages, kept.bytes
        )
    } else {
        format!("{came}: {mend}")
    };
    let (issue, since) = (String::new(), engine.now);
    let row = Parked { pair: None, issue, part: Alias(part), kind: fault.to_owned(), reason, since, partner: false };
    Ok(draft.put(&tables::PARKED, &id, &row)?)
}

/// Brings back what this version understands, where it was updated.
pub(super) fn revive(engine: &Engine<'_>) -> Result<(), Fault> {
    let kept = engine.draft().get(&tables::KEPT, &())?;
    if kept.is_none_or(|kept| kept.protocol == PROTOCOL) {
        return Ok(());
    }
    let (mut after, mut left) = (None, Kept::NOTHING);
    loop {
        let mut draft = engine.draft();
        let rows = draft.scan(&tables::UNKNOWN, after.as_ref(), MESSAGES)?;
        for (number, row) in &rows {
            match engine.ports.wire.kind(&row.bytes) {
                Ok(kind) if kind != Kind::Unknown => {
                    let inbox = if kind.is_about_issues() { &tables::INBOX } else { &tables::NOTICES };
                    draft.put(inbox, number, row)?;
                    draft.delete(&tables::UNKNOWN, number);
                }
                _ => {
                    left.messages += 1;
                    left.bytes += row.bytes.len() as u64;
                }
            }
        }
        let Some((number, _)) = rows.last() else {
            draft.put(&tables::KEPT, &(), &left)?;
            return Ok(draft.commit()?);
        };
        after = Some(*number);
        draft.commit()?;
    }
}
