//! `ferry handshake show`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, HandshakeFile, Request};
use ferry::secret::Secret;
use ferry::settings::Channel;

use super::contents;
use crate::cli::context::{read_text, unexpected};
use crate::cli::{Context, DONE, Outcome, output};

/// Show what a handshake file says, before joining with it
#[derive(Debug, Args)]
pub struct Show {
    /// The handshake file (- for standard input)
    file: PathBuf,
    /// Opens it: env:NAME, file:PATH, command:WORDS or prompt
    #[arg(long, value_name = "SECRET")]
    passphrase: Option<String>,
}

impl Show {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let file = HandshakeFile {
            text: Secret::new(read_text(&self.file)?),
            passphrase: cx.secret(self.passphrase.as_deref(), "Passphrase of the handshake file")?,
        };
        let handshake = match cx.call(&Request::HandshakeShow(file))? {
            Answer::Handshake(handshake) => handshake,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&handshake);
            return Ok(DONE);
        }
        output::line(contents(&handshake).under("What the handshake file says", output::width()));
        match &handshake.refused {
            Some(reason) => output::line(output::wrap(&output::paint(output::WARN, reason), 0)),
            None => output::next(&cx.advice(&format!(
                "compare the fingerprint with your partner if you can, then \
                 `ferry sync join NAME {} --tracker TRACKER --project KEY --user ferry{}`",
                output::shell_word(&self.file.to_string_lossy()),
                match handshake.channel {
                    Channel::Folder => "",
                    Channel::Mail => {
                        " --address ADDRESS --receive imaps://HOST --receive-password prompt --send smtps://HOST \
                         --copy-credentials"
                    }
                }
            ))),
        }
        Ok(DONE)
    }
}
