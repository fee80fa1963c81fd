//! Everything that strangers can hand to Ferry, as functions of bytes. A target
//! panics where something is wrong; a refusal isn't. `suite/` tries each with
//! its seeds, its corpus and some mutations of both; `make fuzz` lets a fuzzer
//! lead the way that sees which code an input reaches.
//!
//! A target's first bytes choose the door, the others are what comes in by it:
//! so one corpus serves all steps of opening, and a fuzzer finds the inner ones
//! without having to break a signature.

// A target may stop at what can't be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod configuration;
pub mod dice;
pub mod document;
pub mod engine;
pub mod handshake;
#[cfg(feature = "host")]
pub mod host;
pub mod mail;
pub mod message;
pub mod nonsense;
pub mod packets;
pub mod parcel;
pub mod renewal;
pub mod servers;
pub mod sides;

/// Something that takes bytes of strangers.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What `make fuzz TARGET=` calls it, and its folder in `corpus/`.
    pub name: &'static str,
    /// Takes an input; panics where something is wrong.
    pub run: fn(&[u8]),
    /// Inputs to begin with, as honest sides make them.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many mutated inputs `make test` tries.
    pub inputs: usize,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "parcel", run: parcel::run, seeds: parcel::seeds, inputs: 3_000 },
    Target { name: "packets", run: packets::run, seeds: packets::seeds, inputs: 10_000 },
    Target { name: "handshake", run: handshake::run, seeds: handshake::seeds, inputs: 1_000 },
    Target { name: "renewal", run: renewal::run, seeds: renewal::seeds, inputs: 1_000 },
    Target { name: "message", run: message::run, seeds: message::seeds, inputs: 20_000 },
    Target { name: "mail", run: mail::run, seeds: mail::seeds, inputs: 10_000 },
    Target { name: "servers", run: servers::run, seeds: servers::seeds, inputs: 20_000 },
    Target { name: "configuration", run: configuration::run, seeds: configuration::seeds, inputs: 2_000 },
    Target { name: "document", run: document::run, seeds: document::seeds, inputs: 10_000 },
    Target { name: "engine", run: engine::run, seeds: engine::seeds, inputs: 500 },
    #[cfg(feature = "host")]
    Target { name: "host", run: host::run, seeds: host::seeds, inputs: 300 },
];

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
