//! `ferry sync create`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ferry::request::{Answer, Created, Encryption, Failure, NewSynchronization, Request};
use ferry::settings::Name;

use super::channel::{ChannelArgs, ChannelWord, EndArgs, ready_to_write, ways};
use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Create a synchronization, and the handshake file for the partner
///
/// This side becomes the primary: it decides what is shared. Hand the
/// handshake file to your partner by a way you trust: whoever holds it can
/// join. A passphrase protects it on its way.
#[derive(Debug, Args)]
pub struct Create {
    /// What it shall be called; the partner sees it
    name: Name,
    #[command(flatten)]
    ends: EndArgs,
    /// How parcels travel; can't be changed later
    #[arg(long, value_name = "CHANNEL")]
    channel: ChannelWord,
    #[command(flatten)]
    how: ChannelArgs,
    /// How parcels are sealed; can't be changed later
    #[arg(long, value_name = "PROFILE", default_value = "modern")]
    encryption: EncryptionWord,
    /// What it is for, in a sentence; the partner sees it
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// Encrypts the handshake file: env:NAME, file:PATH, command:WORDS or prompt
    #[arg(long, value_name = "SECRET")]
    passphrase: Option<String>,
    /// How long the handshake file is valid, in hours
    #[arg(long, value_name = "HOURS", default_value_t = 168, value_parser = clap::value_parser!(u32).range(1..))]
    valid: u32,
    /// No issue flows until people have compared the fingerprint phrase
    #[arg(long)]
    strict: bool,
    /// Where to write the handshake file
    #[arg(long, value_name = "FILE")]
    handshake: PathBuf,
}

/// How parcels are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EncryptionWord {
    /// OpenPGP by RFC 9580: what Ferry recommends
    Modern,
    /// OpenPGP with the post-quantum algorithms of RFC 9980
    PostQuantum,
    /// OpenPGP as GnuPG 2.2 opens it
    Gnupg,
    /// Signed only: whoever carries parcels can read them
    Off,
}

impl Create {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        ready_to_write(cx, &self.handshake)?;
        if self.encryption == EncryptionWord::Off && !cx.quiet {
            output::note(output::paint(
                output::WARN,
                "warning: with --encryption off whoever carries parcels can read every issue in them",
            ));
        }
        let request = Request::SyncCreate(Box::new(NewSynchronization {
            ends: self.ends.ends(cx, self.name, &self.how)?,
            channel: self.channel.into(),
            encryption: self.encryption.into(),
            description: self.description,
            strict: self.strict,
            passphrase: cx.new_secret(self.passphrase.as_deref(), "Passphrase for the handshake file")?,
            valid_hours: self.valid,
        }));
        let mut created = match cx.call(&request)? {
            Answer::Created(created) => *created,
            other => return Err(unexpected(other)),
        };
        let file = created.handshake.take().ok_or_else(|| unexpected(Answer::Done))?;
        ferry::home::write_private(&self.handshake, file.reveal().as_bytes()).map_err(|e| {
            Failure::failed(format!(
                "the synchronization was created, but {} can't be written: {e}",
                self.handshake.display()
            ))
            .with_help(format!("`ferry sync invite {} --handshake FILE` makes another handshake file", created.name))
        })?;
        if cx.json {
            output::json(&serde_json::json!({ "created": created, "handshake": self.handshake }));
            return Ok(DONE);
        }
        let protected = self.passphrase.is_some();
        say(cx, &created, &self.handshake.display().to_string(), protected, self.valid);
        Ok(DONE)
    }
}

fn say(cx: &Context, created: &Created, file: &str, protected: bool, valid: u32) {
    output::line(ways(created).under(&format!("Created the synchronization {}", created.name), output::width()));
    output::line(output::wrap(
        &format!(
            "\nThe handshake file is {file}; it is good for one partner and for {}. Whoever holds it can join{}",
            output::count(u64::from(valid), "hour", "hours"),
            match protected {
                true => " if they know the passphrase; tell it by another way.",
                false => ": hand it over by a way you trust. (--passphrase would protect it.)",
            }
        ),
        0,
    ));
    output::next(&cx.advice(&format!(
        "give {file} to your partner, who joins with it; keep `ferry run` running here; \
         `ferry sync status {}` shows how far it has come",
        created.name
    )));
}

impl From<EncryptionWord> for Encryption {
    fn from(word: EncryptionWord) -> Self {
        match word {
            EncryptionWord::Modern => Self::Modern,
            EncryptionWord::PostQuantum => Self::PostQuantum,
            EncryptionWord::Gnupg => Self::Gnupg,
            EncryptionWord::Off => Self::Off,
        }
    }
}
