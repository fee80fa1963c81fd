//! Blobs that nothing refers to: a crash between making one and the commit that
//! tells of it leaves it behind.

use std::collections::BTreeSet;

use crate::engine::Engine;
use crate::fault::Fault;
use crate::ids::BlobName;
use crate::store::Draft;
use crate::tables;

/// Removes them. Only where no call has a blob in hand that isn't committed.
pub(crate) fn blobs(engine: &Engine<'_>) -> Result<(), Fault> {
    const PAGE: u32 = 1000;
    let blobs = engine.ports.blobs;
    let mut known = None;
    let mut after: Option<BlobName> = None;
    loop {
        let page = blobs.names(after.as_ref(), PAGE)?;
        let Some(last) = page.last().cloned() else { return Ok(()) };
        if known.is_none() {
            known = Some(referred(&engine.draft())?);
        }
        let known = known.as_ref();
        for name in page.iter().filter(|name| known.is_some_and(|known| !known.contains(*name))) {
            blobs.remove(name)?;
        }
        after = Some(last);
    }
}

/// Blobs of which pieces wait, which arrive, or which are about to be removed.
fn referred(draft: &Draft<'_>) -> Result<BTreeSet<BlobName>, Fault> {
    let mut names = BTreeSet::new();
    let mut after = None;
    loop {
        let page = draft.scan(&tables::TRANSFERS, after.as_ref(), 256)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        names.extend(page.into_iter().filter_map(|(_, transfer)| transfer.blob));
    }
    let mut after = None;
    loop {
        let page = draft.scan(&tables::LEAVING, after.as_ref(), 1000)?;
        let Some((last, _)) = page.last() else { return Ok(names) };
        after = Some(last.clone());
        names.extend(page.into_iter().map(|(name, _)| BlobName(name)));
    }
}
