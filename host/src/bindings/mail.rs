//! `ferry:transport/delivery`, `mailbox` and `submission`, onto mail servers.

use super::engine::ferry::transport::delivery::{self, Disposition, Fault, Kind};
use super::engine::ferry::transport::mailbox::{self, Mail, Suspect};
use super::engine::ferry::transport::submission::{self, Outgoing};
use crate::folder;
use crate::mail::{self, Route};
use crate::runtime::{Carrier, Way};

impl delivery::Host for Carrier {
    fn kind_of_channel(&mut self) -> wasmtime::Result<Kind> {
        Ok(match self.way.as_deref() {
            Some(Way::Mail(_)) => Kind::Mail,
            Some(Way::Folder(_)) | None => Kind::Folder,
        })
    }
}

impl Carrier {
    fn by_mail<T>(&self, work: impl FnOnce(&Route) -> Result<T, mail::Fault>) -> wasmtime::Result<Result<T, Fault>> {
        let Some(Way::Mail(route)) = self.way.as_deref() else {
            return Ok(Err(Fault::Denied("this synchronization doesn't go by mail".to_owned())));
        };
        Ok(self.meter.hosted(|| work(route)).map_err(Fault::from))
    }

    /// What is noted of mails that do harm: their handles, and the parcels of those
    /// that were listed in this call.
    fn names(&self, handles: &[String]) -> Vec<String> {
        let parcels = handles.iter().filter_map(|handle| self.listed.get(handle).cloned());
        handles.iter().cloned().chain(parcels).collect()
    }
}

impl mailbox::Host for Carrier {
    fn list(&mut self, token: String, after: Option<String>, limit: u32) -> wasmtime::Result<Result<Vec<Mail>, Fault>> {
        let listed = self.by_mail(|route| route.list(&token, after.as_deref(), limit))?;
        Ok(listed.map(|listed| {
            let names = listed.iter().map(|mail| (mail.handle.clone(), mail.name.clone()));
            self.listed.extend(names);
            let mails = listed.into_iter();
            mails.map(|mail| Mail { handle: mail.handle, name: mail.name, size: mail.size }).collect()
        }))
    }

    fn read(&mut self, handle: String, max_bytes: u64) -> wasmtime::Result<Result<Vec<u8>, Fault>> {
        let read = self.by_mail(|route| route.read(&handle, max_bytes));
        if matches!(read, Ok(Ok(_))) {
            self.reading.begins(self.names(&[handle]));
        }
        read
    }

    fn harmful(&mut self) -> wasmtime::Result<Result<Vec<Suspect>, Fault>> {
        self.by_mail(|route| {
            let noted = route
                .harm
                .noted()
                .map_err(|error| mail::Fault::Denied(format!("can't read which parcels did harm: {error}")))?;
            Ok(noted.into_iter().map(|(name, times)| Suspect { name, times }).collect())
        })
    }

    fn dispose(&mut self, handles: Vec<String>, disposition: Disposition) -> wasmtime::Result<Result<(), Fault>> {
        let disposition = match disposition {
            Disposition::Processed => folder::Disposition::Processed,
            Disposition::Rejected => folder::Disposition::Rejected,
        };
        let names = self.names(&handles);
        self.reading.moved(&names);
        self.by_mail(|route| {
            route.dispose(&handles, disposition)?;
            // What is still there is read again, and may do harm again.
            route.harm.forget(&names);
            Ok(())
        })
    }

    fn restore(&mut self, name: String) -> wasmtime::Result<Result<(), Fault>> {
        self.by_mail(|route| {
            route.restore(&name)?;
            route.harm.forget(&[name]);
            Ok(())
        })
    }
}

impl submission::Host for Carrier {
    fn route(&mut self) -> wasmtime::Result<Result<Outgoing, Fault>> {
        self.by_mail(|route| Ok(Outgoing { sender: route.address().to_owned(), max_bytes: route.max_bytes()? }))
    }

    fn submit(&mut self, recipient: String, mail: Vec<u8>) -> wasmtime::Result<Result<(), Fault>> {
        self.by_mail(|route| route.submit(&recipient, &mail))
    }
}

impl From<mail::Fault> for Fault {
    fn from(fault: mail::Fault) -> Self {
        use mail::Fault as Post;
        match fault {
            Post::Unreachable(why) | Post::Busy(why) => Self::RetryLater(why),
            Post::Unauthenticated(why) => Self::Unauthenticated(why),
            Post::Insecure(why) => Self::Insecure(why),
            Post::TooLarge(bytes) => Self::TooLarge(bytes),
            Post::NotFound => Self::NotFound,
            Post::Denied(why) => Self::Denied(why),
            // Whose room it is, and where, is more than that there is none.
            Post::Full(why) | Post::Broken(why) => Self::Other(why),
        }
    }
}
