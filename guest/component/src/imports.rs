//! The imports as the core's traits.

mod blobs;
mod delivery;
mod folder;
mod mail;
mod observer;
mod store;
mod tracker;

pub(crate) use blobs::Blobs;
pub(crate) use delivery::by_mail;
pub(crate) use folder::Folder;
pub(crate) use mail::{Mailbox, Submission};
pub(crate) use observer::Observer;
pub(crate) use store::Store;
pub(crate) use tracker::Tracker;
