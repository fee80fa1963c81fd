//! What must hold of mails and of the channel that they make.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod channel;
mod sample;
mod shapes;
