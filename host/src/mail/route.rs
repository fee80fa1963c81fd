//! A synchronization's mail: from which folder of which account, through which
//! other, to whom.

use std::path::Path;
use std::sync::Arc;

use ferry_post::{Fault, Listed, Mailbox, Receiver, Sender};

use super::access::Environment;
use super::accounts::Accounts;
use super::place::{MailEnd, MailPlace};
use super::recipient::Recipient;
use super::returned::Returned;
use super::trouble::Trouble;
use crate::folder::Disposition;
use crate::harm::Harm;

/// Copies of sent mails that are cleared away at a time.
const COPIES: usize = 500;

/// Where mail comes from and goes to, connected when it is used.
#[derive(Debug)]
pub(crate) struct Route {
    place: MailPlace,
    receiver: Arc<Receiver>,
    sender: Arc<Sender>,
    recipient: Recipient,
    returned: Returned,
    receiving: Trouble,
    sending: Trouble,
    environment: Environment,
    /// Parcels over which the engine broke off, by their names.
    pub(crate) harm: Harm,
}

impl Route {
    /// Of the synchronization with this folder.
    pub(crate) fn new(accounts: &Accounts, place: &MailPlace, folder: &Path, environment: Environment) -> Self {
        Self {
            receiver: accounts.receiver(&place.receive, &place.trust),
            sender: accounts.sender(&place.send, &place.trust, place.rates),
            recipient: Recipient::new(folder, place.partner.clone()),
            returned: Returned::new(folder),
            receiving: Trouble::receiving(folder),
            sending: Trouble::sending(folder),
            harm: Harm::noted_in(folder.join("harmful-parcels")),
            place: place.clone(),
            environment,
        }
    }

    /// Mails whose subjects bear a token, after one.
    pub(crate) fn list(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Listed>, Fault> {
        let listed = self.with(|mailbox| mailbox.list(token, after, limit as usize))?;
        self.sender.rest();
        if self.returned.is_due()
            && let Some(sent) = self.returned.token()
        {
            self.look_after(&sent);
        }
        Ok(listed)
    }

    /// Looks what became of mails that were sent: those that came back are told to
    /// people, and copies of ours are cleared away where that is wanted. Trouble
    /// with it is none of the channel's.
    fn look_after(&self, sent: &str) {
        match self.in_folder(&self.place.receive.place.folder, |mailbox| mailbox.returned(sent)) {
            Ok(said) => self.returned.note(said.as_deref()),
            Err(fault) => tracing::debug!(%fault, "reports about mails can't be looked for"),
        }
        let Some(folder) = &self.place.sent else { return };
        let cleared = self.in_folder(folder, |mailbox| {
            let copies = mailbox.list(sent, None, COPIES)?;
            let handles: Vec<String> = copies.into_iter().map(|mail| mail.handle).collect();
            mailbox.dispose(&handles, None)
        });
        if let Err(fault) = cleared {
            tracing::warn!(folder, %fault, "copies of sent mails can't be cleared away");
        }
    }

    /// A mail, whole.
    pub(crate) fn read(&self, handle: &str, max_bytes: u64) -> Result<Vec<u8>, Fault> {
        self.with(|mailbox| mailbox.read(handle, max_bytes))
    }

    /// What becomes of mails, as configured.
    pub(crate) fn dispose(&self, handles: &[String], disposition: Disposition) -> Result<(), Fault> {
        let into = match disposition {
            Disposition::Processed => self.place.processed.as_deref(),
            Disposition::Rejected => Some(self.place.rejected.as_str()),
        };
        self.with(|mailbox| mailbox.dispose(handles, into))
    }

    /// Brings refused mails back whose subjects bear a name.
    pub(crate) fn restore(&self, name: &str) -> Result<(), Fault> {
        self.with(|mailbox| mailbox.restore(name, &self.place.rejected))
    }

    /// Our address.
    pub(crate) fn address(&self) -> &str {
        &self.place.address
    }

    /// The largest mail that the server announces to take, in bytes.
    pub(crate) fn max_bytes(&self) -> Result<Option<u64>, Fault> {
        self.by_sender(|who| self.sender.max_bytes(who))
    }

    /// Submits a mail.
    pub(crate) fn submit(&self, recipient: &str, mail: &[u8]) -> Result<(), Fault> {
        let recipient = self.recipient.of(recipient)?;
        self.returned.leaves(mail);
        self.by_sender(|who| self.sender.submit(who, &self.place.address, &recipient, mail))
    }

    /// Whether mail can be received: on a connection of its own, all of it tried.
    /// Answers how, for people.
    pub(crate) fn try_receiving(&self) -> Result<String, Fault> {
        let MailEnd { place, access } = &self.place.receive;
        let mailbox = self.receiver.probe(&|| access.credentials(self.environment), &place.folder)?;
        let tells = if mailbox.tells() { "it tells of new mail" } else { "it is asked for new mail" };
        mailbox.leave();
        Ok(format!("{} lets {} read {}; {tells}", place.server(), access.user, place.folder))
    }

    /// Whether mail can be sent, without sending any. Answers how, for people.
    pub(crate) fn try_sending(&self) -> Result<String, Fault> {
        let MailEnd { place, access } = &self.place.send;
        let mut submission = self.sender.probe(&|| access.credentials(self.environment))?;
        let partner = self.recipient.known();
        // Before the partner is known, a mail to ourselves would do.
        submission.rehearse(&self.place.address, partner.as_deref().unwrap_or(&self.place.address))?;
        let to = partner.map(|partner| format!(" to {partner}")).unwrap_or_default();
        let most = match submission.max_bytes() {
            Some(bytes) => format!("mails of up to {bytes} bytes"),
            None => "mails".to_owned(),
        };
        submission.leave();
        Ok(format!("{} lets {} send {most} as {}{to}", place.server(), access.user, self.place.address))
    }

    fn with<T>(&self, work: impl FnMut(&mut Mailbox) -> Result<T, Fault>) -> Result<T, Fault> {
        let done = self.in_folder(&self.place.receive.place.folder, work);
        self.receiving.note(&done);
        done
    }

    fn in_folder<T>(&self, folder: &str, work: impl FnMut(&mut Mailbox) -> Result<T, Fault>) -> Result<T, Fault> {
        let access = &self.place.receive.access;
        let done = self.receiver.with(&|| access.credentials(self.environment), folder, work);
        if matches!(done, Err(Fault::Unauthenticated(_))) {
            access.refused();
        }
        done
    }

    fn by_sender<T>(&self, work: impl FnOnce(ferry_post::Asks<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let access = &self.place.send.access;
        let done = work(&|| access.credentials(self.environment));
        self.sending.note(&done);
        if matches!(done, Err(Fault::Unauthenticated(_))) {
            access.refused();
        }
        done
    }
}
