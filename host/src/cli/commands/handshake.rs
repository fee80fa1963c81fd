//! `ferry handshake`.

mod show;

use clap::Subcommand;
use ferry::request::Handshake as Summary;
use ferry::settings::Channel;

use crate::cli::{Context, Outcome, output};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Handshake {
    Show(show::Show),
}

impl Handshake {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::Show(command) => command.run(cx),
        }
    }
}

/// What a handshake file says, for people.
pub fn contents(file: &Summary) -> output::Facts {
    let mut facts = output::Facts::default();
    facts.add("name", &file.name);
    if !file.description.is_empty() {
        facts.add("about", &file.description);
    }
    facts.add("id", &file.id);
    let channel = match file.channel {
        Channel::Folder => "folder",
        Channel::Mail => "mail",
    };
    match file.channel_hint.is_empty() {
        true => facts.add("channel", channel),
        false => facts.add("channel", format!("{channel}: {}", file.channel_hint)),
    }
    facts.add("encryption", output::encryption(file.encryption));
    if file.strict {
        facts.add("strict", "no issue flows until people have compared the phrase");
    }
    if file.again {
        facts.add("for", "a synchronization that was there before: both sides get new keys and keep their pairs");
    }
    facts.add("fingerprint", &file.fingerprint);
    facts.add("made", output::day(&file.created));
    let expires = output::day(&file.expires);
    match file.expired {
        true => facts.add("valid until", output::paint(output::BAD, format!("{expires}: EXPIRED"))),
        false => facts.add("valid until", expires),
    }
    facts.add("protocol", &file.protocol);
    facts
}
