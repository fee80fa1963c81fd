//! Identifiers, one type each, so that none is taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name made by a tracker or by us, compared for equality only.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

/// Random or derived bytes, written in hexadecimal.
macro_rules! bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(#[serde(with = "serde_bytes")] pub [u8; $length]);

        impl $name {
            /// Reads what `Display` wrote.
            pub fn parse(text: &str) -> Option<Self> {
                crate::digest::from_hex(text)?.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&crate::digest::hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

name! {
    /// A tracker's stable identifier of an issue; not what people call it.
    IssueId
}
name! {
    /// What people call an issue: `ABC-12`. May change; never identifies.
    IssueKey
}
name! {
    /// A tracker's identifier of a comment, attachment or work log within its
    /// issue.
    ItemId
}
name! {
    /// A state of an issue at its tracker, compared for equality only.
    Revision
}
name! {
    /// Where a scan of changes stands; made and read by the adapter alone.
    Cursor
}
name! {
    /// RFC 3339 in UTC, as a tracker gave it; not a point to calculate with.
    Timestamp
}
name! {
    /// Names one intended effect; the same key never takes effect twice.
    EffectKey
}
name! {
    /// A blob in the host's blob store.
    BlobName
}
name! {
    /// A name that both sides know a type, field, option or status by.
    Alias
}
name! {
    /// A parcel's name on the channel.
    ParcelName
}

bytes! {
    /// One synchronization, the same on both sides.
    SyncId, 16
}
bytes! {
    /// One pair, the same on both sides; derived from the origin's issue.
    PairId, 16
}
bytes! {
    /// A SHA-256 digest of content.
    Digest, 32
}
bytes! {
    /// The running hash over all numbered messages of an epoch.
    Chain, 32
}
bytes! {
    /// The fingerprint of an OpenPGP certificate, v4 padded with zeros.
    Fingerprint, 32
}

/// One history of message numbers. The greater counter is the newer epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1.
    pub counter: u64,
    /// 128 random bits: two epochs made apart never look alike.
    #[serde(with = "serde_bytes")]
    pub nonce: [u8; 16],
}

impl Chain {
    /// Before the first message of an epoch.
    pub const START: Self = Self([0; 32]);
}
