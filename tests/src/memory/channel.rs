//! The channel: two directories, each written by one side and read by the
//! other, as if RECEIVE were a link to the peer's SEND.

mod mailbox;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ferry_core::ids::ParcelName;
use ferry_core::ports::{self, ChannelFault, Disposition, Listed};
use ferry_mail::forge::Gateway;

use super::journal::{Event, Journal};
use crate::{Call, Fuse};
pub use mailbox::mail_of;

/// One direction of a channel, and what a courier can do to it.
#[derive(Clone, Default)]
pub struct Directory {
    files: RefCell<BTreeMap<ParcelName, Vec<u8>>>,
    processed: RefCell<BTreeMap<ParcelName, Vec<u8>>>,
    rejected: RefCell<BTreeMap<ParcelName, Vec<u8>>>,
    unsettled: RefCell<BTreeSet<ParcelName>>,
    put: Cell<u64>,
    /// As a mailbox: how many mails arrived, and how often all were numbered anew.
    arrived: Cell<u64>,
    validity: Cell<u64>,
    /// What every mail passes on its way there.
    pub gateway: Cell<Option<Gateway>>,
}

impl Directory {
    /// The parcels that lie there.
    pub fn files(&self) -> BTreeMap<ParcelName, Vec<u8>> {
        self.files.borrow().clone()
    }

    /// The parcels that were taken.
    pub fn processed(&self) -> BTreeMap<ParcelName, Vec<u8>> {
        self.processed.borrow().clone()
    }

    /// The parcels that were refused.
    pub fn rejected(&self) -> BTreeMap<ParcelName, Vec<u8>> {
        self.rejected.borrow().clone()
    }

    /// How many parcels were put there, ever.
    pub fn put_count(&self) -> u64 {
        self.put.get()
    }

    /// Makes it hold what another one holds.
    pub fn restore(&self, other: &Self) {
        self.files.replace(other.files());
        self.processed.replace(other.processed());
        self.rejected.replace(other.rejected());
        self.unsettled.replace(other.unsettled.borrow().clone());
        self.put.set(other.put.get());
        self.arrived.set(other.arrived.get());
        self.validity.set(other.validity.get());
    }

    /// Takes a parcel away, as a courier that loses one.
    pub fn lose(&self, name: &ParcelName) -> Option<Vec<u8>> {
        self.files.borrow_mut().remove(name)
    }

    /// Lays a file there: a copy, an altered one, anybody's.
    pub fn lay(&self, name: ParcelName, content: Vec<u8>) {
        self.files.borrow_mut().insert(name, content);
    }

    /// Says whether a file is still being written.
    pub fn unsettle(&self, name: &ParcelName, unsettled: bool) {
        if unsettled {
            self.unsettled.borrow_mut().insert(name.clone());
        } else {
            self.unsettled.borrow_mut().remove(name);
        }
    }

    fn list(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Vec<Listed> {
        let files = self.files.borrow();
        let fitting =
            files.iter().filter(|(name, _)| name.0.starts_with(token) && after.is_none_or(|after| *name > after));
        let listed = fitting.map(|(name, content)| Listed {
            name: name.clone(),
            size: content.len() as u64,
            settled: !self.unsettled.borrow().contains(name),
        });
        listed.take(limit as usize).collect()
    }
}

/// One side's view of the channel.
pub struct Channel {
    fuse: Rc<Fuse>,
    journal: Rc<Journal>,
    /// Where this side writes.
    pub send: Rc<Directory>,
    /// Where this side reads.
    pub receive: Rc<Directory>,
    /// While set, every call fails with it: an unmounted share, a full one.
    pub broken: RefCell<Option<ChannelFault>>,
    /// Ours and the partner's, where they are mailboxes.
    addresses: [&'static str; 2],
}

impl Channel {
    /// The two ends of one channel.
    pub fn pair(one: Rc<Fuse>, other: Rc<Fuse>) -> (Self, Self) {
        Self::watched([one, other], Default::default())
    }

    /// The two ends of one channel that write down what is put there.
    pub fn watched([one, other]: [Rc<Fuse>; 2], [ours, theirs]: [Rc<Journal>; 2]) -> (Self, Self) {
        let (there, back) = (Rc::new(Directory::default()), Rc::new(Directory::default()));
        let end = |fuse, journal, send: &Rc<Directory>, receive: &Rc<Directory>, addresses| Self {
            fuse,
            journal,
            send: send.clone(),
            receive: receive.clone(),
            broken: RefCell::default(),
            addresses,
        };
        let (acme, globex) = ("acme@a.test", "globex@b.test");
        (end(one, ours, &there, &back, [acme, globex]), end(other, theirs, &back, &there, [globex, acme]))
    }

    fn call(&self) -> Result<(), ChannelFault> {
        self.fuse.before(Call::Channel);
        self.broken.borrow().clone().map_or(Ok(()), Err)
    }
}

impl ports::Channel for Channel {
    fn put(&self, _: Option<&str>, name: &ParcelName, content: &[u8]) -> Result<(), ChannelFault> {
        self.call()?;
        let mut files = self.send.files.borrow_mut();
        if files.get(name).is_some_and(|there| there != content) {
            return Err(ChannelFault::Other(format!("{name} is there and holds something else")));
        }
        files.insert(name.clone(), content.to_vec());
        drop(files);
        self.journal.add(|| Event::Put(name.clone(), content.to_vec()));
        self.send.put.set(self.send.put.get() + 1);
        self.fuse.after(Call::Channel);
        Ok(())
    }

    fn withdraw(&self, names: &[ParcelName]) -> Result<(), ChannelFault> {
        self.call()?;
        for name in names {
            self.send.files.borrow_mut().remove(name);
        }
        self.fuse.after(Call::Channel);
        Ok(())
    }

    fn sent(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        self.call()?;
        Ok(self.send.list(token, after, limit))
    }

    fn received(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        self.call()?;
        Ok(self.receive.list(token, after, limit))
    }

    fn read(&self, name: &ParcelName, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        self.call()?;
        let files = self.receive.files.borrow();
        let content = files.get(name).ok_or(ChannelFault::NotFound)?;
        if content.len() as u64 > max_bytes { Err(ChannelFault::TooLarge(max_bytes)) } else { Ok(content.clone()) }
    }

    fn dispose(&self, names: &[ParcelName], disposition: Disposition) -> Result<(), ChannelFault> {
        self.call()?;
        let aside = match disposition {
            Disposition::Processed => &self.receive.processed,
            Disposition::Rejected => &self.receive.rejected,
        };
        for name in names {
            if let Some(content) = self.receive.files.borrow_mut().remove(name) {
                aside.borrow_mut().insert(name.clone(), content);
            }
        }
        self.fuse.after(Call::Channel);
        Ok(())
    }

    fn restore(&self, name: &ParcelName) -> Result<(), ChannelFault> {
        self.call()?;
        let content = self.receive.rejected.borrow_mut().remove(name).ok_or(ChannelFault::NotFound)?;
        self.receive.lay(name.clone(), content);
        self.fuse.after(Call::Channel);
        Ok(())
    }
}
