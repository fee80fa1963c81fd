//! Mail servers as the mail channel needs them: a mailbox over IMAP, and
//! submission over SMTP. Bytes come and go; what is in a mail is the engine's.
//!
//! A [`Place`] says which server, a [`Trust`] what its certificate has to be,
//! [`Credentials`] who asks. Nothing is ever sent in the clear but what begins
//! TLS, every wait has an end, and every answer a bound.

mod account;
mod bucket;
mod connection;
mod credentials;
mod discover;
mod fault;
mod imap;
pub mod oauth;
mod place;
mod refused;
mod said;
mod smtp;

pub use account::{Asks, Receiver, Sender};
pub use bucket::{Buckets, Rates};
pub use credentials::Credentials;
pub use discover::Found;
pub use fault::Fault;
pub use ferry_tls::{NoPin, Pin, Trust, TrustFault};
pub use imap::{HangUp, Listed, Mailbox};
pub use place::{Place, PlaceFault, Protocol, Security};
pub use smtp::{Submission, is_address};
