//! `ferry sync join`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, HandshakeFile, Request};
use ferry::settings::Name;

use super::channel::{EndArgs, FolderArgs, folders};
use crate::cli::commands::handshake::contents;
use crate::cli::context::{read_text, unexpected};
use crate::cli::{Context, DONE, Outcome, output};

/// Join a synchronization with the partner's handshake file
///
/// This side becomes the secondary. The file says how parcels travel; look at
/// it first with `ferry handshake show FILE`.
#[derive(Debug, Args)]
pub struct Join {
    /// What it shall be called here
    name: Name,
    /// The handshake file (- for standard input)
    file: PathBuf,
    #[command(flatten)]
    ends: EndArgs,
    #[command(flatten)]
    folder: FolderArgs,
    /// Opens the handshake file: env:NAME, file:PATH, command:WORDS or prompt
    #[arg(long, value_name = "SECRET")]
    passphrase: Option<String>,
}

impl Join {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let file = HandshakeFile {
            text: read_text(&self.file)?,
            passphrase: cx.secret(self.passphrase.as_deref(), "Passphrase of the handshake file")?,
        };
        let ends = self.ends.ends(self.name, &self.folder)?;
        let created = match cx.call(&Request::SyncJoin(Box::new(ends), file))? {
            Answer::Created(created) => *created,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&created);
            return Ok(DONE);
        }
        if let Some(joined) = &created.joined {
            output::line(format!("{}\n", contents(joined).under("What the handshake file says", output::width())));
        }
        output::line(folders(&created).under(&format!("Joined the synchronization {}", created.name), output::width()));
        output::next(&cx.advice(&format!(
            "keep `ferry run` running here and at your partner's; once both have heard of each other, \
             `ferry sync status {}` shows a phrase: compare it with your partner's by telephone",
            created.name
        )));
        Ok(DONE)
    }
}
