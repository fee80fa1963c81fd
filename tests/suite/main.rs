//! One test binary, a file a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod agreement;
mod courier;
mod crash;
mod issues;
mod memory;
mod openpgp;
mod road;
mod tidy;
mod wit;
