//! The accounts of a process: each has one connection to its mailbox and one to
//! submit, whatever number of synchronizations uses it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use ferry_post::{Buckets, Place, Rates, Receiver, Sender, Trust};

use super::listening::Shared;
use super::place::MailEnd;
use crate::digest::Digest;
use crate::home::private_directory;
use crate::host::hold;

/// An account, and whose word its server's certificate needs.
type Key = (Place, Trust);

/// All accounts that were used so far.
#[derive(Debug)]
pub(crate) struct Accounts {
    /// Where it is counted how many mails each has sent.
    counts: PathBuf,
    receivers: Mutex<BTreeMap<Key, Arc<Receiver>>>,
    senders: Mutex<BTreeMap<Key, Arc<Sender>>>,
    /// Who waits for new mail; each account has one connection for it.
    ears: Mutex<Ears>,
}

type Ears = BTreeMap<Key, Weak<Shared>>;

impl Accounts {
    /// None yet.
    pub(crate) fn new(counts: PathBuf) -> Self {
        Self { counts, receivers: Mutex::default(), senders: Mutex::default(), ears: Mutex::default() }
    }

    /// Who waits for new mail.
    pub(super) fn ears(&self) -> MutexGuard<'_, Ears> {
        hold(&self.ears)
    }

    /// The account of a mailbox.
    pub(super) fn receiver(&self, end: &MailEnd, trust: &Trust) -> Arc<Receiver> {
        let key = (end.account(), trust.clone());
        let new = || Arc::new(Receiver::new(end.account(), trust.clone()));
        hold(&self.receivers).entry(key).or_insert_with(new).clone()
    }

    /// The account that submits; of two rates that are wanted the lower is kept.
    pub(super) fn sender(&self, end: &MailEnd, trust: &Trust, rates: Rates) -> Arc<Sender> {
        let account = end.account();
        let file = self.counts.join(Digest::of(account.to_string().as_bytes()).to_string());
        if let Err(error) = private_directory(&self.counts) {
            tracing::warn!(path = %self.counts.display(), %error, "how many mails leave is counted in memory alone");
        }
        let new = || Arc::new(Sender::new(account.clone(), trust.clone(), Buckets::new(file, rates)));
        let sender = hold(&self.senders).entry((account.clone(), trust.clone())).or_insert_with(new).clone();
        sender.at_most(rates);
        sender
    }
}
