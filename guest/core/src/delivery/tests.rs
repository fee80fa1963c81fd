//! Delivery on trial: two sides over directories that lose, repeat, reorder
//! and damage.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]

mod attachments;
mod damage;
mod histories;
mod invite;
mod keys;
mod loss;
mod restores;
