//! The records that answers are made of. Times are RFC 3339 in UTC; ids,
//! digests and fingerprints are hexadecimal.

mod keys;
mod moving;
mod overview;
mod seeing;

pub use keys::*;
pub use moving::*;
pub use overview::*;
pub use seeing::*;
