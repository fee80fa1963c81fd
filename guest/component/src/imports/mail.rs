//! `ferry:transport/mailbox` and `ferry:transport/submission`.

use ferry_core::ports::{ChannelFault, Disposition};
use ferry_mail::{Listed, Route};

use super::delivery::{disposition, fault};
use crate::bindings::ferry::transport::{mailbox, submission};

pub(crate) struct Mailbox;

impl ferry_mail::Mailbox for Mailbox {
    fn list(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        let listed = |mailbox::Mail { handle, name, size }| Listed { handle, name, size };
        Ok(mailbox::list(token, after, limit).map_err(fault)?.into_iter().map(listed).collect())
    }

    fn read(&self, handle: &str, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        mailbox::read(handle, max_bytes).map_err(fault)
    }

    fn dispose(&self, handles: &[String], how: Disposition) -> Result<(), ChannelFault> {
        mailbox::dispose(handles, disposition(how)).map_err(fault)
    }

    fn restore(&self, name: &str) -> Result<(), ChannelFault> {
        mailbox::restore(name).map_err(fault)
    }

    fn harmful(&self) -> Result<Vec<(String, u32)>, ChannelFault> {
        let harmful = mailbox::harmful().map_err(fault)?;
        Ok(harmful.into_iter().map(|mailbox::Suspect { name, times }| (name, times)).collect())
    }
}

pub(crate) struct Submission;

impl ferry_mail::Submission for Submission {
    fn route(&self) -> Result<Route, ChannelFault> {
        let submission::Outgoing { sender, max_bytes } = submission::route().map_err(fault)?;
        Ok(Route { sender, max_bytes })
    }

    fn submit(&self, recipient: &str, mail: &[u8]) -> Result<(), ChannelFault> {
        submission::submit(recipient, mail).map_err(fault)
    }
}
