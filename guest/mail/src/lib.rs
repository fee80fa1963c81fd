//! Parcels as mails, pure: PGP/MIME (RFC 3156) made and read, and a mailbox
//! with a way to submit as the channel that the engine knows.
//!
//! The rules that the shape rests on:
//!
//! - A mail is a wrapping. Who sent it, its subject, its id and its date prove
//!   nothing and are never believed: what counts lies inside the seal.
//! - What gateways do to mails does no harm: parts are rewritten, wrapped and
//!   encoded anew, lines are split, and the armour inside is still found.
//! - What leaves passes every relay: seven bits, short lines, no word of an
//!   issue.
//!
//! In reading order: `compose` (a parcel's mail), `armour`, `extract` (the
//! parcel of a mail), `channel`. `forge` is what gateways do; tests alone build
//! it.
//!
//! Deliberately absent: IMAP, SMTP, accounts and credentials, which are the
//! host's; what is inside a parcel.

mod armour;
mod channel;
mod compose;
mod extract;
#[cfg(any(test, feature = "forge"))]
pub mod forge;
#[cfg(test)]
mod tests;

pub use channel::{Listed, MailChannel, Mailbox, Route, Submission};
pub use compose::{Envelope, compose};
pub use extract::{candidates, named};
