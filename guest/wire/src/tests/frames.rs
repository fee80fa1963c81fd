use ferry_core::ports::OpenFault;
use flate2::{Compress, Compression, FlushCompress};

use super::sample::noise;
use crate::frame::{Content, HEADER_BYTES, bucket, read, write};

const MAX: usize = 8 << 20;

fn framed(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, Content::Parcel, &[payload]).unwrap();
    out
}

/// A frame with these lengths and packed bytes, padded as it should be.
fn handmade(method: u8, length: usize, packed: &[u8]) -> Vec<u8> {
    let mut out = b"FRY\x01\x01".to_vec();
    out.push(method);
    out.extend((length as u32).to_be_bytes());
    out.extend((packed.len() as u32).to_be_bytes());
    out.extend(packed);
    out.resize(bucket(out.len()), 0);
    out
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 2 + 1024);
    Compress::new(Compression::new(9), false).compress_vec(bytes, &mut out, FlushCompress::Finish).unwrap();
    out
}

#[test]
fn payloads_of_every_size_come_back() {
    let text = b"the same again and again, ".repeat(40_000);
    for length in [0, 1, 13, 1000, 1010, 1011, 4095, 70_000, 1_000_000] {
        for bytes in [&text[..length], &noise(length)] {
            assert_eq!(read(&framed(bytes), Content::Parcel, MAX).unwrap(), bytes);
        }
    }
}

#[test]
fn what_does_not_shrink_is_stored_and_what_does_is_deflated() {
    assert_eq!(framed(&noise(100_000))[5], 0);
    assert_eq!(framed(&b"abc".repeat(40_000))[5], 1);
    assert!(framed(&b"abc".repeat(40_000)).len() < 2048);
}

#[test]
fn frames_have_few_sizes() {
    assert_eq!(framed(b"x").len(), framed(&noise(900)).len());
    let sizes: std::collections::BTreeSet<usize> = (1_000_000..1_100_000).map(bucket).collect();
    assert!(sizes.len() < 8, "{sizes:?}");
    for length in (1..5_000_000).step_by(999) {
        assert!(bucket(length) >= length && bucket(length) <= (length + length / 8).max(1024), "{length}");
    }
}

#[test]
fn a_frame_never_unfolds_to_more_than_it_may() {
    let bomb = deflated(&vec![0; 64 << 20]);
    assert!(bomb.len() < 100_000);
    assert_eq!(read(&handmade(1, 64 << 20, &bomb), Content::Parcel, MAX), Err(OpenFault::TooLarge(MAX as u64)));
    assert!(read(&handmade(1, 1000, &bomb), Content::Parcel, MAX).is_err());
    assert!(read(&handmade(1, MAX, &bomb), Content::Parcel, MAX).is_err());
    assert!(read(&handmade(1, usize::MAX, &bomb), Content::Parcel, MAX).is_err());
}

#[test]
fn lengths_that_do_not_agree_are_refused() {
    let packed = deflated(&[7; 500]);
    assert!(read(&handmade(1, 500, &packed), Content::Parcel, MAX).is_ok());
    assert!(read(&handmade(1, 499, &packed), Content::Parcel, MAX).is_err());
    assert!(read(&handmade(1, 501, &packed), Content::Parcel, MAX).is_err());
    assert!(read(&handmade(1, 500, &[&packed, &[0][..]].concat()), Content::Parcel, MAX).is_err());
    assert!(read(&handmade(0, 5, b"1234"), Content::Parcel, MAX).is_err());
    assert!(read(&handmade(2, 4, b"1234"), Content::Parcel, MAX).is_err());
}

#[test]
fn padding_is_exactly_what_it_should_be() {
    let frame = framed(b"payload");
    let mut dirty = frame.clone();
    *dirty.last_mut().unwrap() = 1;
    assert!(read(&dirty, Content::Parcel, MAX).is_err());
    assert!(read(&frame[..frame.len() - 1], Content::Parcel, MAX).is_err());
    assert!(read(&[frame.as_slice(), &[0]].concat(), Content::Parcel, MAX).is_err());
    assert!(read(&frame[..HEADER_BYTES - 1], Content::Parcel, MAX).is_err());
}

#[test]
fn what_was_signed_for_one_purpose_serves_no_other() {
    let frame = framed(b"payload");
    assert!(read(&frame, Content::Hello, MAX).is_err());
    assert!(read(&frame, Content::Invitation, MAX).is_err());
}

#[test]
fn a_newer_framing_is_named() {
    let mut frame = framed(b"payload");
    frame[3] = 2;
    assert_eq!(read(&frame, Content::Parcel, MAX), Err(OpenFault::NewerVersion("2".to_owned())));
}
