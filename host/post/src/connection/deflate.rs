//! COMPRESS=DEFLATE (RFC 4978): armour is a quarter smaller so.

use flate2::{Compress, Compression, Decompress, DecompressError, FlushCompress, FlushDecompress, Status};

/// How much is taken apart at a time, in bytes.
const PIECE: usize = 64 << 10;

/// Both directions of a connection, and what came and was not taken apart yet.
pub(super) struct Deflated {
    out: Compress,
    come: Decompress,
    packed: Vec<u8>,
}

impl Deflated {
    pub fn new() -> Self {
        Self { out: Compress::new(Compression::fast(), false), come: Decompress::new(false), packed: Vec::new() }
    }

    /// Bytes as they go over the line, whole.
    pub fn pack(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut packed = Vec::with_capacity(bytes.len() + PIECE);
        let before = self.out.total_in();
        loop {
            let taken = usize::try_from(self.out.total_in() - before).ok()?;
            let rest = bytes.get(taken..)?;
            self.out.compress_vec(rest, &mut packed, FlushCompress::Sync).ok()?;
            // Room left says that nothing is kept back.
            if packed.len() < packed.capacity() {
                return Some(packed);
            }
            packed.reserve(PIECE);
        }
    }

    /// Something more came over the line.
    pub fn add(&mut self, packed: &[u8]) {
        self.packed.extend_from_slice(packed);
    }

    /// The next piece of what it says; none where more has to come.
    ///
    /// # Errors
    /// Where it is no such thing.
    pub fn unpack(&mut self) -> Result<Option<Vec<u8>>, DecompressError> {
        let mut plain = Vec::with_capacity(PIECE);
        let before = self.come.total_in();
        let status = self.come.decompress_vec(&self.packed, &mut plain, FlushDecompress::None)?;
        let taken = usize::try_from(self.come.total_in() - before).unwrap_or(usize::MAX);
        self.packed.drain(..taken.min(self.packed.len()));
        if status == Status::StreamEnd {
            // Nothing ends but the connection: what follows would not be read.
            self.packed.clear();
        }
        Ok((!plain.is_empty()).then_some(plain))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_packed_comes_out_whatever_pieces_it_comes_in() {
        let (mut ours, mut theirs) = (Deflated::new(), Deflated::new());
        let words: Vec<u8> = (0..300_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for said in [b"a NOOP\r\n".as_slice(), &words, b"b NOOP\r\n"] {
            let packed = ours.pack(said).unwrap();
            let mut heard = Vec::new();
            for piece in packed.chunks(1000) {
                theirs.add(piece);
                while let Some(more) = theirs.unpack().unwrap() {
                    heard.extend(more);
                }
            }
            assert!(heard == said, "{} bytes of {}", heard.len(), said.len());
        }
    }
}
