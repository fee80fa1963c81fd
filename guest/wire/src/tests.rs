#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod sample;

mod certificates;
mod forged;
mod frames;
mod handshakes;
mod messages;
mod refusals;
mod renewals;
mod round_trips;
mod vectors;
