//! How the parcels of a synchronization travel, as people lay it out: the part
//! that folders and mail have in common.

use std::path::Path;

use super::synchronizations::verdict;
use super::{Host, exchange, post};
use crate::mail::Fault;
use crate::request::{ChannelOptions, Check, Failure, FolderOptions, MailOptions, MailWay, Part};
use crate::runtime::{ChannelPlace, FolderPlace};
use crate::settings::{Channel, MAIL_POLLING_SECONDS, Mail, Name, POLLING_SECONDS, SETTLE_SECONDS, Synchronization};

impl Host {
    /// Makes and tries the channel of a synchronization that is new.
    pub(super) fn lay(&self, sync: &mut Synchronization, options: &ChannelOptions) -> Result<(), Failure> {
        only(sync.channel, options)?;
        match sync.channel {
            Channel::Folder => {
                let exchange = self.exchange_path(&sync.directory, &options.folder)?;
                exchange::make(&exchange, options.folder.peer.as_deref())?;
                sync.exchange = Some(exchange);
                sync.peer.clone_from(&options.folder.peer);
                sync.settle_seconds = options.folder.settle_seconds.unwrap_or(SETTLE_SECONDS);
                sync.polling_seconds = options.polling_seconds.unwrap_or(POLLING_SECONDS);
            }
            Channel::Mail => {
                sync.mail = Some(self.lay_mail(&sync.directory, None, &options.mail)?);
                sync.polling_seconds = options.polling_seconds.unwrap_or(MAIL_POLLING_SECONDS);
            }
        }
        Ok(())
    }

    /// Changes the channel of a synchronization that is there.
    pub(super) fn lay_anew(&self, sync: &mut Synchronization, options: &ChannelOptions) -> Result<(), Failure> {
        only(sync.channel, options)?;
        sync.polling_seconds = options.polling_seconds.unwrap_or(sync.polling_seconds);
        sync.settle_seconds = options.folder.settle_seconds.unwrap_or(sync.settle_seconds);
        if options.folder.exchange.is_some() || options.folder.peer.is_some() {
            let wanted = FolderOptions {
                exchange: options.folder.exchange.clone().or_else(|| sync.exchange.clone()),
                ..options.folder.clone()
            };
            let exchange = self.exchange_path(&sync.directory, &wanted)?;
            exchange::make(&exchange, wanted.peer.as_deref())?;
            sync.exchange = Some(exchange);
            sync.peer = wanted.peer.or_else(|| sync.peer.take());
        }
        if options.mail != MailOptions::default() {
            sync.mail = Some(self.lay_mail(&sync.directory, sync.mail.as_ref(), &options.mail)?);
        }
        Ok(())
    }

    /// Where a synchronization's channel is.
    pub(super) fn channel_place(&self, sync: &Synchronization) -> Result<ChannelPlace, Failure> {
        match (&sync.exchange, &sync.mail) {
            (_, Some(mail)) => Ok(ChannelPlace::Mail(Box::new(self.mail_place(&sync.directory, mail)?))),
            (Some(exchange), None) => {
                let mut folder = FolderPlace::new(exchange);
                folder.settle = std::time::Duration::from_secs(u64::from(sync.settle_seconds));
                Ok(ChannelPlace::Folder(folder))
            }
            (None, None) => Err(Failure::failed("the synchronization has no channel")),
        }
    }

    /// Tries a channel, or one way of it.
    pub(super) fn try_channel(
        &self,
        name: &Name,
        sync: &Synchronization,
        part: Option<Part>,
    ) -> Result<Vec<Check>, Failure> {
        if let Some(exchange) = &sync.exchange {
            let tried = exchange::try_out(exchange);
            let found = tried.map(|()| format!("parcels can come and go through {}", exchange.display()));
            return Ok(vec![verdict(format!("channel of {name}"), found)]);
        }
        let ChannelPlace::Mail(place) = self.channel_place(sync)? else { return Ok(Vec::new()) };
        let route = self.route(&place, &sync.directory)?;
        let failed = |fault: Fault| post::failure(fault.to_string(), &fault, sync.mail.as_ref());
        let mut checks = Vec::new();
        if part != Some(Part::Send) {
            checks.push(verdict(format!("receiving for {name}"), route.try_receiving().map_err(failed)));
        }
        if part != Some(Part::Receive) {
            checks.push(verdict(format!("sending for {name}"), route.try_sending().map_err(failed)));
        }
        Ok(checks)
    }
}

/// What people see of a synchronization's mail.
pub(super) fn mail_way(mail: &Mail, folder: &Path) -> MailWay {
    let [receive_trouble, send_trouble] = crate::mail::last_trouble(folder);
    MailWay {
        address: mail.address.clone(),
        partner: mail.partner.clone().or_else(|| crate::mail::first_recipient(folder)),
        receive: mail.receive.clone(),
        send: mail.send.clone(),
        returned: crate::mail::last_returned(folder),
        receive_trouble,
        send_trouble,
    }
}

/// What the partner should know of the channel.
pub(super) fn hint(sync: &Synchronization) -> String {
    match (&sync.exchange, &sync.mail) {
        (_, Some(mail)) => format!("the primary's address is {}", mail.address),
        (Some(exchange), None) => format!("the primary's is {}", exchange.display()),
        (None, None) => String::new(),
    }
}

/// What is for the other channel was not meant for this synchronization.
fn only(channel: Channel, options: &ChannelOptions) -> Result<(), Failure> {
    match channel {
        Channel::Folder if options.mail != MailOptions::default() => {
            Err(Failure::usage("the synchronization goes through a folder: the options of mail aren't for it")
                .with_help("leave them away; --exchange and --peer say which folder"))
        }
        Channel::Mail if options.folder != FolderOptions::default() => {
            Err(Failure::usage("the synchronization goes by mail: the options of folders aren't for it")
                .with_help("leave them away; --address, --receive and --send say which servers"))
        }
        _ => Ok(()),
    }
}
