//! `ferry sync join`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::{Answer, Failure, HandshakeFile, Request};
use ferry::secret::Secret;
use ferry::settings::Name;

use super::channel::{ChannelArgs, EndArgs, done, ways};
use crate::cli::commands::handshake::contents;
use crate::cli::context::{read_text, unexpected};
use crate::cli::{Context, DONE, Outcome, output};

/// Join a synchronization with the partner's handshake file
///
/// This side becomes the secondary. The file says how parcels travel; look at
/// it first with `ferry handshake show FILE`. With a new file for a
/// synchronization that is here (`ferry sync invite`) name and file are enough:
/// it gets new keys, and keeps everything else.
#[derive(Debug, Args)]
pub struct Join {
    /// What it shall be called here
    name: Name,
    /// The handshake file (- for standard input)
    file: PathBuf,
    /// The tracker
    #[arg(long, value_name = "NAME", requires_all = ["project", "user"])]
    tracker: Option<Name>,
    /// The project in the tracker; can't be changed later
    #[arg(long, requires = "tracker")]
    project: Option<String>,
    /// The account in whose name incoming changes are written; can't be changed later
    #[arg(long, requires = "tracker")]
    user: Option<String>,
    #[command(flatten)]
    how: ChannelArgs,
    /// Opens the handshake file: env:NAME, file:PATH, command:WORDS or prompt
    #[arg(long, value_name = "SECRET")]
    passphrase: Option<String>,
}

impl Join {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        if let (None, Some(option)) = (&self.tracker, self.how.given()) {
            let what = format!("{option} is for a synchronization that is new here, which needs --tracker as well");
            return Err(Failure::usage(what).with_help(format!(
                "give --tracker, --project and --user to join a new one; leave {option} away to join {} again, \
                 whose channel stays as it is",
                self.name
            )));
        }
        let file = HandshakeFile {
            text: Secret::new(read_text(&self.file)?),
            passphrase: cx.secret(self.passphrase.as_deref(), "Passphrase of the handshake file")?,
        };
        let (Some(tracker), Some(project), Some(user)) = (self.tracker, self.project, self.user) else {
            let answer = cx.call(&Request::SyncRejoin(self.name, file))?;
            return done(cx, answer, |standing| format!("{} joins its partner anew.", standing.name));
        };
        let ends = EndArgs { tracker, project, user }.ends(cx, self.name, &self.how)?;
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
        output::line(ways(&created).under(&format!("Joined the synchronization {}", created.name), output::width()));
        output::next(&cx.advice(&format!(
            "keep `ferry run` running here and at your partner's; once both have heard of each other, \
             `ferry sync status {}` shows a phrase: compare it with your partner's by telephone",
            created.name
        )));
        Ok(DONE)
    }
}
