//! `ferry sync invite`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, Failure, Request};
use ferry::settings::Name;

use super::channel::ready_to_write;
use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Make a new handshake file for a synchronization that is there
///
/// Where the last one was lost, expired or fell into other hands; where keys were
/// lost or revoked, or one side was put back to before they were replaced, or to
/// before the handshake. Both sides get new keys and keep their
/// pairs. Nothing flows any more until the partner has joined with the file; then
/// each tells the other how every issue stands, and none is made twice. For the
/// primary. Asks first.
#[derive(Debug, Args)]
pub struct Invite {
    /// The synchronization
    name: Name,
    /// Encrypts the handshake file: env:NAME, file:PATH, command:WORDS or prompt
    #[arg(long, value_name = "SECRET")]
    passphrase: Option<String>,
    /// How long the handshake file is valid, in hours
    #[arg(long, value_name = "HOURS", default_value_t = 168, value_parser = clap::value_parser!(u32).range(1..))]
    valid: u32,
    /// Where to write the handshake file
    #[arg(long, value_name = "FILE")]
    handshake: PathBuf,
}

impl Invite {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        ready_to_write(cx, &self.handshake)?;
        cx.confirm(&format!(
            "Shall {} get new keys on both sides? The present ones go at once, and nothing flows until your partner \
             has joined with the new handshake file.",
            self.name
        ))?;
        let request = Request::SyncInvite {
            name: self.name.clone(),
            passphrase: cx.new_secret(self.passphrase.as_deref(), "Passphrase for the handshake file")?,
            valid_hours: self.valid,
        };
        let file = match cx.call(&request)? {
            Answer::Secret(file) => file,
            other => return Err(unexpected(other)),
        };
        ferry::home::write_private(&self.handshake, file.reveal().as_bytes()).map_err(|e| {
            Failure::failed(format!("{} can't be written: {e}", self.handshake.display()))
                .with_help(format!("`ferry sync invite {}` again makes another", self.name))
        })?;
        if cx.json {
            output::json(&serde_json::json!({ "invited": self.name, "handshake": self.handshake }));
            return Ok(DONE);
        }
        output::line(format!("{} waits for its partner with new keys.", self.name));
        output::next(&cx.advice(&format!(
            "give {} to your partner by a way you trust; they join with `ferry sync join NAME FILE`, onto what they \
             have; then compare the phrase, and `ferry sync start {}` on both sides",
            self.handshake.display(),
            self.name
        )));
        Ok(DONE)
    }
}
