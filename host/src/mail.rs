//! Mail for synchronizations: accounts, whose connections all that use them
//! share, and for each synchronization a route: from which folder, to whom, in
//! whose name. How servers are spoken to is `ferry_post`'s.

mod access;
mod accounts;
mod grant;
mod listening;
mod place;
mod recipient;
mod returned;
mod route;
mod trouble;

pub use ferry_post::oauth::Ask;
pub use ferry_post::{Fault, Found, Trust};
pub use grant::{By, Consent, consent};
pub use place::{Access, MailEnd, MailPlace, Proof};

pub(crate) use accounts::Accounts;
pub(crate) use listening::Listening;
pub(crate) use recipient::{first as first_recipient, forget as forget_recipient};
pub(crate) use returned::last as last_returned;
pub(crate) use route::Route;
pub(crate) use trouble::last as last_trouble;
