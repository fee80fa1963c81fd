//! Bugs that can be planted, to show that the tests would notice them.
//!
//! Only with the feature `planted`, which the tests' crate alone turns on: a
//! thread chooses one with [`plant`]. Without it every question is answered
//! *no* while compiling, and nothing of this is left.

macro_rules! bugs {
    ($($bug:ident: $words:literal,)*) => {
        /// A bug that could have been.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Bug {
            $(#[doc = $words] $bug,)*
        }

        impl Bug {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$bug),*];

            /// What is wrong with it, led by words that stand in every binary
            /// in which it could be planted.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$bug => concat!("planted: ", $words),)*
                }
            }
        }
    };
}

impl Bug {
    /// Whether it is one of delivery alone: messages, parcels, positions.
    pub const fn is_of_delivery(self) -> bool {
        (self as usize) < Self::RivalWelcome as usize
    }

    /// Whether it shows before two sides are connected.
    pub const fn is_of_the_handshake(self) -> bool {
        matches!(self, Self::RivalWelcome | Self::PongUnchecked | Self::ExpiredWelcome | Self::GreetedOnce)
    }
}

bugs! {
    // Delivery.
    HighWaterMark: "a position tells the highest number instead of the exact ranges",
    RangesBeforeMessages: "the ranges are committed before the messages in them",
    RepeatsTaken: "a message that comes again is taken again",
    ForgottenWhenSent: "messages are forgotten when they are sent, not when the partner has them",
    GapsCovered: "what lies below the highest number received is taken for acknowledged",
    LatePositionsCount: "a late copy of a position is taken for news",
    ForgettingUnnoticed: "a partner that lost what it had acknowledged is not noticed",
    ChainIgnored: "the chain of messages is not compared",
    PutBeforeCommit: "a parcel leaves before the commit that tells of it",
    EpochKept: "a restored side goes on in the old epoch",
    PieceUnsynced: "a piece of an attachment is acknowledged before it is durable",
    // Handshake.
    RivalWelcome: "a second one who joins with the same file takes the partner's place",
    PongUnchecked: "any pong will do",
    ExpiredWelcome: "an expired invitation is still good",
    GreetedOnce: "a hello that comes again is not answered again",
    // Settling.
    OrderIgnored: "a change doesn't wait for the one before it",
    OutcomesOvertake: "an outcome doesn't wait for the change that it follows",
    StaleOutcomeSettles: "an outcome settles whatever change is on its way",
    OutcomeForgotten: "a change is settled without an answer",
    AgreedWhenSent: "the agreed view advances when a change is sent",
    OursForgotten: "our change is dropped where the partner's meets it",
    OursPrevail: "each side lets its own value win",
    WaitingForgotten: "edits that wait are dropped when a version is settled",
    RebasedBlindly: "edits that wait overwrite what was settled meanwhile, unrecorded",
    LosersForgotten: "a value that lost is not recorded",
    RemovalsForgotten: "what one side took out of a set comes back",
    OldConfiguration: "a change is read under the configuration in force, not under its own",
    AdoptionsOvertake: "an adoption doesn't wait for the one before it",
    ReleasedEarly: "content that came is thrown away before it is written",
    // Pull and apply.
    CursorFirst: "the tracker's cursor is committed before what it stands behind",
    SeenFirst: "what was seen here is committed before the message about it",
    NotSeenWhenWritten: "what we wrote ourselves is not taken as seen",
    CopiesSentBack: "copies of the partner's comments are sent as ours",
    ForeignTaken: "issues that the partner's Ferry wrote are taken for new ones",
    DeparturesUnsaid: "the partner isn't told of an issue that left",
    ItemEditsUnsaid: "the partner isn't told of an edited comment",
    ItemDeletionsUnsaid: "the partner isn't told of a deleted comment",
    InternalSaid: "internal comments are sent",
    UnchangedAfterSwitch: "the tracker isn't looked through again under another configuration",
    KeyOfVersion: "an effect's key depends on the version of the agreed view",
    NoIntent: "a write begins before its intent is durable",
    UnknownTakenForDone: "a write whose answer was lost is taken for done",
    LeftMadeAnew: "a copy that left before it was seen is made anew",
    LagIgnored: "a search that lags is believed at once",
    WrittenUnread: "an issue isn't read before a write that can't be refused",
    ReplacedForgotten: "what a write replaced is not recorded",
    RefusalsForgotten: "a value that the tracker refused is taken for written",
    DropsForgotten: "a value that the tracker dropped is taken for written",
    // What is held back.
    HeldTakenForGone: "an issue whose departure is held counts as one that left",
    HeldForgotten: "edits that were held are not looked at again",
    // Restores.
    OldEpochUnanswered: "parcels of an epoch that ended are dropped without an answer",
    LowerStands: "after a restore the older of two agreed views stands",
    EditsForgotten: "edits on their way are dropped after a restore",
    CopiesForgotten: "copies whose record was lost are not found again",
    // Everywhere.
    BlobsKept: "content that nothing refers to is kept",
    SecretsSaid: "the log tells our secret key",
    OtherRandomness: "randomness comes from elsewhere than the call's seed",
}

#[cfg(feature = "planted")]
mod chosen {
    use std::cell::Cell;

    use super::Bug;
    use crate::limits::BREAKER_PAIRS_MIN;

    thread_local! {
        static CHOSEN: Cell<Option<Bug>> = const { Cell::new(None) };
        static BREAKER_PAIRS: Cell<u64> = const { Cell::new(BREAKER_PAIRS_MIN) };
    }

    /// From here on the breaker of this thread takes so many pairs for many:
    /// small worlds have no more.
    pub fn break_after(pairs: u64) {
        BREAKER_PAIRS.set(pairs);
    }

    /// What the breaker takes for many.
    pub(crate) fn breaker_pairs() -> u64 {
        BREAKER_PAIRS.get()
    }

    /// Plants a bug in all that this thread does from here on, or none.
    pub fn plant(bug: Option<Bug>) {
        CHOSEN.set(bug);
    }

    /// Whether that bug is planted.
    pub(crate) fn planted(bug: Bug) -> bool {
        let chosen = CHOSEN.get() == Some(bug);
        if chosen {
            std::hint::black_box(bug.words());
        }
        chosen
    }
}

#[cfg(feature = "planted")]
pub use chosen::{break_after, plant};
#[cfg(feature = "planted")]
pub(crate) use chosen::{breaker_pairs, planted};

/// Whether that bug is planted: never.
#[cfg(not(feature = "planted"))]
pub(crate) const fn planted(_: Bug) -> bool {
    false
}

/// What the breaker takes for many.
#[cfg(not(feature = "planted"))]
pub(crate) const fn breaker_pairs() -> u64 {
    crate::limits::BREAKER_PAIRS_MIN
}

/// Randomness that no seed tells.
pub(crate) fn elsewhere() -> u8 {
    use std::hash::BuildHasher;
    std::hash::RandomState::new().hash_one(0).to_be_bytes()[0]
}
