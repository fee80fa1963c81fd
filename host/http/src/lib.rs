//! HTTP as adapters get it: to origins that their operator granted, and
//! nowhere else.
//!
//! The rules that it rests on:
//!
//! - A name is resolved once, and what is connected to is what was looked at:
//!   an address of this machine or of its link is refused unless the origin
//!   spells it out, one of a private network unless the operator named the
//!   origin.
//! - A redirect leads to a granted origin or nowhere, and to another one
//!   without credentials.
//! - Secrets are named by the adapter and filled in here. An answer that
//!   repeats one is withheld.
//! - Every wait has an end, and every answer a bound.
//!
//! In reading order: `address` (what an address is), `origin`, `grants` (where
//! to, and with which secrets), `resolve`, `head` (which headers may be set),
//! `body`, `exchange` (one question, with its redirects), `client`.

mod address;
mod body;
mod client;
mod exchange;
mod fault;
mod grants;
mod head;
mod origin;
mod resolve;

pub use address::Reach;
pub use body::{Body, Content, Part, Shelf, ShelfFault};
pub use client::Client;
pub use exchange::{Answer, Authorization, Exchange, Method};
pub use fault::Fault;
pub use grants::{Grants, Secrets};
pub use origin::{NotAnOrigin, Origin};
