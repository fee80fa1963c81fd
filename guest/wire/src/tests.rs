#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod sample;

mod round_trips;
