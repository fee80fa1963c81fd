//! `ferry tracker add`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, Failure, NewTracker, Request};
use ferry::settings::{Name, NotAName};

use crate::cli::context::{absolute, unexpected};
use crate::cli::{Context, DONE, Outcome, output};

/// Add a tracker
///
/// Grants an adapter what it may use. The `local` adapter keeps issues as
/// Markdown files in a folder:
///
///   ferry tracker add ours --adapter local --folder ./issues
#[derive(Debug, Args)]
pub struct Add {
    /// What it shall be called here
    name: Name,
    /// A shipped adapter, or the file of a component (FILE.wasm)
    #[arg(long, value_name = "ADAPTER")]
    adapter: String,
    /// A setting of the adapter; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// The folder that the adapter may use, and nothing else
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// An origin that the adapter may ask, https://HOST or https://HOST:PORT, in a
    /// private network, too; may be repeated
    #[arg(long = "allow", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Certificates whose word the origins' need (PEM), instead of the platform's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A secret that is filled in for the adapter and that it never sees:
    /// NAME=env:NAME, file:PATH, command:WORDS or prompt; may be repeated
    #[arg(long = "secret", value_name = "NAME=REFERENCE", value_parser = setting)]
    secrets: Vec<(String, String)>,
}

impl Add {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let settings = once("set", self.settings)?;
        let mut secrets = BTreeMap::new();
        for (name, reference) in once("secret", self.secrets)? {
            let name: Name = name.parse().map_err(|e: NotAName| Failure::usage(format!("--secret: {e}")))?;
            let secret = cx.password(Some(&reference), &format!("The secret {name} of {}", self.name))?;
            secrets.extend(secret.map(|secret| (name, secret)));
        }
        let component = self.adapter.ends_with(".wasm") || self.adapter.contains('/');
        let adapter = match component {
            true => absolute(self.adapter.as_ref())?.to_string_lossy().into_owned(),
            false => self.adapter,
        };
        let folder = self.folder.as_deref().map(absolute).transpose()?;
        let ca = self.ca.as_deref().map(absolute).transpose()?;
        let origins = self.origins.into_iter().collect();
        let (name, agreed) = (self.name, cx.yes);
        let request = Request::TrackerAdd(NewTracker { name, adapter, folder, origins, agreed, ca, secrets, settings });
        let tracker = match cx.call(&request)? {
            Answer::Tracker(tracker) => tracker,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&tracker);
            return Ok(DONE);
        }
        output::line(format!("Added the tracker {}: adapter {}.", tracker.name, tracker.adapter));
        if let Some(folder) = &tracker.folder {
            output::line(format!("It may use the folder {folder}, and nothing else."));
        }
        if !tracker.origins.is_empty() {
            let origins = tracker.origins.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            output::line(format!("It may ask {origins}, and nobody else."));
        }
        let create = format!(
            "`ferry sync create NAME --tracker {0} --project KEY --user ferry --channel folder --handshake FILE` \
             to begin a synchronization, or `ferry sync join NAME FILE --tracker {0} --project KEY --user ferry` \
             where your partner sent you a handshake file",
            tracker.name
        );
        output::next(&cx.advice(&create));
        Ok(DONE)
    }
}

/// What is given by name, each at most once.
fn once(option: &str, given: Vec<(String, String)>) -> Result<BTreeMap<String, String>, Failure> {
    let mut named = BTreeMap::new();
    for (name, value) in given {
        if named.insert(name.clone(), value).is_some() {
            return Err(Failure::usage(format!("--{option} {name} is given twice")));
        }
    }
    Ok(named)
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}
