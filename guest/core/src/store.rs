//! Typed tables over the store, and drafts of commits.

mod draft;
mod table;

pub use draft::Draft;
pub use table::{Key, Table};
