//! `ferry:transport/folder` as the core's channel.

use ferry_core::ids::ParcelName;
use ferry_core::ports::{Channel, ChannelFault, Disposition, Listed};

use super::delivery::{disposition, fault};
use crate::bindings::ferry::transport::folder;

pub(crate) struct Folder;

impl Channel for Folder {
    fn put(&self, _: Option<&str>, name: &ParcelName, content: &[u8]) -> Result<(), ChannelFault> {
        folder::put(&name.0, content).map_err(fault)
    }

    fn withdraw(&self, parcels: &[ParcelName]) -> Result<(), ChannelFault> {
        folder::withdraw(&names(parcels)).map_err(fault)
    }

    fn sent(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        folder::sent(token, after.map(|name| name.0.as_str()), limit).map(listed).map_err(fault)
    }

    fn received(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        folder::received(token, after.map(|name| name.0.as_str()), limit).map(listed).map_err(fault)
    }

    fn read(&self, name: &ParcelName, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        folder::read(&name.0, max_bytes).map_err(fault)
    }

    fn dispose(&self, parcels: &[ParcelName], how: Disposition) -> Result<(), ChannelFault> {
        folder::dispose(&names(parcels), disposition(how)).map_err(fault)
    }

    fn harmful(&self) -> Result<Vec<(ParcelName, u32)>, ChannelFault> {
        let harmful = folder::harmful().map_err(fault)?;
        Ok(harmful.into_iter().map(|folder::Suspect { name, times }| (ParcelName(name), times)).collect())
    }

    fn restore(&self, name: &ParcelName) -> Result<(), ChannelFault> {
        folder::restore(&name.0).map_err(fault)
    }
}

fn names(parcels: &[ParcelName]) -> Vec<String> {
    parcels.iter().map(|name| name.0.clone()).collect()
}

fn listed(entries: Vec<folder::Entry>) -> Vec<Listed> {
    let listed = |folder::Entry { name, size, settled }| Listed { name: ParcelName(name), size, settled };
    entries.into_iter().map(listed).collect()
}
