//! What goes into the next parcel.

use std::collections::BTreeMap;

use super::Stop;
use super::batch::Sender;
use crate::delivery::{OutboxRow, Piece};
use crate::engine::Ports;
use crate::fault::Fault;
use crate::ids::BlobName;
use crate::limits::{PARCEL_FILL_BYTES, PARCEL_MESSAGES_MAX};
use crate::message::{Body, Chunk, Numbered, Outcomes};
use crate::ports::{BlobFault, Level};
use crate::tables;

/// Consecutive messages, as they travel.
#[derive(Debug, Default)]
pub(super) struct Load {
    /// The messages.
    pub messages: Vec<Vec<u8>>,
    /// For each the blob that it is a piece of.
    pub blobs: Vec<Option<BlobName>>,
    /// What they weigh.
    pub bytes: usize,
}

impl Load {
    /// How many pieces of which blobs are in it.
    pub fn pieces(&self) -> BTreeMap<BlobName, u64> {
        let mut pieces = BTreeMap::new();
        for blob in self.blobs.iter().flatten() {
            *pieces.entry(blob.clone()).or_insert(0) += 1;
        }
        pieces
    }

    /// Leaves the first half.
    pub fn halve(&mut self) {
        let half = self.messages.len().div_ceil(2);
        self.messages.truncate(half);
        self.blobs.truncate(half);
    }
}

/// The messages after the last that was sealed, as many as fill a parcel; at
/// least one where there is one.
pub(super) fn next(sender: &Sender<'_, '_>) -> Result<Load, Stop> {
    let mut load = Load::default();
    let mut last = sender.outgoing.sealed;
    loop {
        let room = PARCEL_MESSAGES_MAX.saturating_sub(load.messages.len());
        let page = sender.engine.draft().scan(&tables::OUTBOX, Some(&last), u32::try_from(room).unwrap_or(u32::MAX))?;
        if page.is_empty() || room == 0 {
            return Ok(load);
        }
        for (number, row) in page {
            let length = match &row {
                OutboxRow::Message(bytes) => bytes.len(),
                OutboxRow::Piece(piece) => piece.length as usize,
            };
            if load.bytes + length > PARCEL_FILL_BYTES && !load.messages.is_empty() {
                return Ok(load);
            }
            load.bytes += length;
            push(sender, &mut load, row, true)?;
            last = number;
        }
    }
}

/// The messages of a parcel that was sealed before.
pub(super) fn again(sender: &Sender<'_, '_>, first: u64, last: u64) -> Result<Load, Stop> {
    let mut load = Load::default();
    if first == 0 {
        return Ok(load);
    }
    let keys: Vec<u64> = (first..=last).collect();
    let rows = sender.engine.draft().get_many(&tables::OUTBOX, &keys)?;
    for (number, row) in keys.iter().zip(rows) {
        let row = row.ok_or_else(|| Fault::Other(format!("message {number} is missing in the store")))?;
        push(sender, &mut load, row, false)?;
    }
    Ok(load)
}

fn push(sender: &Sender<'_, '_>, load: &mut Load, row: OutboxRow, fresh: bool) -> Result<(), Stop> {
    match row {
        OutboxRow::Message(bytes) => {
            load.messages.push(bytes);
            load.blobs.push(None);
        }
        OutboxRow::Piece(piece) => {
            load.messages.push(encode(sender, &piece, fresh)?);
            load.blobs.push(Some(piece.blob));
        }
    }
    Ok(())
}

/// A piece as it travels. Content that is gone before it was ever sent leaves
/// a message that says nothing in its place: everything else goes on.
fn encode(sender: &Sender<'_, '_>, piece: &Piece, fresh: bool) -> Result<Vec<u8>, Stop> {
    let ports = &sender.engine.ports;
    match content(ports, piece)? {
        Some(message) => Ok(message),
        None if fresh => {
            let attributes = [("digest", piece.digest.to_string()), ("offset", piece.offset.to_string())];
            ports.observer.log(Level::Error, "attachment content lost before it was sent", &attributes);
            let body = Body::Outcomes(Outcomes { outcomes: Vec::new() });
            Ok(ports.wire.encode(&Numbered { after: 0, body }))
        }
        None => Err(Stop::ContentLost),
    }
}

/// A piece as it travels, none where its content is gone.
pub(crate) fn content(ports: &Ports<'_>, piece: &Piece) -> Result<Option<Vec<u8>>, Fault> {
    match ports.blobs.read(&piece.blob, piece.offset, piece.length) {
        Ok(bytes) if bytes.len() == piece.length as usize => {
            let body = Body::Chunk(Chunk { digest: piece.digest, offset: piece.offset, total: piece.total, bytes });
            Ok(Some(ports.wire.encode(&Numbered { after: 0, body })))
        }
        Ok(_) | Err(BlobFault::NotFound) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}
