//! Keys and certificates.

use serde::{Deserialize, Serialize};

/// Whether the keys of both sides serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// They do.
    Valid,
    /// One of them expires soon; the warnings say which.
    Expiring,
    /// One of them has expired: nothing is sent until it is replaced.
    Expired,
    /// One of them was revoked: nothing is sent or taken any more.
    Revoked,
}

/// How far the replacement of our keys has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replacement {
    /// None is under way.
    None,
    /// New ones are made and the partner is told; the old ones are in use.
    Told,
    /// The new ones are in use; the old ones serve what is on its way.
    Taken,
}

/// The keys of one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The certificate's fingerprint.
    pub fingerprint: String,
    /// When it was made.
    pub created: String,
    /// Until when it is valid.
    pub expires: String,
    /// How often that side's keys were replaced before.
    pub replaced: u32,
    /// Whether its owner revoked it.
    pub revoked: bool,
}

/// The keys of both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keychain {
    /// Ours, those in use.
    pub ours: Certificate,
    /// The partner's, once it is known.
    pub partner: Option<Certificate>,
    /// How far the replacement of ours has come.
    pub progress: Replacement,
    /// The fingerprint of our next certificate, until the partner took it.
    pub coming: Option<String>,
    /// What people should know of them.
    pub warnings: Vec<String>,
}
