//! Attachments that arrive in pieces, and how long their content is kept.
//!
//! Every attachment that a message names is delivered once, in pieces that may
//! come before or after that message, and is released once by whoever settled
//! the message: applied, refused or not wanted alike. Content that several
//! attachments share is kept while one of its deliveries isn't released, or a
//! released one still lacks pieces.

use serde::{Deserialize, Serialize};

use super::outbox::pieces;
use crate::fault::Fault;
use crate::ids::{BlobName, Digest};
use crate::limits::{ATTACHMENT_BYTES_MAX, CHUNK_BYTES};
use crate::message::Chunk;
use crate::ports::{BlobFault, Blobs};
use crate::store::Draft;
use crate::tables;

/// Content that arrives in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The length of the content, in bytes.
    pub total: u64,
    /// Where the pieces lie; none before the first and after it was broken.
    pub blob: Option<BlobName>,
    /// For each piece how often it came, and whether the blob holds it.
    pub pieces: Vec<(u32, bool)>,
    /// How many deliveries were released.
    pub released: u32,
    /// Whether the blob is whole and has the digest.
    pub verified: bool,
    /// Why content that was whole was thrown away, for people.
    pub broken: Option<String>,
}

impl Transfer {
    fn new(total: u64) -> Self {
        let count = usize::try_from(pieces(total)).unwrap_or(usize::MAX);
        Self { total, blob: None, pieces: vec![(0, false); count], released: 0, verified: false, broken: None }
    }

    fn is_whole(&self) -> bool {
        self.pieces.iter().all(|(_, held)| *held)
    }

    /// Whether every delivery came whole and was released.
    fn is_over(&self) -> bool {
        self.pieces.iter().all(|(came, _)| *came == self.released)
    }

    /// Keeps the transfer, or lets its content go where nobody waits for it.
    fn store(mut self, draft: &mut Draft<'_>, digest: &Digest) -> Result<(), Fault> {
        if self.is_over() {
            draft.delete(&tables::TRANSFERS, digest);
            draft.delete(&tables::WHOLE, digest);
            return self.discard(draft);
        }
        Ok(draft.put(&tables::TRANSFERS, digest, &self)?)
    }

    fn discard(&mut self, draft: &mut Draft<'_>) -> Result<(), Fault> {
        for (_, held) in &mut self.pieces {
            *held = false;
        }
        self.verified = false;
        match self.blob.take() {
            Some(blob) => Ok(draft.put(&tables::DISCARDS, &blob.0, &())?),
            None => Ok(()),
        }
    }
}

/// Where an attachment's content lies, once it is complete here and has its
/// digest.
///
/// # Errors
/// The store's.
pub fn arrived(draft: &Draft<'_>, digest: &Digest, size: u64) -> Result<Option<BlobName>, Fault> {
    let transfer = draft.get(&tables::TRANSFERS, digest)?;
    Ok(transfer.filter(|transfer| transfer.verified && transfer.total == size).and_then(|transfer| transfer.blob))
}

/// Why content that came whole is not there: it did not have its digest, or
/// got lost here. It comes again only with a new delivery, a resync of the
/// issue; until then the attachment is to be parked with this reason.
///
/// # Errors
/// The store's.
pub fn broken(draft: &Draft<'_>, digest: &Digest) -> Result<Option<String>, Fault> {
    Ok(draft.get(&tables::TRANSFERS, digest)?.and_then(|transfer| transfer.broken))
}

/// Ends one delivery of the content: exactly once for each attachment that a
/// settled message names, whether it was applied, refused or not wanted. Content
/// beyond `ATTACHMENT_BYTES_MAX` is never kept.
///
/// # Errors
/// The store's.
pub fn release(draft: &mut Draft<'_>, digest: &Digest, size: u64) -> Result<(), Fault> {
    if size > ATTACHMENT_BYTES_MAX {
        return Ok(());
    }
    let mut transfer = draft.get(&tables::TRANSFERS, digest)?.unwrap_or_else(|| Transfer::new(size));
    transfer.released += 1;
    transfer.store(draft, digest)
}

/// What became of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It lies in a blob, which is to be synced before the commit.
    Written(BlobName),
    /// Its content is here already.
    Known,
    /// It isn't a piece as the protocol has it; why.
    Refused(String),
}

/// Writes a piece to its place. Durable once the blob is synced and the draft
/// committed.
pub(crate) fn take(draft: &mut Draft<'_>, blobs: &dyn Blobs, chunk: &Chunk) -> Result<Taken, Fault> {
    let place = match place(chunk) {
        Ok(place) => place,
        Err(reason) => return Ok(Taken::Refused(reason.to_owned())),
    };
    let mut transfer = draft.get(&tables::TRANSFERS, &chunk.digest)?.unwrap_or_else(|| Transfer::new(chunk.total));
    if transfer.total != chunk.total {
        return Ok(Taken::Refused("another piece of the same content tells another length".to_owned()));
    }
    let Some((came, held)) = transfer.pieces.get_mut(place) else {
        return Ok(Taken::Refused("a piece beyond the end of its content".to_owned()));
    };
    *came += 1;
    if *held {
        transfer.store(draft, &chunk.digest)?;
        return Ok(Taken::Known);
    }
    *held = true;
    let blob = match &transfer.blob {
        Some(blob) => blob.clone(),
        None => blobs.create()?,
    };
    blobs.write(&blob, chunk.offset, &chunk.bytes)?;
    transfer.blob = Some(blob.clone());
    if transfer.is_whole() {
        draft.put(&tables::WHOLE, &chunk.digest, &())?;
    }
    transfer.store(draft, &chunk.digest)?;
    Ok(Taken::Written(blob))
}

/// Which piece of its content a chunk is.
fn place(chunk: &Chunk) -> Result<usize, &'static str> {
    let size = u64::from(CHUNK_BYTES);
    let length = chunk.bytes.len() as u64;
    if chunk.total > ATTACHMENT_BYTES_MAX {
        return Err("its content is larger than an attachment may be");
    }
    if !chunk.offset.is_multiple_of(size) || length != chunk.total.saturating_sub(chunk.offset).min(size) {
        return Err("it doesn't begin and end where pieces do");
    }
    if chunk.offset > 0 && chunk.offset >= chunk.total {
        return Err("it begins beyond the end of its content");
    }
    usize::try_from(chunk.offset / size).map_err(|_| "it begins beyond the end of its content")
}

/// Seals content that came whole and compares its digest; throws it away where
/// that differs. Nothing happens where `WHOLE` doesn't name it.
pub(crate) fn verify(draft: &mut Draft<'_>, blobs: &dyn Blobs, digest: &Digest) -> Result<Option<String>, Fault> {
    draft.delete(&tables::WHOLE, digest);
    let Some(mut transfer) = draft.get(&tables::TRANSFERS, digest)? else { return Ok(None) };
    let Some(blob) = transfer.blob.clone() else { return Ok(None) };
    let reason = match blobs.seal(&blob) {
        Ok(summary) if summary.digest == *digest && summary.size == transfer.total => None,
        Ok(_) => Some("the content that came does not have the digest that the partner named".to_owned()),
        Err(BlobFault::NotFound) => Some("the content was received, and is gone from the blob store".to_owned()),
        Err(fault) => return Err(fault.into()),
    };
    match &reason {
        None => transfer.verified = true,
        Some(_) => transfer.discard(draft)?,
    }
    transfer.broken = reason.clone();
    transfer.store(draft, digest)?;
    Ok(reason)
}
