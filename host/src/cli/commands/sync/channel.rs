//! Words that several verbs of `ferry sync` share.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ferry::request::{Answer, ChannelOptions, Created, Ends, Failure, FolderOptions, Standing};
use ferry::settings::{Channel, Name};

use super::mail::MailArgs;
use crate::cli::context::{absolute, unexpected};
use crate::cli::{Context, DONE, Outcome, output};

/// What is connected.
#[derive(Debug, Args)]
pub struct EndArgs {
    /// The tracker
    #[arg(long, value_name = "NAME")]
    pub tracker: Name,
    /// The project in the tracker; can't be changed later
    #[arg(long)]
    pub project: String,
    /// The account in whose name incoming changes are written; can't be changed later
    #[arg(long)]
    pub user: String,
}

/// How parcels travel.
#[derive(Debug, Args)]
pub struct ChannelArgs {
    #[command(flatten)]
    folder: FolderArgs,
    #[command(flatten)]
    mail: MailArgs,
    /// How often everything is looked at though nothing called, in seconds
    /// [default: 15, and 60 for mail]
    #[arg(long, value_name = "SECONDS", value_parser = seconds(1))]
    polling: Option<u32>,
}

/// How parcels travel through a folder.
#[derive(Debug, Args)]
struct FolderArgs {
    /// The exchange directory, with SEND and RECEIVE [default: in the home]
    #[arg(long, value_name = "DIR", help_heading = "Folder channel")]
    exchange: Option<PathBuf>,
    /// The partner's exchange directory, where it can be seen from here:
    /// RECEIVE becomes a link to its SEND
    #[arg(long, value_name = "DIR", help_heading = "Folder channel")]
    peer: Option<PathBuf>,
    /// How long a half-written file must stand still before it is judged, in seconds [default: 10]
    #[arg(long, value_name = "SECONDS", help_heading = "Folder channel", value_parser = seconds(0))]
    settle: Option<u32>,
}

/// At most a day, in seconds.
fn seconds(least: i64) -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(least..=86_400)
}

/// How parcels travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ChannelWord {
    /// Through a shared folder, or one that is carried
    Folder,
    /// By mail, from a mailbox to another one
    Mail,
}

impl From<ChannelWord> for Channel {
    fn from(word: ChannelWord) -> Self {
        match word {
            ChannelWord::Folder => Self::Folder,
            ChannelWord::Mail => Self::Mail,
        }
    }
}

impl ChannelArgs {
    /// The first of them that was given.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            ("--exchange", self.folder.exchange.is_some()),
            ("--peer", self.folder.peer.is_some()),
            ("--polling", self.polling.is_some()),
            ("--settle", self.folder.settle.is_some()),
        ];
        given.into_iter().find_map(|(option, is_given)| is_given.then_some(option)).or_else(|| self.mail.given())
    }

    /// With the mail servers that nobody named, for what is new here.
    fn discovered(&self, cx: &Context, mut options: ChannelOptions) -> Result<ChannelOptions, Failure> {
        self.mail.discover(cx, &mut options.mail)?;
        Ok(options)
    }

    /// As the owner of the home needs them; people are asked for what is secret.
    pub fn options(&self, cx: &Context) -> Result<ChannelOptions, Failure> {
        Ok(ChannelOptions {
            folder: FolderOptions {
                exchange: self.folder.exchange.as_deref().map(absolute).transpose()?,
                peer: self.folder.peer.as_deref().map(absolute).transpose()?,
                settle_seconds: self.folder.settle,
            },
            mail: self.mail.options(cx)?,
            polling_seconds: self.polling,
        })
    }
}

impl EndArgs {
    /// As the owner of the home needs them.
    pub fn ends(self, cx: &Context, name: Name, channel: &ChannelArgs) -> Result<Ends, Failure> {
        let options = channel.options(cx)?;
        let channel = channel.discovered(cx, options)?;
        Ok(Ends { name, tracker: self.tracker, project: self.project, user: self.user, channel })
    }
}

/// How the parcels of a new synchronization travel.
pub fn ways(created: &Created) -> output::Facts {
    let mut facts = output::Facts::default();
    facts.add("id", &created.id);
    facts.add("fingerprint", &created.fingerprint);
    if let (Some(exchange), Some(send), Some(receive)) = (&created.exchange, &created.send, &created.receive) {
        facts.add("exchange", exchange);
        facts.add("SEND", format!("{send} (what leaves appears here)"));
        match &created.receive_target {
            Some(target) => facts.add("RECEIVE", format!("{receive} → {target}")),
            None => facts.add("RECEIVE", format!("{receive} (bring the partner's SEND here)")),
        }
    }
    if let Some(mail) = &created.mail {
        output::mail_way(&mut facts, mail);
    }
    facts
}

/// The handshake file must be ready to be written before there is anything to
/// write.
pub fn ready_to_write(cx: &Context, file: &Path) -> Result<(), Failure> {
    if file.is_dir() {
        return Err(Failure::usage(format!("{} is a folder; name a file", file.display())));
    }
    if file.symlink_metadata().is_ok() && !cx.yes {
        return Err(Failure::failed(format!("{} is there already and isn't overwritten", file.display()))
            .with_help("choose another name, or give --yes"));
    }
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(Failure::not_found(format!("there is no folder {}", folder.display())));
    }
    Ok(())
}

/// The one synchronization of an answer.
pub fn one(answer: Answer) -> Result<Standing, Failure> {
    match answer {
        Answer::Standings(mut standings) if standings.len() == 1 => {
            standings.pop().ok_or_else(|| Failure::failed("nothing was answered"))
        }
        other => Err(unexpected(other)),
    }
}

/// Says that something was done to a synchronization, and what is next.
pub fn done(cx: &Context, answer: Answer, what: impl FnOnce(&Standing) -> String) -> Outcome {
    let standing = one(answer)?;
    if cx.json {
        output::json(&standing);
        return Ok(DONE);
    }
    output::line(what(&standing));
    if let Some(next) = &standing.next {
        output::next(&cx.advice(next));
    }
    Ok(DONE)
}
