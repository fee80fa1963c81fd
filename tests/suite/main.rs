//! One test binary, a file a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod agreement;
mod answers;
mod archive;
mod bounds;
mod breaker;
mod by_mail;
mod claims;
mod cost;
mod courier;
mod crash;
mod first_sync;
mod issues;
mod keys;
mod kills;
mod mail;
mod memory;
mod oauth;
mod openpgp;
mod parity;
mod poison;
mod post;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod power;
mod refusals;
mod restore;
mod road;
mod search;
mod sim;
mod teeth;
mod tidy;
mod trackers;
mod versions;
mod wit;
