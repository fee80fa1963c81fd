//! The mail servers of a synchronization, as `ferry.toml` has them.

use std::path::PathBuf;

use ferry_post::{Pin, Place, Protocol, Rates, is_address};
use serde::{Deserialize, Serialize};

use crate::secret::SecretReference;

/// A secret that was asked for once: it lies in the home's `secrets/`.
pub const KEPT: &str = "kept";

/// Mail is looked for this often, in seconds, though the server tells of it: a
/// connection may be dead in silence.
pub const MAIL_POLLING_SECONDS: u32 = 60;

/// Where refused mails are moved to, where nothing else is said.
const REJECTED: &str = "Rejected";

/// From where mail comes, and through whom it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Our address.
    pub address: String,
    /// The partner's address, where a person gave their word for another than the
    /// first that their Ferry told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// The mailbox: `imaps://[USER@]HOST[:PORT][/FOLDER]`, or `imap+starttls://…`.
    pub receive: String,
    /// Where its password is to be had: `env:NAME`, `file:PATH`, `command:WORDS`,
    /// or `kept`; none with OAuth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receive_password: Option<String>,
    /// The submission server: `smtps://[USER@]HOST[:PORT]`, or `smtp+starttls://…`.
    pub send: String,
    /// Where its password is to be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_password: Option<String>,
    /// Certificates (PEM) whose word the servers' need, instead of the platform's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// The servers' key, by which they are known instead: `sha256/…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Who grants tokens, where there is no password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OAuth>,
    /// The folder that mails are moved to once they are taken; deleted otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed: Option<String>,
    /// The folder that refused mails are moved to.
    #[serde(default = "rejected", skip_serializing_if = "is_rejected")]
    pub rejected: String,
    /// The folder in which the server keeps copies of what is sent, where ours are
    /// to be deleted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// How many mails may leave in a minute.
    #[serde(default = "per_minute", skip_serializing_if = "is_per_minute")]
    pub mails_per_minute: u32,
    /// How many mails may leave in a day.
    #[serde(default = "per_day", skip_serializing_if = "is_per_day")]
    pub mails_per_day: u32,
}

/// Who grants tokens, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    /// `microsoft`, `microsoft:TENANT`, `google`, or the address of an issuer.
    pub provider: String,
    /// The client's id there.
    pub client: String,
    /// Where the client's secret is to be had, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl Mail {
    /// With these servers, and everything else as it usually is.
    pub fn new(address: String, receive: String, send: String) -> Self {
        Self {
            address,
            partner: None,
            receive,
            receive_password: None,
            send,
            send_password: None,
            ca: None,
            pin: None,
            oauth: None,
            processed: None,
            rejected: rejected(),
            sent: None,
            mails_per_minute: per_minute(),
            mails_per_day: per_day(),
        }
    }

    /// What is wrong with it: the key, and why.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        for (key, address) in [("address", Some(&self.address)), ("partner", self.partner.as_ref())] {
            if let Some(address) = address {
                is_address(address).map_err(|fault| (key, fault.to_string()))?;
            }
        }
        for (key, place, protocol) in [("receive", &self.receive, Protocol::Imap), ("send", &self.send, Protocol::Smtp)]
        {
            let found: Place = place.parse().map_err(|fault: ferry_post::PlaceFault| (key, fault.to_string()))?;
            if found.protocol != protocol {
                let other = if protocol == Protocol::Imap { "imaps://HOST" } else { "smtps://HOST" };
                return Err((key, format!("{place} is the other kind of server: {other} belongs here")));
            }
        }
        let passwords = [("receive_password", &self.receive_password), ("send_password", &self.send_password)];
        for (key, reference) in passwords {
            match reference.as_deref() {
                None if self.oauth.is_none() => return Err((key, "there is neither a password nor OAuth".to_owned())),
                None | Some(KEPT) => {}
                Some(reference) => {
                    let known = reference.parse::<SecretReference>();
                    known.map_err(|error| (key, error.to_string()))?;
                }
            }
        }
        if self.rejected.is_empty() {
            return Err(("rejected", "must name a folder: what was refused is kept there".to_owned()));
        }
        if let Some(pin) = &self.pin {
            pin.parse::<Pin>().map_err(|fault| ("pin", fault.to_string()))?;
            if self.ca.is_some() {
                return Err(("pin", "there is a ca as well: one of them says whom to trust".to_owned()));
            }
        }
        for (key, rate) in [("mails_per_minute", self.mails_per_minute), ("mails_per_day", self.mails_per_day)] {
            if rate == 0 {
                return Err((key, "must be at least 1".to_owned()));
            }
        }
        Ok(())
    }
}

fn rejected() -> String {
    REJECTED.to_owned()
}

fn is_rejected(folder: &String) -> bool {
    folder == REJECTED
}

fn per_minute() -> u32 {
    Rates::default().minute
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference.
fn is_per_minute(rate: &u32) -> bool {
    *rate == per_minute()
}

fn per_day() -> u32 {
    Rates::default().day
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference.
fn is_per_day(rate: &u32) -> bool {
    *rate == per_day()
}
