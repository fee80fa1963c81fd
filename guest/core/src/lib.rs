//! Ferry's engine, pure: it decides everything and touches nothing.
//!
//! The rules that the shape rests on:
//!
//! - No clock, no randomness, no I/O: time and random bytes are arguments, the
//!   outside is the traits of [`ports`]. The same code runs in wasm, in the
//!   simulator and under a fuzzer.
//! - A call starts from the store and ends in the store; killing it anywhere is
//!   normal. What belongs together is one [`store::Draft`], one commit.
//! - State, not events: what to send is the difference between the issue now
//!   and what was last seen or written here.
//! - Every write to a tracker has a key, and its intent is durable before it.
//! - No clock is trusted across companies: order comes from message numbers.
//!
//! Deliberately absent: OpenPGP and MessagePack on the wire (`ferry-wire`),
//! WIT (`ferry-engine`), threads, async.

pub mod config;
pub mod delivery;
pub mod digest;
pub mod engine;
pub mod fault;
pub mod handshake;
pub mod ids;
pub mod keys;
pub mod limits;
pub mod mapping;
pub mod message;
pub mod model;
pub mod pair;
pub mod planted;
pub mod ports;
pub mod scope;
pub mod shared;
pub mod state;
pub mod store;
pub mod tables;
pub mod time;
