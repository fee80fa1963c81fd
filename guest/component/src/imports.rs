//! The imports as the core's traits.

mod blobs;
mod folder;
mod observer;
mod store;
mod tracker;

pub(crate) use blobs::Blobs;
pub(crate) use folder::Folder;
pub(crate) use observer::Observer;
pub(crate) use store::Store;
pub(crate) use tracker::Tracker;
