//! `ferry:transport/delivery`, `mailbox` and `submission`. Every synchronization
//! of this host goes by a folder so far: what belongs to mail is denied.

use super::engine::ferry::transport::delivery::{self, Disposition, Fault, Kind};
use super::engine::ferry::transport::mailbox::{self, Mail, Suspect};
use super::engine::ferry::transport::submission::{self, Outgoing};
use crate::runtime::Carrier;

impl delivery::Host for Carrier {
    fn kind_of_channel(&mut self) -> wasmtime::Result<Kind> {
        Ok(Kind::Folder)
    }
}

fn denied<T>() -> wasmtime::Result<Result<T, Fault>> {
    Ok(Err(Fault::Denied("this synchronization goes by a folder".to_owned())))
}

impl mailbox::Host for Carrier {
    fn list(&mut self, _: String, _: Option<String>, _: u32) -> wasmtime::Result<Result<Vec<Mail>, Fault>> {
        denied()
    }

    fn read(&mut self, _: String, _: u64) -> wasmtime::Result<Result<Vec<u8>, Fault>> {
        denied()
    }

    fn harmful(&mut self) -> wasmtime::Result<Result<Vec<Suspect>, Fault>> {
        denied()
    }

    fn dispose(&mut self, _: Vec<String>, _: Disposition) -> wasmtime::Result<Result<(), Fault>> {
        denied()
    }

    fn restore(&mut self, _: String) -> wasmtime::Result<Result<(), Fault>> {
        denied()
    }
}

impl submission::Host for Carrier {
    fn route(&mut self) -> wasmtime::Result<Result<Outgoing, Fault>> {
        denied()
    }

    fn submit(&mut self, _: String, _: Vec<u8>) -> wasmtime::Result<Result<(), Fault>> {
        denied()
    }
}
