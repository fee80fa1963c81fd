//! The same two directories as mailboxes: each file is a mail, its name what the
//! server numbers it by.

use ferry_core::ids::ParcelName;
use ferry_core::ports::{ChannelFault, Disposition};
use ferry_core::time::Time;
use ferry_mail::{Envelope, Listed, Mailbox, Route, Submission, candidates, compose, named};

use super::{Channel, Directory};
use crate::Call;
use crate::memory::journal::Event;

impl Directory {
    /// A mail arrives: it gets the next number.
    pub fn deliver(&self, mail: Vec<u8>) {
        self.arrived.set(self.arrived.get() + 1);
        let handle = format!("{:04}.{:08}", self.validity.get(), self.arrived.get());
        self.lay(ParcelName(handle), mail);
    }

    /// The server numbers all of its mails anew, as after a change of
    /// UIDVALIDITY (RFC 9051 section 2.3.1.1).
    pub fn renumber(&self) {
        self.validity.set(self.validity.get() + 1);
        let mails = self.files.take();
        mails.into_values().for_each(|mail| self.deliver(mail));
    }
}

/// A parcel's mail, as anybody could make it.
pub fn mail_of(name: &ParcelName, parcel: &[u8]) -> Vec<u8> {
    let (sender, recipient) = ("eve@c.test", "globex@b.test");
    let envelope = Envelope { sender, recipient, name: &name.0, id: "anybodys", date: Time::default() };
    compose(&envelope, parcel).expect("the addresses are good")
}

/// The word of a mail's subject that begins with the token.
fn subject(mail: &[u8], token: &str) -> Option<String> {
    let head = String::from_utf8_lossy(mail.get(..2048).unwrap_or(mail));
    let subject = head.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix("Subject: "))?;
    named(subject, token).map(str::to_owned)
}

impl Mailbox for Channel {
    fn list(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        self.call()?;
        let files = self.receive.files.borrow();
        let later = files.iter().filter(|(handle, _)| after.is_none_or(|after| handle.0.as_str() > after));
        let listed = later.filter_map(|(handle, mail)| {
            let name = subject(mail, token)?;
            Some(Listed { handle: handle.0.clone(), name, size: mail.len() as u64 })
        });
        Ok(listed.take(limit as usize).collect())
    }

    fn read(&self, handle: &str, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        ferry_core::ports::Channel::read(self, &ParcelName(handle.to_owned()), max_bytes)
    }

    fn dispose(&self, handles: &[String], disposition: Disposition) -> Result<(), ChannelFault> {
        let names: Vec<ParcelName> = handles.iter().cloned().map(ParcelName).collect();
        ferry_core::ports::Channel::dispose(self, &names, disposition)
    }

    fn restore(&self, name: &str) -> Result<(), ChannelFault> {
        self.call()?;
        let mut rejected = self.receive.rejected.borrow_mut();
        let found = rejected.extract_if(.., |_, mail| subject(mail, name).is_some()).next();
        let (_, mail) = found.ok_or(ChannelFault::NotFound)?;
        self.receive.deliver(mail);
        self.fuse.after(Call::Channel);
        Ok(())
    }

    fn harmful(&self) -> Result<Vec<(String, u32)>, ChannelFault> {
        Ok(Vec::new())
    }
}

impl Submission for Channel {
    fn route(&self) -> Result<Route, ChannelFault> {
        self.call()?;
        Ok(Route { sender: self.addresses[0].to_owned(), max_bytes: None })
    }

    fn submit(&self, recipient: &str, mail: &[u8]) -> Result<(), ChannelFault> {
        self.call()?;
        assert_eq!(recipient, self.addresses[1], "a mail goes astray");
        self.journal.add(|| {
            let text = String::from_utf8_lossy(mail);
            let name = text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
            Event::Put(ParcelName(name.to_owned()), candidates(mail).pop().unwrap_or_default())
        });
        let gateway = self.send.gateway.get();
        self.send.deliver(gateway.map_or_else(|| mail.to_vec(), |gateway| gateway.pass(mail)));
        self.send.put.set(self.send.put.get() + 1);
        self.fuse.after(Call::Channel);
        Ok(())
    }
}
