//! Worlds to test Ferry in. [`memory`] is the whole outside of an engine,
//! natively and without a disk: store, blobs, channel, tracker, wire. [`World`]
//! puts two engines into it, with virtual time and seeded randomness, so that
//! the same seed gives the same bytes.
//!
//! What stands here checks nothing by itself; the tests in `suite/` do.

// A test may stop at what can't be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

/// Where the conversions of [`native`] look for the interface.
mod bindings {
    pub(crate) mod ferry {
        pub(crate) mod tracker {
            pub(crate) use ferry_adapter::model;
        }
    }
}
#[cfg(feature = "components")]
pub mod authorization_server;
#[cfg(feature = "components")]
pub mod component;
mod fuse;
pub mod hostile;
#[cfg(feature = "components")]
pub mod insider;
pub mod issues;
pub mod kills;
pub mod local;
#[cfg(feature = "components")]
pub mod mail_servers;
pub mod memory;
pub mod native;
pub mod newer;
pub mod office;
pub mod process;
pub mod road;
pub mod search;
pub mod sim;
pub mod tree;
pub mod world;

pub use fuse::{Call, Crashed, Fuse, Point};
pub use world::{Beginning, Clock, Side, World};

/// Says that a test is skipped, and why, also where the test's output is
/// captured. With `CI` set nothing may be missing, and it panics.
pub fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}, and CI is set");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    say(&format!("SKIPPED {test}: {why}"));
}

/// Says something, also where the test's output is captured.
pub fn say(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{line}").ok();
}
