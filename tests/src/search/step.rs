//! What can happen, and how people are told of it.

use serde::Serialize;

use super::home::Sealed;
use super::state::State;

/// As often as you like.
pub const ANY: u8 = u8::MAX;

/// What may still happen, each so often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Messages, by side.
    pub words: [u8; 2],
    /// Attachments of the primary's.
    pub contents: u8,
    /// Parcels lost.
    pub losses: u8,
    /// Copies that a courier keeps, and brings when it likes.
    pub copies: u8,
    /// Deaths in the middle of a call.
    pub deaths: u8,
    /// Copies of a store, by side.
    pub backups: [u8; 2],
    /// The invitation's end.
    pub ends: u8,
    /// Times that pass; any number of them where it is `ANY`.
    pub waits: u8,
}

/// Where a parcel lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lying {
    /// On the channel: whose, and its place there.
    Channel(usize, usize),
    /// With a courier that kept a copy.
    Late(usize),
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// People of a side have something to say.
    Say(usize),
    /// The primary's people attach something.
    Attach,
    /// A side runs while nothing lies before it.
    Send(usize),
    /// One parcel is brought to a side.
    Receive(usize, Lying),
    /// A parcel is lost.
    Lose(usize, usize),
    /// A courier keeps a copy.
    Copy(usize, usize),
    /// A side's store is copied.
    Backup(usize),
    /// The copy is put back.
    PutBack(usize),
    /// People of a side agree to go on.
    Consent(usize),
    /// Long enough for everything that waits.
    Wait,
    /// The invitation ends.
    Expire,
}

/// An action, and after which of its changes the process died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub action: Action,
    /// How many changes were made before it died; none where it lived.
    pub died: Option<u8>,
}

impl Action {
    /// The side whose engine runs.
    pub fn runs(self) -> Option<usize> {
        match self {
            Self::Send(place) | Self::Receive(place, _) | Self::Consent(place) => Some(place),
            _ => None,
        }
    }
}

/// What people call the sides.
pub const NAMES: [&str; 3] = ["the primary", "the secondary", "the rival"];

impl State {
    /// What an action is, for people.
    pub fn describe(&self, step: Step) -> String {
        let parcel = |lying| {
            let (from, _, sealed) = self.parcel(lying);
            format!("{}'s {}", NAMES[from], sealed.describe())
        };
        let what = match step.action {
            Action::Say(place) => format!("{} says a word", NAMES[place]),
            Action::Attach => "the primary attaches a picture".to_owned(),
            Action::Send(place) => format!("{} runs", NAMES[place]),
            Action::Receive(place, lying) => format!("{} receives {}", NAMES[place], parcel(lying)),
            Action::Lose(from, it) => format!("lost: {}", parcel(Lying::Channel(from, it))),
            Action::Copy(from, it) => format!("copied for later: {}", parcel(Lying::Channel(from, it))),
            Action::Backup(place) => format!("{} is backed up", NAMES[place]),
            Action::PutBack(place) => format!("{} is put back", NAMES[place]),
            Action::Consent(place) => format!("{} agrees to go on", NAMES[place]),
            Action::Wait => "time passes".to_owned(),
            Action::Expire => "the invitation ends".to_owned(),
        };
        match step.died {
            Some(changes) => format!("{what}, and dies after change {changes}"),
            None => what,
        }
    }
}

impl Sealed {
    /// What it says, in short.
    pub fn describe(&self) -> String {
        let Some(parcel) = &self.parcel else { return "hello".to_owned() };
        let mut parts = Vec::new();
        if parcel.first > 0 {
            parts.push(format!("messages {}-{}", parcel.first, parcel.first + parcel.messages.len() as u64 - 1));
        }
        if let Some(position) = &parcel.position {
            parts.push(format!("position {} {:?}", position.counter, position.ranges));
        }
        let word = |message: &_| format!("{message:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
        parts.extend(parcel.unnumbered.iter().map(word));
        format!("parcel ({})", parts.join(", "))
    }
}
