//! A configuration as a person wrote it, with the place of every word.

use std::ops::Range;

use crate::mapping::{By, Filter};
use crate::scope::{Side, Ways};

/// Something, and where it stands in the text, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub value: T,
    pub at: Range<usize>,
}

/// Which ways, from our point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Both,
    Send,
    Receive,
    None,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub share: Share,
    pub types: Vec<TypeText>,
}

/// `[share]`
#[derive(Clone, Debug, Default)]
pub(crate) struct Share {
    pub comments: Option<At<Direction>>,
    pub attachments: Option<At<Direction>>,
    pub max_bytes: Option<At<u64>>,
    pub media_types: Vec<At<String>>,
}

/// One of `[[types]]`
#[derive(Clone, Debug)]
pub(crate) struct TypeText {
    pub alias: At<String>,
    pub local: At<String>,
    pub direction: Option<At<Direction>>,
    pub status_direction: Option<At<Direction>>,
    pub when: Option<When>,
    pub fields: Vec<FieldText>,
    pub statuses: Vec<Several>,
}

/// A filter, and where its text begins.
#[derive(Clone, Debug)]
pub(crate) struct When {
    pub filter: Filter,
    pub at: Range<usize>,
    /// Added to a place in the filter gives the place in the text; none where
    /// escapes keep it from being known.
    pub start: Option<usize>,
}

impl When {
    /// A place in the filter as one in the text.
    pub(crate) fn place(&self, at: usize) -> Range<usize> {
        match self.start {
            Some(start) => start + at..self.at.end,
            None => self.at.clone(),
        }
    }
}

/// One of `[types.fields]`
#[derive(Clone, Debug)]
pub(crate) struct FieldText {
    pub alias: At<String>,
    pub local: Option<At<String>>,
    pub direction: Option<At<Direction>>,
    /// Aliases and the labels of our options.
    pub options: Vec<Several>,
    pub default: Option<At<String>>,
    pub users: Option<At<Users>>,
    pub template: Option<At<String>>,
    pub constant: Option<At<String>>,
}

impl FieldText {
    /// Whether it is made here of what comes, and not shared at all.
    pub(crate) fn is_made(&self) -> bool {
        self.local.is_some() && (self.template.is_some() || self.constant.is_some())
    }
}

/// How people are found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    pub by: By,
    pub table: Vec<(At<String>, At<String>)>,
    pub default: Option<At<String>>,
}

/// One of `[types.statuses]`, or of a field's options.
#[derive(Clone, Debug)]
pub(crate) struct Several {
    pub alias: At<String>,
    /// The first is written, all are read.
    pub locals: Vec<At<String>>,
}

impl Direction {
    pub(crate) const WORDS: [&'static str; 4] = ["both", "send", "receive", "none"];

    pub(crate) fn read(word: &str) -> Option<Self> {
        Some(match word {
            "both" => Self::Both,
            "send" => Self::Send,
            "receive" => Self::Receive,
            "none" => Self::None,
            _ => return None,
        })
    }

    /// The word for ways, from a side's point of view.
    pub(crate) fn of(ways: Ways, side: Side) -> Self {
        match (ways.from_side(side), ways.from_side(side.other())) {
            (true, true) => Self::Both,
            (true, false) => Self::Send,
            (false, true) => Self::Receive,
            (false, false) => Self::None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Send => "send",
            Self::Receive => "receive",
            Self::None => "none",
        }
    }

    pub(crate) fn ways(self, side: Side) -> Ways {
        let (sends, receives) = (self.sends(), self.receives());
        match side {
            Side::Primary => Ways { to_primary: receives, to_secondary: sends },
            Side::Secondary => Ways { to_primary: sends, to_secondary: receives },
        }
    }

    pub(crate) fn sends(self) -> bool {
        matches!(self, Self::Both | Self::Send)
    }

    pub(crate) fn receives(self) -> bool {
        matches!(self, Self::Both | Self::Receive)
    }
}
