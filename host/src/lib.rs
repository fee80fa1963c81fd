//! Ferry as a library: open a home, and do what the `ferry` command does, from
//! your own program.
//!
//! ```no_run
//! use ferry::HostBuilder;
//!
//! let host = HostBuilder::new("/var/lib/ferry")?.components("/usr/share/ferry").build()?;
//! for standing in host.standings()? {
//!     println!("{}: {:?}", standing.name, standing.overview.map(|o| o.state));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The host moves bytes. What a synchronization is, what an issue means, what
//! goes into a parcel, the engine alone knows: a component, opaque to this
//! library, that runs in `runtime` behind the types of `bindings` and reaches
//! its store, its blobs, its channel and its tracker through `store`, `blobs`,
//! `folder` or `mail`, and `files`. Around it stand the `home` with its lock,
//! socket and `ferry.toml` (`settings`), the `request`s that people make, and
//! the `schedule` that keeps synchronizations going.
//!
//! The library reads neither the environment nor the home directory: whoever
//! embeds it says where everything is.

mod backoff;
pub mod bindings;
pub mod blobs;
pub mod clock;
pub mod control;
pub mod digest;
pub mod files;
pub mod folder;
mod harm;
pub mod home;
pub mod host;
pub mod mail;
pub mod random;
pub mod request;
pub mod runtime;
pub mod schedule;
pub mod secret;
pub mod settings;
pub mod store;
pub mod watch;

pub use host::{Host, HostBuilder};
