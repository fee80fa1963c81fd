//! `ferry:transport/folder`, onto an exchange directory.

use super::engine::ferry::transport::delivery::{Disposition, Fault};
use super::engine::ferry::transport::folder::{Entry, Host, Suspect};
use crate::folder::{self, ChannelFault, Exchange, Listed};
use crate::runtime::{Carrier, Way};

impl Carrier {
    fn with<T>(&self, work: impl FnOnce(&Exchange) -> Result<T, ChannelFault>) -> wasmtime::Result<Result<T, Fault>> {
        let Some(Way::Folder(exchange)) = self.way.as_deref() else {
            return Ok(Err(Fault::Denied("this synchronization has no exchange directory".to_owned())));
        };
        Ok(self.meter.hosted(|| work(exchange)).map_err(Fault::from))
    }
}

impl Host for Carrier {
    fn put(&mut self, name: String, content: Vec<u8>) -> wasmtime::Result<Result<(), Fault>> {
        self.with(|exchange| exchange.put(&name, &content))
    }

    fn withdraw(&mut self, names: Vec<String>) -> wasmtime::Result<Result<(), Fault>> {
        self.with(|exchange| exchange.withdraw(&names))
    }

    fn sent(
        &mut self,
        token: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Entry>, Fault>> {
        self.with(|exchange| exchange.sent(&token, after.as_deref(), limit).map(entries))
    }

    fn received(
        &mut self,
        token: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Entry>, Fault>> {
        self.with(|exchange| exchange.received(&token, after.as_deref(), limit).map(entries))
    }

    fn read(&mut self, name: String, max_bytes: u64) -> wasmtime::Result<Result<Vec<u8>, Fault>> {
        let read = self.with(|exchange| exchange.read(&name, max_bytes));
        if matches!(read, Ok(Ok(_))) {
            self.reading.begins(vec![name]);
        }
        read
    }

    fn harmful(&mut self) -> wasmtime::Result<Result<Vec<Suspect>, Fault>> {
        self.with(|exchange| {
            let known = exchange.harmful()?.into_iter();
            Ok(known.map(|(name, times)| Suspect { name, times }).collect())
        })
    }

    fn dispose(&mut self, names: Vec<String>, disposition: Disposition) -> wasmtime::Result<Result<(), Fault>> {
        let disposition = match disposition {
            Disposition::Processed => folder::Disposition::Processed,
            Disposition::Rejected => folder::Disposition::Rejected,
        };
        self.reading.moved(&names);
        self.with(|exchange| exchange.dispose(&names, disposition))
    }

    fn restore(&mut self, name: String) -> wasmtime::Result<Result<(), Fault>> {
        self.with(|exchange| exchange.restore(&name))
    }
}

fn entries(listed: Vec<Listed>) -> Vec<Entry> {
    listed.into_iter().map(|Listed { name, size, settled }| Entry { name, size, settled }).collect()
}

impl From<ChannelFault> for Fault {
    fn from(fault: ChannelFault) -> Self {
        match fault {
            ChannelFault::RetryLater(_) => Self::RetryLater(fault.to_string()),
            ChannelFault::TooLarge(bytes) => Self::TooLarge(bytes),
            ChannelFault::NotFound => Self::NotFound,
            ChannelFault::Denied(text) => Self::Denied(text),
            ChannelFault::Full => Self::Full,
            ChannelFault::Other(text) => Self::Other(text),
        }
    }
}
