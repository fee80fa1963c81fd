//! `ferry:state/blobs` as the core's blobs.

use ferry_core::ids::{BlobName, Digest};
use ferry_core::ports::{BlobFault, BlobSummary};

use crate::bindings::ferry::state::blobs;

pub(crate) struct Blobs;

impl ferry_core::ports::Blobs for Blobs {
    fn create(&self) -> Result<BlobName, BlobFault> {
        blobs::create().map(BlobName).map_err(fault)
    }

    fn write(&self, blob: &BlobName, offset: u64, content: &[u8]) -> Result<(), BlobFault> {
        blobs::write(&blob.0, offset, content).map_err(fault)
    }

    fn sync(&self, names: &[BlobName]) -> Result<(), BlobFault> {
        let names: Vec<String> = names.iter().map(|name| name.0.clone()).collect();
        blobs::sync(&names).map_err(fault)
    }

    fn seal(&self, blob: &BlobName) -> Result<BlobSummary, BlobFault> {
        let summary = blobs::seal(&blob.0).map_err(fault)?;
        let digest =
            summary.digest.try_into().map_err(|_| BlobFault::Other("a digest of another length".to_owned()))?;
        Ok(BlobSummary { size: summary.size, digest: Digest(digest) })
    }

    fn read(&self, blob: &BlobName, offset: u64, length: u32) -> Result<Vec<u8>, BlobFault> {
        blobs::read(&blob.0, offset, length).map_err(fault)
    }

    fn remove(&self, blob: &BlobName) -> Result<(), BlobFault> {
        blobs::remove(&blob.0).map_err(fault)
    }

    fn names(&self, after: Option<&BlobName>, limit: u32) -> Result<Vec<BlobName>, BlobFault> {
        let names = blobs::names(after.map(|name| name.0.as_str()), limit).map_err(fault)?;
        Ok(names.into_iter().map(BlobName).collect())
    }
}

fn fault(fault: blobs::Fault) -> BlobFault {
    match fault {
        blobs::Fault::NotFound => BlobFault::NotFound,
        blobs::Fault::TooLarge(bytes) => BlobFault::TooLarge(bytes),
        blobs::Fault::Full => BlobFault::Full,
        blobs::Fault::Other(reason) => BlobFault::Other(reason),
    }
}
