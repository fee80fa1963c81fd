//! What a tracker's adapter may ask of the network, and the secrets that are
//! filled in for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ferry_http::{Client, NotAnOrigin, Origin};

use super::Host;
use crate::home::{private_directory, write_private};
use crate::mail::Trust;
use crate::request::{Failure, NewTracker, Password};
use crate::runtime::{HttpGrants, Manifest, Wish};
use crate::secret::{SecretError, SecretReference};
use crate::settings::{KEPT, Name, Tracker};

/// The origins of a tracker.
pub(super) fn http(tracker: &Tracker) -> Result<HttpGrants, NotAnOrigin> {
    Ok(HttpGrants {
        named: origins(&tracker.origins)?,
        asked: origins(&tracker.asked_origins)?,
        trust: tracker.ca.clone().map_or(Trust::Platform, Trust::Authorities),
    })
}

fn origins(texts: &BTreeSet<String>) -> Result<BTreeSet<Origin>, NotAnOrigin> {
    texts.iter().map(|text| text.parse()).collect()
}

/// What is wanted, written in one way: the origins that the operator named, and
/// those that the adapter asks for.
pub(super) fn wanted(
    manifest: Option<&Manifest>,
    wanted: &NewTracker,
) -> Result<(BTreeSet<String>, BTreeSet<String>), Failure> {
    let written = |texts: &BTreeSet<String>| -> Result<BTreeSet<String>, Failure> {
        let origins = origins(texts).map_err(|fault| Failure::usage(fault.to_string()))?;
        Ok(origins.iter().map(Origin::to_string).collect())
    };
    let named = written(&wanted.origins)?;
    if let Some(ca) = &wanted.ca {
        let trust = Trust::Authorities(ca.clone());
        Client::new(HttpGrants { trust, ..HttpGrants::default() })
            .map_err(|fault| Failure::failed(fault.to_string()))?;
    }
    let Some(manifest) = manifest else { return Ok((named, BTreeSet::new())) };
    let adapter = &manifest.name;
    match manifest.origin {
        Wish::Required if named.is_empty() => {
            return Err(Failure::usage(format!("the adapter {adapter} needs to know where the tracker is"))
                .with_help("give --allow https://HOST, and nothing else of its address"));
        }
        Wish::None if !named.is_empty() => {
            return Err(Failure::usage(format!("the adapter {adapter} asks no origin that its operator names"))
                .with_help("leave out --allow"));
        }
        Wish::None if wanted.ca.is_some() && manifest.origins.is_empty() => {
            return Err(Failure::usage(format!("the adapter {adapter} asks no origin")).with_help("leave out --ca"));
        }
        _ => {}
    }
    let asked = written(&manifest.origins.iter().cloned().collect())?;
    if !asked.is_empty() && !wanted.agreed {
        let list = asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!("the adapter {adapter} asks to reach {list}"))
            .with_help("agree with --yes, if that is right"));
    }
    let known: Vec<&str> = manifest.secrets.iter().map(|secret| secret.name.as_str()).collect();
    if let Some(unknown) = wanted.secrets.keys().find(|name| !known.contains(&name.as_str())) {
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
        return Err(Failure::usage(format!("the adapter {adapter} has no secret {unknown}: {known}")));
    }
    match manifest.secrets.iter().find(|secret| secret.required && !wanted.secrets.contains_key(&secret.name)) {
        Some(secret) => Err(Failure::usage(format!("the adapter {adapter} needs the secret {}", secret.name))
            .with_help(format!("--secret {}=env:NAME, file:PATH or prompt ({})", secret.name, secret.description))),
        None => Ok((named, asked)),
    }
}

impl Host {
    /// Keeps what was asked for; answers where each secret is to be had.
    pub(super) fn keep_secrets(
        &self,
        tracker: &Name,
        secrets: &BTreeMap<Name, Password>,
    ) -> Result<BTreeMap<Name, String>, Failure> {
        let mut places = BTreeMap::new();
        for (name, secret) in secrets {
            let place = match secret {
                Password::At(reference) => reference.clone(),
                Password::Kept(secret) => {
                    let path = self.tracker_secret(tracker, name);
                    let written = private_directory(&self.home.secrets())
                        .and_then(|()| write_private(&path, secret.reveal().as_bytes()));
                    written.map_err(Failure::io(format!("{} can't be written", path.display())))?;
                    KEPT.to_owned()
                }
            };
            places.insert(name.clone(), place);
        }
        Ok(places)
    }

    /// Where a tracker's secrets are to be had.
    pub(super) fn tracker_secrets(
        &self,
        name: &Name,
        tracker: &Tracker,
    ) -> Result<BTreeMap<String, SecretReference>, Failure> {
        let place = |(secret, text): (&Name, &String)| -> Result<_, Failure> {
            let reference = match text.as_str() {
                KEPT => SecretReference::File(self.tracker_secret(name, secret)),
                text => text.parse().map_err(|e: SecretError| Failure::usage(e.to_string()))?,
            };
            Ok((secret.to_string(), reference))
        };
        tracker.secrets.iter().map(place).collect()
    }

    /// Forgets what was kept for a tracker.
    pub(super) fn forget_tracker_secrets(&self, name: &Name, tracker: &Tracker) {
        for secret in tracker.secrets.keys() {
            super::post::forget(&self.tracker_secret(name, secret));
        }
    }

    /// No synchronization's folder has a blank in its name.
    fn tracker_secret(&self, tracker: &Name, secret: &Name) -> PathBuf {
        self.home.secret(&format!("tracker {tracker}"), secret.as_str())
    }
}
