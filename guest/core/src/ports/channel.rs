//! The channel: named parcels in one directory out and one in. A folder is
//! exactly this.

use crate::ids::ParcelName;
use crate::limits::{GAP_MS, PARCEL_BYTES_MAX, RESEND_MS};
use crate::state::ChannelKind;

/// Why a call failed, by what the caller should do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelFault {
    /// Passing: it can't be reached, or throttles; why, for people.
    #[error("{0}")]
    RetryLater(String),
    /// The credentials are wrong or have expired.
    #[error("the channel refuses the credentials: {0}")]
    Unauthenticated(String),
    /// TLS or certificate trouble.
    #[error("the channel is not secure: {0}")]
    Insecure(String),
    /// Over the channel's limit, in bytes.
    #[error("larger than the {0} bytes that the channel takes")]
    TooLarge(u64),
    /// Nothing there under that name.
    #[error("there is no such parcel on the channel any more")]
    NotFound,
    /// A person has to mend it.
    #[error("{0}")]
    Denied(String),
    /// There is no room left.
    #[error("there is no room left on the channel")]
    Full,
    /// Anything else, for people to read.
    #[error("{0}")]
    Other(String),
}

/// A parcel lying on the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: ParcelName,
    /// Its length in bytes.
    pub size: u64,
    /// Whether what it holds now is all that is going to come.
    pub settled: bool,
}

/// What became of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// Durably taken.
    Processed,
    /// Refused; kept for a person to look at.
    Rejected,
}

/// How long a channel may take before a parcel counts as lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// A parcel that nobody acknowledged is looked after again after this long,
    /// in milliseconds: doubled with each attempt.
    pub resend_ms: u64,
    /// A gap that the partner reports is closed no sooner than this after the
    /// parcel was last sent, in milliseconds: doubled alike.
    pub gap_ms: u64,
}

/// How parcels travel, as `ferry:transport/folder` documents it. Where a channel
/// has addresses, what leaves goes `to` one.
#[allow(missing_docs, clippy::missing_errors_doc)] // Documented at the interface.
pub trait Channel {
    /// Which one it is: both sides have to use the same.
    fn kind(&self) -> ChannelKind {
        ChannelKind::Folder
    }
    fn put(&self, to: Option<&str>, name: &ParcelName, content: &[u8]) -> Result<(), ChannelFault>;
    fn withdraw(&self, names: &[ParcelName]) -> Result<(), ChannelFault>;
    fn sent(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault>;
    fn received(&self, token: &str, after: Option<&ParcelName>, limit: u32) -> Result<Vec<Listed>, ChannelFault>;
    fn read(&self, name: &ParcelName, max_bytes: u64) -> Result<Vec<u8>, ChannelFault>;
    fn dispose(&self, names: &[ParcelName], disposition: Disposition) -> Result<(), ChannelFault>;
    fn restore(&self, name: &ParcelName) -> Result<(), ChannelFault>;
    /// Where the outside can't break off, there are none.
    fn harmful(&self) -> Result<Vec<(ParcelName, u32)>, ChannelFault> {
        Ok(Vec::new())
    }
    /// Our own address, which the partner has to know, where the channel has any.
    fn address(&self) -> Result<Option<String>, ChannelFault> {
        Ok(None)
    }
    /// The largest parcel that the channel takes, in bytes.
    fn parcel_bytes_max(&self) -> Result<u64, ChannelFault> {
        Ok(PARCEL_BYTES_MAX as u64)
    }
    /// How long it may take.
    fn pace(&self) -> Pace {
        Pace { resend_ms: RESEND_MS, gap_ms: GAP_MS }
    }
}
