//! Numbering messages and keeping them until the partner has them.

use super::{OutboxRow, Outgoing, Piece};
use crate::fault::Fault;
use crate::ids::{BlobName, Digest};
use crate::limits::{CHUNK_BYTES, MESSAGE_BYTES_MAX};
use crate::message::{Body, Numbered};
use crate::ports::Wire;
use crate::store::Draft;
use crate::tables;

/// Why a message was not taken into the outbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendFault {
    /// Larger than a message may be: no number was given, nothing changed. The
    /// issue is to be parked.
    #[error("{bytes} bytes are more than the {MESSAGE_BYTES_MAX} bytes that a message may have")]
    TooLarge {
        /// The message's length in bytes.
        bytes: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AppendFault> for Fault {
    fn from(fault: AppendFault) -> Self {
        match fault {
            AppendFault::Fault(fault) => fault,
            large @ AppendFault::TooLarge { .. } => Self::Other(large.to_string()),
        }
    }
}

/// The end of the outbox, for the time of one draft. Nothing is numbered
/// unless `finish` was called and the draft committed.
#[derive(Debug)]
pub struct Outbox {
    outgoing: Outgoing,
}

impl Outbox {
    /// The outbox as the draft would leave it.
    ///
    /// # Errors
    /// The store's; `NotFound` before the synchronization was set up.
    pub fn open(draft: &Draft<'_>) -> Result<Self, Fault> {
        Ok(Self { outgoing: outgoing(draft)? })
    }

    /// Appends a message and answers its number. `after` is the number of the
    /// previous message about the same pair, 0 without one.
    ///
    /// # Errors
    /// `TooLarge`, or the store's.
    pub fn append(
        &mut self,
        draft: &mut Draft<'_>,
        wire: &dyn Wire,
        after: u64,
        body: Body,
    ) -> Result<u64, AppendFault> {
        let bytes = wire.encode(&Numbered { after, body });
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(AppendFault::TooLarge { bytes: bytes.len() });
        }
        Ok(self.put(draft, &OutboxRow::Message(bytes))?)
    }

    /// Appends the content of a blob in pieces; from here on the blob is the
    /// outbox's, which removes it once the partner has all of it. One for each
    /// attachment that a message names, also where the content is the same:
    /// the receiver counts. Empty content is one empty piece.
    ///
    /// # Errors
    /// The store's.
    pub fn append_blob(
        &mut self,
        draft: &mut Draft<'_>,
        blob: &BlobName,
        digest: Digest,
        size: u64,
    ) -> Result<(), Fault> {
        let pieces = pieces(size);
        for place in 0..pieces {
            let offset = place * u64::from(CHUNK_BYTES);
            let length = u32::try_from(size.saturating_sub(offset)).unwrap_or(u32::MAX).min(CHUNK_BYTES);
            let piece = Piece { blob: blob.clone(), digest, offset, length, total: size };
            self.put(draft, &OutboxRow::Piece(piece))?;
        }
        let waiting = draft.get(&tables::LEAVING, &blob.0)?.unwrap_or(0);
        draft.put(&tables::LEAVING, &blob.0, &(waiting + pieces))?;
        Ok(())
    }

    /// The number that the next message will have.
    pub fn next(&self) -> u64 {
        self.outgoing.appended + 1
    }

    /// Writes the end of the outbox into the draft.
    ///
    /// # Errors
    /// The store's.
    pub fn finish(self, draft: &mut Draft<'_>) -> Result<(), Fault> {
        Ok(draft.put(&tables::OUTGOING, &(), &self.outgoing)?)
    }

    fn put(&mut self, draft: &mut Draft<'_>, row: &OutboxRow) -> Result<u64, Fault> {
        self.outgoing.appended += 1;
        draft.put(&tables::OUTBOX, &self.outgoing.appended, row)?;
        Ok(self.outgoing.appended)
    }
}

/// Where our stream stands.
pub(crate) fn outgoing(draft: &Draft<'_>) -> Result<Outgoing, Fault> {
    draft
        .get(&tables::OUTGOING, &())?
        .ok_or_else(|| Fault::NotFound("this synchronization was never created or joined".to_owned()))
}

/// How many pieces content of that size travels in: all but the last have
/// `CHUNK_BYTES`, empty content is one empty piece.
pub(crate) fn pieces(size: u64) -> u64 {
    size.div_ceil(u64::from(CHUNK_BYTES)).max(1)
}
