//! The channel that a mailbox is: parcels are found by their names, a mail may
//! come more than once, and what was sent can't be taken back.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use ferry_core::delivery::token::Token;
use ferry_core::digest::{self, of};
use ferry_core::ids::ParcelName;
use ferry_core::limits::{HARMFUL_TIMES, PARCEL_BYTES_MAX};
use ferry_core::ports::{self, Channel, ChannelFault, Disposition, Pace};
use ferry_core::state::ChannelKind;
use ferry_core::time::Time;

use crate::compose::{Envelope, compose, parcel_bytes};
use crate::extract::candidates;

/// A mail whose subject bears a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What the host knows it by, also in a later call.
    pub handle: String,
    /// The word of the subject that begins with the token.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
}

/// The mailbox that receives. Its errors are the server's.
#[allow(clippy::missing_errors_doc)]
pub trait Mailbox {
    /// Mails whose subjects bear the token, in the order of their handles, after
    /// one. No other mail is looked at.
    fn list(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Listed>, ChannelFault>;
    /// A mail, whole, where it has at most so many bytes; it stays unread.
    fn read(&self, handle: &str, max_bytes: u64) -> Result<Vec<u8>, ChannelFault>;
    /// Moves mails aside; one that isn't there is no error.
    fn dispose(&self, handles: &[String], disposition: Disposition) -> Result<(), ChannelFault>;
    /// Brings back a rejected mail whose subject bears the name.
    fn restore(&self, name: &str) -> Result<(), ChannelFault>;
    /// Mails that were the last to be read when the engine broke off, by their
    /// handles and by their names, and how often.
    fn harmful(&self) -> Result<Vec<(String, u32)>, ChannelFault>;
}

/// Whose mails are sent, and how large they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Our address.
    pub sender: String,
    /// What the server takes, in bytes of the whole mail.
    pub max_bytes: Option<u64>,
}

/// How mails leave. Its errors are the server's.
#[allow(clippy::missing_errors_doc)]
pub trait Submission {
    /// Asked before anything is sealed.
    fn route(&self) -> Result<Route, ChannelFault>;
    /// On return the server has taken responsibility for it, no more.
    fn submit(&self, recipient: &str, mail: &[u8]) -> Result<(), ChannelFault>;
}

/// Mails listed with one call.
const PAGE: u32 = 256;
/// Mails looked at in one call of the engine: what is beyond waits for the next.
const MAILS_MAX: usize = 4096;
/// A parcel that waits for its acknowledgement is sent again after this long, in
/// milliseconds: relays and greylisting hold mail for minutes, and each copy
/// weighs as much as the first.
const RESEND_MS: u64 = 10 * 60_000;
/// A gap that the partner reports may close by itself for this long, in
/// milliseconds: mails overtake each other.
const GAP_MS: u64 = 60_000;

/// The parcels that lie there, by their names.
type Parcels = BTreeMap<ParcelName, Parcel>;

/// The mails that a parcel came in: sent again, it comes in another one.
#[derive(Debug, Default)]
struct Parcel {
    handles: Vec<String>,
    /// What it has at least, in bytes: armour encoded once more is twice as long.
    size: u64,
}

/// A mailbox and a way to submit, for the time of one call of the engine.
pub struct MailChannel<'a> {
    mailbox: &'a dyn Mailbox,
    submission: &'a dyn Submission,
    now: Time,
    route: OnceCell<Route>,
    /// Mails over which the engine broke off.
    harmful: OnceCell<Vec<(String, u32)>>,
    /// What lies there, by the token that was asked for.
    listed: RefCell<BTreeMap<String, Parcels>>,
}

impl<'a> MailChannel<'a> {
    /// The channel, at the time of the call.
    pub fn new(mailbox: &'a dyn Mailbox, submission: &'a dyn Submission, now: Time) -> Self {
        let (route, harmful) = (OnceCell::new(), OnceCell::new());
        Self { mailbox, submission, now, route, harmful, listed: RefCell::default() }
    }

    fn route(&self) -> Result<&Route, ChannelFault> {
        match self.route.get() {
            Some(route) => Ok(route),
            None => {
                let route = self.submission.route()?;
                Ok(self.route.get_or_init(|| route))
            }
        }
    }

    fn suspects(&self) -> Result<&Vec<(String, u32)>, ChannelFault> {
        match self.harmful.get() {
            Some(suspects) => Ok(suspects),
            None => {
                let suspects = self.mailbox.harmful()?;
                Ok(self.harmful.get_or_init(|| suspects))
            }
        }
    }

    /// A mail, whole; nothing of one over which the engine broke off again and
    /// again, so that it is refused like any without a parcel.
    fn mail(&self, handle: &str) -> Result<Vec<u8>, ChannelFault> {
        let does_harm = |(name, times): &(String, u32)| name == handle && *times >= HARMFUL_TIMES;
        if self.suspects()?.iter().any(does_harm) {
            return Ok(Vec::new());
        }
        self.mailbox.read(handle, MAIL_BYTES_MAX)
    }

    /// Looks once what lies there under a token.
    fn look(&self, token: &str) -> Result<(), ChannelFault> {
        if self.listed.borrow().contains_key(token) {
            return Ok(());
        }
        let mut parcels = Parcels::new();
        let (mut after, mut seen) = (None, 0);
        loop {
            let page = self.mailbox.list(token, after.as_deref(), PAGE)?;
            seen += page.len();
            let whole = page.len() < PAGE as usize;
            after = page.last().map(|last| last.handle.clone());
            for listed in page {
                let name = ParcelName(listed.name.clone());
                let name = match Token::of(&name) {
                    Some(_) => name,
                    None => self.unnamed(token, &listed)?,
                };
                let parcel = parcels.entry(name).or_default();
                parcel.size = parcel.size.max(listed.size / 2);
                parcel.handles.push(listed.handle);
            }
            if whole || seen >= MAILS_MAX {
                self.listed.borrow_mut().insert(token.to_owned(), parcels);
                return Ok(());
            }
        }
    }

    /// The name of the parcel in a mail whose subject was cut or rewritten. One
    /// without a parcel gets a name that nothing fits, and is refused under it.
    fn unnamed(&self, token: &str, listed: &Listed) -> Result<ParcelName, ChannelFault> {
        let mail = match self.mail(&listed.handle) {
            Ok(mail) => mail,
            Err(ChannelFault::NotFound | ChannelFault::TooLarge(_)) => Vec::new(),
            Err(fault) => return Err(fault),
        };
        let parcel = candidates(&mail).into_iter().next();
        let digest = of(parcel.as_deref().unwrap_or(listed.handle.as_bytes()));
        Ok(Token::given(token).name(&digest))
    }

    fn handles(&self, name: &ParcelName) -> Result<Vec<String>, ChannelFault> {
        let Some(token) = Token::of(name) else { return Ok(Vec::new()) };
        self.look(token.text())?;
        let listed = self.listed.borrow();
        Ok(listed
            .get(token.text())
            .and_then(|parcels| parcels.get(name))
            .map(|it| it.handles.clone())
            .unwrap_or_default())
    }
}

/// The largest mail that is read, in bytes: a parcel whose armour was encoded
/// once more, with its wrapping.
const MAIL_BYTES_MAX: u64 = 2 * PARCEL_BYTES_MAX as u64 + (64 << 10);

/// What is said where a partner's Ferry told no address.
const NO_ADDRESS: &str = "the partner's mail address isn't known: their Ferry didn't tell it; get to know each other \
                          anew with `ferry sync invite`";

impl Channel for MailChannel<'_> {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Mail
    }

    fn put(&self, to: Option<&str>, name: &ParcelName, content: &[u8]) -> Result<(), ChannelFault> {
        let recipient = to.ok_or_else(|| ChannelFault::Denied(NO_ADDRESS.to_owned()))?;
        let Route { sender, max_bytes } = self.route()?;
        // A mail of its own each time, as relays tell them apart.
        let id = digest::of_parts(&[name.0.as_bytes(), &self.now.0.to_be_bytes()]).to_string();
        let id = id.get(..32).unwrap_or(&id);
        let envelope = Envelope { sender, recipient, name: &name.0, id, date: self.now };
        let mail = compose(&envelope, content).map_err(ChannelFault::Denied)?;
        match max_bytes {
            Some(max) if mail.len() as u64 > *max => Err(ChannelFault::TooLarge(*max)),
            _ => self.submission.submit(recipient, &mail),
        }
    }

    fn withdraw(&self, _: &[ParcelName]) -> Result<(), ChannelFault> {
        Ok(())
    }

    fn sent(&self, _: &str, _: Option<&ParcelName>, _: u32) -> Result<Vec<ports::Listed>, ChannelFault> {
        Ok(Vec::new())
    }

    fn received(
        &self,
        token: &str,
        after: Option<&ParcelName>,
        limit: u32,
    ) -> Result<Vec<ports::Listed>, ChannelFault> {
        self.look(token)?;
        let listed = self.listed.borrow();
        let later = listed.get(token).into_iter().flatten().filter(|(name, _)| after.is_none_or(|after| *name > after));
        let entry = |(name, parcel): (&ParcelName, &Parcel)| ports::Listed {
            name: name.clone(),
            size: parcel.size,
            settled: true,
        };
        Ok(later.take(limit as usize).map(entry).collect())
    }

    /// The parcel that the name tells, where any of its mails holds it; else
    /// another one, so that it is refused.
    fn read(&self, name: &ParcelName, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        let handles = self.handles(name)?;
        let told = Token::of(name).and_then(|token| token.digest(name));
        let mut parcel = None;
        for handle in &handles {
            let mail = match self.mail(handle) {
                Ok(mail) => mail,
                Err(ChannelFault::NotFound) => continue,
                Err(fault) => return Err(fault),
            };
            let mut found = candidates(&mail);
            // Who reads it looks whether it is the right one: here only where
            // there is a choice.
            let choice = handles.len() > 1 || found.len() > 1;
            let right = if choice { found.iter().position(|bytes| Some(of(bytes)) == told) } else { Some(0) };
            if let Some(right) = right.filter(|right| *right < found.len()) {
                parcel = Some(found.swap_remove(right));
                break;
            }
            parcel = parcel.or(found.pop()).or(Some(Vec::new()));
        }
        match parcel {
            Some(bytes) if bytes.len() as u64 > max_bytes => Err(ChannelFault::TooLarge(max_bytes)),
            Some(bytes) => Ok(bytes),
            None => Err(ChannelFault::NotFound),
        }
    }

    fn dispose(&self, names: &[ParcelName], disposition: Disposition) -> Result<(), ChannelFault> {
        let mut handles = Vec::new();
        for name in names {
            handles.extend(self.handles(name)?);
        }
        if handles.is_empty() {
            return Ok(());
        }
        self.mailbox.dispose(&handles, disposition)?;
        let mut listed = self.listed.borrow_mut();
        listed.values_mut().for_each(|parcels| parcels.retain(|name, _| !names.contains(name)));
        Ok(())
    }

    fn restore(&self, name: &ParcelName) -> Result<(), ChannelFault> {
        self.listed.borrow_mut().clear();
        self.mailbox.restore(&name.0)
    }

    fn harmful(&self) -> Result<Vec<(ParcelName, u32)>, ChannelFault> {
        Ok(self.suspects()?.iter().map(|(name, times)| (ParcelName(name.clone()), *times)).collect())
    }

    fn address(&self) -> Result<Option<String>, ChannelFault> {
        Ok(Some(self.route()?.sender.clone()))
    }

    fn parcel_bytes_max(&self) -> Result<u64, ChannelFault> {
        let most = PARCEL_BYTES_MAX as u64;
        Ok(self.route()?.max_bytes.map_or(most, |mail| parcel_bytes(mail).min(most)))
    }

    fn pace(&self) -> Pace {
        Pace { resend_ms: RESEND_MS, gap_ms: GAP_MS }
    }
}
