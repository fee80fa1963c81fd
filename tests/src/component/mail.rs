//! The imports that a mailbox is.

use ferry::bindings::engine::ferry::transport::{delivery, mailbox, submission};
use ferry_mail::{Mailbox as _, Submission as _};

use super::outside::{Outside, disposition, of_channel, with};

impl delivery::Host for Outside {
    fn kind_of_channel(&mut self) -> wasmtime::Result<delivery::Kind> {
        with(|hands| if hands.by_mail { delivery::Kind::Mail } else { delivery::Kind::Folder })
    }
}

impl mailbox::Host for Outside {
    fn list(
        &mut self,
        token: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<mailbox::Mail>, delivery::Fault>> {
        with(|hands| {
            let listed = hands.channel.list(&token, after.as_deref(), limit).map_err(of_channel)?;
            Ok(listed.into_iter().map(|it| mailbox::Mail { handle: it.handle, name: it.name, size: it.size }).collect())
        })
    }

    fn read(&mut self, handle: String, max_bytes: u64) -> wasmtime::Result<Result<Vec<u8>, delivery::Fault>> {
        with(|hands| ferry_mail::Mailbox::read(&*hands.channel, &handle, max_bytes).map_err(of_channel))
    }

    fn harmful(&mut self) -> wasmtime::Result<Result<Vec<mailbox::Suspect>, delivery::Fault>> {
        with(|hands| {
            let known = ferry_mail::Mailbox::harmful(&*hands.channel).map_err(of_channel)?;
            Ok(known.into_iter().map(|(name, times)| mailbox::Suspect { name, times }).collect())
        })
    }

    fn dispose(
        &mut self,
        handles: Vec<String>,
        how: delivery::Disposition,
    ) -> wasmtime::Result<Result<(), delivery::Fault>> {
        with(|hands| ferry_mail::Mailbox::dispose(&*hands.channel, &handles, disposition(how)).map_err(of_channel))
    }

    fn restore(&mut self, name: String) -> wasmtime::Result<Result<(), delivery::Fault>> {
        with(|hands| ferry_mail::Mailbox::restore(&*hands.channel, &name).map_err(of_channel))
    }
}

impl submission::Host for Outside {
    fn route(&mut self) -> wasmtime::Result<Result<submission::Outgoing, delivery::Fault>> {
        with(|hands| {
            let route = hands.channel.route().map_err(of_channel)?;
            Ok(submission::Outgoing { sender: route.sender, max_bytes: route.max_bytes })
        })
    }

    fn submit(&mut self, recipient: String, mail: Vec<u8>) -> wasmtime::Result<Result<(), delivery::Fault>> {
        with(|hands| hands.channel.submit(&recipient, &mail).map_err(of_channel))
    }
}
