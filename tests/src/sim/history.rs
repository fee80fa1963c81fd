//! What people did, as they would remember it.

use std::collections::{BTreeMap, BTreeSet};

use ferry_core::ids::IssueId;
use ferry_core::pair::ItemName;

use super::step::{End, Part};

/// A value that somebody wrote; no other edit ever wrote the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub end: End,
    /// Into which issue of that tracker.
    pub issue: IssueId,
    /// Into which field.
    pub part: Part,
    /// What.
    pub value: String,
    /// What they saw there before.
    pub replaced: String,
}

/// What people did.
#[derive(Debug, Default)]
pub struct History {
    /// Values that were written, in order.
    pub written: Vec<Written>,
    /// Copies of the partner's comments and attachments that somebody deleted.
    pub copies_deleted: BTreeSet<(End, IssueId, ItemName)>,
    /// Whether somebody ever took comments or attachments out of scope.
    pub items_left_scope: bool,
    /// Whether a tracker was put back to an earlier state.
    pub tracker_restored: bool,
    /// Whether somebody ever took points out of scope.
    pub points_left_scope: bool,
    /// Who last put a label on an issue, or took it off, at each end.
    pub labelled: BTreeMap<(IssueId, String, End), bool>,
    words: u32,
}

impl History {
    /// A number that no value had before.
    pub fn word(&mut self) -> u32 {
        self.words += 1;
        self.words
    }
}
