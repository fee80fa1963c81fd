//! What somebody agreed to, kept in a file of the home: tokens by OAuth 2.0 are
//! refreshed from it without anybody.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ferry_post::oauth::{Ask, Authority, Client, Grant};
use ferry_post::{Fault, Trust};
use serde::{Deserialize, Serialize};

use crate::home::write_private;
use crate::secret::Secret;

/// How somebody agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// In a browser on this machine.
    Browser,
    /// On another device, with a code.
    Device,
    /// Nobody does: the client has credentials of its own.
    Itself,
}

/// What is to be agreed to.
#[derive(Clone, Debug)]
pub struct Consent {
    /// `microsoft`, `microsoft:TENANT`, `google`, or the address of an issuer.
    pub provider: String,
    /// The client's id there.
    pub client: String,
    /// Its secret, where it has one.
    pub secret: Option<Secret>,
    /// What is asked for at an issuer of one's own.
    pub scopes: Vec<String>,
    /// How.
    pub by: By,
    /// Whose word the authorization server's certificate needs.
    pub trust: Trust,
}

/// Has somebody agree; `tell` says what they have to do. The answer is kept by
/// the home, and is as secret as a password.
///
/// # Errors
/// Where nobody agreed, or the server refuses.
pub fn consent(wanted: &Consent, tell: &dyn Fn(&Ask)) -> Result<Secret, Fault> {
    let authority = match wanted.provider.split_once(':').unwrap_or((&wanted.provider, "common")) {
        ("microsoft", tenant) => Authority::microsoft(tenant),
        ("google", _) => Authority::google(),
        _ => Authority::discover(&wanted.provider, &wanted.scopes, &wanted.trust)?,
    };
    let secret = wanted.secret.as_ref().map(|secret| secret.reveal().to_owned());
    let trust = wanted.trust.clone();
    let client = Client { id: wanted.client.clone(), secret, authority, trust };
    let grant = match wanted.by {
        By::Browser => client.by_browser(tell)?,
        By::Device => client.by_device(tell)?,
        By::Itself => client.by_itself()?,
    };
    let Client { id, authority, trust, .. } = client;
    let kept =
        Kept { client: id, authority, authorities: file_of(&trust), until: 0, access: String::new(), refresh: None };
    Ok(Secret::new(kept.with(&grant).text()?))
}

/// What the file holds.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    client: String,
    authority: Authority,
    authorities: Option<PathBuf>,
    access: String,
    /// Until when the access token can be used, in seconds since 1970.
    until: u64,
    refresh: Option<String>,
}

impl Kept {
    fn with(self, grant: &Grant) -> Self {
        let until = grant.until.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self { access: grant.access.clone(), until, refresh: grant.refresh.clone(), ..self }
    }

    fn text(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|error| Fault::Denied(error.to_string()))
    }
}

/// A file with what was granted.
pub(super) struct Granted<'a> {
    file: &'a Path,
    kept: Kept,
}

/// One refreshes at a time: a server may take a second use of what refreshes for
/// a theft.
static TURN: Mutex<()> = Mutex::new(());

impl<'a> Granted<'a> {
    pub(super) fn at(file: &'a Path) -> Result<Self, Fault> {
        let again = "agree again with `ferry sync edit NAME --oauth …`";
        let text = std::fs::read(file)
            .map_err(|error| Fault::Unauthenticated(format!("nobody has agreed to OAuth yet ({error}): {again}")))?;
        let kept = serde_json::from_slice(&text)
            .map_err(|_| Fault::Unauthenticated(format!("what was agreed to can't be read any more: {again}")))?;
        Ok(Self { file, kept })
    }

    /// A token that is good now.
    pub(super) fn token(self, secret: Option<String>) -> Result<String, Fault> {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let Self { file, kept } = Self::at(self.file)?;
        if UNIX_EPOCH + Duration::from_secs(kept.until) > SystemTime::now() && !kept.access.is_empty() {
            return Ok(kept.access);
        }
        let trust = kept.authorities.clone().map_or(Trust::Platform, Trust::Authorities);
        let client = Client { id: kept.client.clone(), secret, authority: kept.authority.clone(), trust };
        let grant = match &kept.refresh {
            Some(refresh) => client.refresh(refresh)?,
            None => client.by_itself()?,
        };
        // What refreshes may be another one now: without it on the disk a restart
        // would need somebody.
        let kept = kept.with(&grant);
        write_private(file, kept.text()?.as_bytes())
            .map_err(|error| Fault::Denied(format!("{} can't be written: {error}", file.display())))?;
        Ok(kept.access)
    }

    /// The access token is worth nothing any more.
    pub(super) fn expire(self) {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(Self { file, kept }) = Self::at(self.file) else { return };
        if kept.access != self.kept.access {
            return;
        }
        let kept = Kept { until: 0, ..kept };
        let written = kept.text().map(|text| write_private(file, text.as_bytes()));
        if !matches!(written, Ok(Ok(()))) {
            tracing::warn!(file = %file.display(), "a token that is refused can't be marked so");
        }
    }
}

fn file_of(trust: &Trust) -> Option<PathBuf> {
    match trust {
        Trust::Platform | Trust::Key(_) => None,
        Trust::Authorities(path) => Some(path.clone()),
    }
}
