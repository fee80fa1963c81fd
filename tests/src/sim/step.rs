//! Everything that can happen in a simulated world. A step says what to pick
//! by a number, so that it means something in any world: steps can be left out
//! of a trace.

use serde::{Deserialize, Serialize};

/// Which end of the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The primary.
    Alice,
    /// The secondary.
    Bob,
}

impl End {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Alice, Self::Bob];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Alice => Self::Bob,
            Self::Bob => Self::Alice,
        }
    }
}

/// Picks one of many: its place, modulo how many there are.
pub type Pick = u16;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Somebody does something at a tracker.
    Person(End, Deed),
    /// A side's process runs for a tick.
    Run(End, Mishap),
    /// A side's process runs until it has nothing more to do.
    RunOnce(End),
    /// Something happens to the parcels that an end sent.
    Courier(End, Carry),
    /// A tracker begins to behave badly, or better again.
    Tracker(End, Quirk),
    /// An administrator says something.
    Admin(End, Command),
    /// Time passes, in milliseconds.
    Wait(u32),
    /// A side's clock jumps, in milliseconds.
    Jump(End, i32),
}

/// What people do in a tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Say themselves; the first number picks the issue.
pub enum Deed {
    Create { task: bool },
    Edit(Pick, Part),
    Label(Pick, u8),
    Choose(Pick, u8),
    Move(Pick, u8),
    Retype(Pick),
    Comment(Pick),
    CommentInternally(Pick),
    EditComment(Pick, Pick),
    TurnComment(Pick, Pick),
    DeleteComment(Pick, Pick),
    Attach(Pick, u16),
    Detach(Pick, Pick),
    Delete(Pick),
    TakeAway(Pick),
    BringBack(Pick),
    Merge(Pick, Pick),
    EditQuietly(Pick, Part),
    Vanish(Pick),
}

/// A field of which every value is written once in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Say themselves.
pub enum Part {
    Title,
    Description,
    Points,
    Due,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Title, Self::Description, Self::Points, Self::Due];

    /// Its name at the tracker.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Points => "points",
            Self::Due => "due",
        }
    }
}

/// What goes wrong while a process runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // Each is documented; its numbers say themselves.
pub enum Mishap {
    /// Nothing.
    None,
    /// It dies at its n-th call to the outside.
    Crash(u16),
    /// The power goes at its n-th call to the outside.
    PowerLoss(u16),
    /// Its n-th call to the store fails: busy, full, an error; `late` means that
    /// a commit took effect and its answer was lost.
    Store { after: u16, full: bool, late: bool },
    /// So many effects are taken, and the rest is throttled.
    Throttled(u8),
    /// Calls to the tracker fail, beginning with the next: so many.
    TrackerDown(u8),
    /// The answers of so many writes are lost.
    AnswersLost(u8),
    /// Somebody edits between the engine's read and its write.
    Meanwhile(Box<Deed>),
    /// The channel can't be reached.
    ChannelDown,
    /// It may write and send only so much.
    Hurry { effects: u8, parcels: u8 },
}

/// What a courier does to parcels that an end sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carry {
    /// One never arrives.
    Lose(Pick),
    /// One that was taken lies there again.
    Double(Pick),
    /// One is held back.
    Hold(Pick),
    /// Those held back arrive.
    Free,
    /// One bit is another.
    Flip(Pick, u16),
    /// The end is missing.
    Cut(Pick, u16),
    /// It is still being written.
    Unsettle(Pick),
    /// All are whole.
    Settle,
    /// One is laid under a stranger's name, as the sender's.
    Forge(Pick),
    /// One is thrown back to its sender.
    Reflect(Pick),
    /// A mail passes a gateway that rewrites it.
    Gateway(Pick, u8),
    /// The mailbox numbers its mails anew.
    Renumber,
    /// Somebody's mail lies beside ours, or one that claims to be ours.
    Litter(u8),
}

/// What a tracker does that it shouldn't.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quirk {
    /// Refuses a field.
    Refuse(Part),
    /// Drops a field without a word.
    Drop(Part),
    /// Stores texts without trailing blanks and carriage returns.
    Normalise,
    /// Can't show an issue.
    Unreadable(Pick),
    /// Behaves again.
    Behave,
}

/// What an administrator says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Pause.
    Stop,
    /// Go on.
    Start,
    /// Try everything that is parked again.
    Retry,
    /// Leave one fault as it is.
    Skip(Pick),
    /// Keep a copy of the store.
    Backup,
    /// Put the copy back.
    Restore,
    /// Keep a copy of the tracker.
    BackupTracker,
    /// Put the copy of the tracker back, ten minutes later.
    RestoreTracker,
    /// Agree to go on after a restore.
    Reconcile,
    /// Let go on what was held back.
    Release,
    /// Replace the keys.
    Rotate,
    /// Revoke the keys.
    Revoke,
    /// Make a new handshake file (the primary), or join with the last that was
    /// made (the secondary).
    Invite,
    /// Publish another configuration (the primary) or answer it (the
    /// secondary).
    Configure(u8),
}
