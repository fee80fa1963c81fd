//! What lies in the literal packet: a small header, the payload, stored or
//! deflated (RFC 1951) with a hard bound on what it unfolds to, and zeros up
//! to a size bucket.

use std::borrow::Cow;

use ferry_core::ports::OpenFault;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What a payload is, so that nothing signed for one purpose serves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A parcel's header and messages.
    Parcel = 1,
    /// A hello.
    Hello = 2,
    /// An invitation.
    Invitation = 3,
    /// A renewal.
    Renewal = 4,
}

/// The bytes before the packed payload.
pub const HEADER_BYTES: usize = 14;

/// `FRY`.
const MAGIC: [u8; 3] = *b"FRY";
/// The framing's version, raised with the protocol's major version.
const VERSION: u8 = 1;
const STORED: u8 = 0;
const DEFLATED: u8 = 1;

/// The smallest bucket, in bytes: acknowledgements and single changes look
/// alike.
const BUCKET_MIN: usize = 1024;

/// The level of deflate. Measured in wasm on real issues, deflate, encryption
/// and their reverse together: 1 costs a tenth more for a quarter more bytes,
/// 3 a twentieth more for 6 % fewer.
const LEVEL: u32 = 2;

/// A payload is stored where a sample shrinks to more than this share, in
/// percent: media are compressed already.
const WORTH_PERCENT: usize = 92;

/// Parts from this size on are sampled, in bytes: pieces of attachments.
const LARGE: usize = 64 << 10;

/// The bytes of a sample, and how many are taken at most.
const SAMPLE_BYTES: usize = 4096;
const SAMPLES_MAX: usize = 16;

/// Appends a frame around a payload that comes in parts.
pub fn write(out: &mut Vec<u8>, content: Content, parts: &[&[u8]]) -> Result<(), String> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let start = out.len();
    let method = if worth_deflating(parts, length) { DEFLATED } else { STORED };
    out.reserve(HEADER_BYTES + length / if method == DEFLATED { 2 } else { 1 } + BUCKET_MIN);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[VERSION, content as u8, method]);
    out.extend_from_slice(&[0; 8]);
    if method == DEFLATED {
        deflate(out, parts)?;
    } else {
        parts.iter().for_each(|part| out.extend_from_slice(part));
    }
    let framed = out.len() - start;
    let lengths = [octets(length)?, octets(framed - HEADER_BYTES)?].concat();
    if let Some(place) = out.get_mut(start + HEADER_BYTES - 8..start + HEADER_BYTES) {
        place.copy_from_slice(&lengths);
    }
    out.resize(start + bucket(framed), 0);
    Ok(())
}

fn octets(length: usize) -> Result<[u8; 4], String> {
    u32::try_from(length).map(u32::to_be_bytes).map_err(|_| "a payload of more than 4 GiB".to_owned())
}

/// The payload of a frame that fills the bytes, at most `max` bytes of it.
pub fn read(frame: &[u8], content: Content, max: usize) -> Result<Cow<'_, [u8]>, OpenFault> {
    let malformed = |what: &str| OpenFault::Malformed(what.to_owned());
    let (header, rest) = frame.split_first_chunk::<HEADER_BYTES>().ok_or_else(|| malformed("its frame is cut"))?;
    let [m1, m2, m3, version, kind, method, l1, l2, l3, l4, p1, p2, p3, p4] = *header;
    if [m1, m2, m3] != MAGIC {
        return Err(malformed("what is inside was not made by Ferry"));
    }
    if version > VERSION {
        return Err(OpenFault::NewerVersion(version.to_string()));
    }
    if version != VERSION || kind != content as u8 {
        return Err(malformed("what is inside is something else"));
    }
    let length = u32::from_be_bytes([l1, l2, l3, l4]) as usize;
    let packed = u32::from_be_bytes([p1, p2, p3, p4]) as usize;
    if length > max {
        return Err(OpenFault::TooLarge(max as u64));
    }
    let (packed, padding) = rest.split_at_checked(packed).ok_or_else(|| malformed("its frame is cut"))?;
    if frame.len() != bucket(HEADER_BYTES + packed.len()) || padding.iter().any(|byte| *byte != 0) {
        return Err(malformed("its padding is not as the protocol has it"));
    }
    match method {
        STORED if packed.len() == length => Ok(Cow::Borrowed(packed)),
        DEFLATED => inflate(packed, length).map(Cow::Owned).ok_or_else(|| malformed("its compression is broken")),
        _ => Err(malformed("its frame is not as the protocol has it")),
    }
}

/// The size that a frame is filled up to: Padmé (Nikitin et al., PETS 2019),
/// which costs at most 12 % and leaves log log n bits to see.
pub fn bucket(length: usize) -> usize {
    if length <= BUCKET_MIN {
        return BUCKET_MIN;
    }
    let exponent = length.ilog2();
    let mask = (1usize << (exponent - (exponent.ilog2() + 1))) - 1;
    (length + mask) & !mask
}

/// Whether samples of the large parts shrink; where most is in small parts,
/// which are text, nothing is tried.
fn worth_deflating(parts: &[&[u8]], length: usize) -> bool {
    let large = || parts.iter().filter(|part| part.len() >= LARGE);
    if large().map(|part| part.len()).sum::<usize>() < length / 2 || length < LARGE {
        return true;
    }
    let quarters =
        large().flat_map(|part| [part.len() / 4, part.len() / 4 * 3].map(|at| part.get(at..at + SAMPLE_BYTES)));
    let samples: Vec<&[u8]> = quarters.flatten().take(SAMPLES_MAX).collect();
    let mut packed = Vec::with_capacity(samples.len() * SAMPLE_BYTES);
    let packed = deflate(&mut packed, &samples).map(|()| packed.len());
    packed.is_ok_and(|packed| packed * 100 < samples.len() * SAMPLE_BYTES * WORTH_PERCENT)
}

fn deflate(out: &mut Vec<u8>, parts: &[&[u8]]) -> Result<(), String> {
    let mut deflater = Compress::new(Compression::new(LEVEL), false);
    for part in parts {
        let before = deflater.total_in();
        let mut rest = *part;
        while !rest.is_empty() {
            reserve(out);
            deflater.compress_vec(rest, out, FlushCompress::None).map_err(|error| error.to_string())?;
            let taken = usize::try_from(deflater.total_in() - before).unwrap_or(usize::MAX);
            rest = part.get(taken..).unwrap_or_default();
        }
    }
    loop {
        reserve(out);
        let status = deflater.compress_vec(&[], out, FlushCompress::Finish).map_err(|error| error.to_string())?;
        if status == Status::StreamEnd {
            return Ok(());
        }
    }
}

fn reserve(out: &mut Vec<u8>) {
    if out.capacity() - out.len() < 1024 {
        out.reserve(out.len().max(4096));
    }
}

/// Exactly so many bytes from all of the input, or nothing.
fn inflate(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut inflater = Decompress::new(false);
    let mut out = Vec::with_capacity(length);
    let status = inflater.decompress_vec(packed, &mut out, FlushDecompress::Finish).ok()?;
    let whole = status == Status::StreamEnd && inflater.total_in() == packed.len() as u64 && out.len() == length;
    whole.then_some(out)
}
