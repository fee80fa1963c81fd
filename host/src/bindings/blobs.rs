//! `ferry:state/blobs`, onto a folder of blobs.

use super::engine::ferry::state::blobs::{Fault, Host, Summary};
use crate::blobs::BlobFault;
use crate::runtime::Ports;

impl Host for Ports {
    fn create(&mut self) -> wasmtime::Result<Result<String, Fault>> {
        self.hosted(|ports| Ok(ports.blobs.create().map_err(Fault::from)))
    }

    fn write(&mut self, blob: String, offset: u64, content: Vec<u8>) -> wasmtime::Result<Result<(), Fault>> {
        self.hosted(|ports| Ok(ports.blobs.write(&blob, offset, &content).map_err(Fault::from)))
    }

    fn sync(&mut self, blobs: Vec<String>) -> wasmtime::Result<Result<(), Fault>> {
        self.hosted(|ports| Ok(ports.blobs.sync(&blobs).map_err(Fault::from)))
    }

    fn seal(&mut self, blob: String) -> wasmtime::Result<Result<Summary, Fault>> {
        self.hosted(|ports| {
            let sealed = ports.blobs.seal(&blob).map_err(Fault::from);
            Ok(sealed.map(|summary| Summary { size: summary.size, digest: summary.digest.0.to_vec() }))
        })
    }

    fn read(&mut self, blob: String, offset: u64, length: u32) -> wasmtime::Result<Result<Vec<u8>, Fault>> {
        self.hosted(|ports| Ok(ports.blobs.read(&blob, offset, length).map_err(Fault::from)))
    }

    fn remove(&mut self, blob: String) -> wasmtime::Result<Result<(), Fault>> {
        self.hosted(|ports| Ok(ports.blobs.remove(&blob).map_err(Fault::from)))
    }

    fn names(&mut self, after: Option<String>, limit: u32) -> wasmtime::Result<Result<Vec<String>, Fault>> {
        self.hosted(|ports| Ok(ports.blobs.names(after.as_deref(), limit).map_err(Fault::from)))
    }
}

impl From<BlobFault> for Fault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::NotFound => Self::NotFound,
            BlobFault::TooLarge(bytes) => Self::TooLarge(bytes),
            BlobFault::Full => Self::Full,
            BlobFault::Sealed | BlobFault::Other(_) => Self::Other(fault.to_string()),
        }
    }
}
