//! The exhaustive search: small worlds, two sides and a channel, in which
//! everything that can happen does, at every point, until no state is new.
//!
//! A side is a value ([`home`]): its store, its blobs, what lies on the channel
//! from it. A step is one call of the engine, the real one ([`call`]), or what a
//! courier, time or an administrator does ([`step`], [`state`]). States that can't behave
//! differently are one ([`likeness`]). In every state the properties are looked
//! at ([`delivery`], [`handshake`]), and whether it comes to rest once nothing is
//! broken any more ([`heal`]).

mod call;
mod delivery;
mod explore;
mod handshake;
mod heal;
mod home;
mod likeness;
mod properties;
mod side;
mod state;
mod step;
mod worlds;

pub use explore::{Extent, Found};
pub use worlds::{LARGE, SMALL, World, hunt};
