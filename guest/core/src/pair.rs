//! Pairs: a local issue and its counterpart, and the rules by which they move.
//!
//! Everything here is a pure function of records; the steps of the engine
//! read and write them.

mod conflict;
mod held;
mod items;
mod keys;
mod merge;
mod origin;
mod print;
mod record;
mod rules;

pub use conflict::Conflict;
pub use held::{Counted, Held, Tempo};
pub use items::{Copy, ItemKind, ItemName, Ours, Wanted};
pub use keys::{change_key, creation_key, is_issue_of, item_key, item_keys, pair_id};
pub use merge::{Lost, decide, merge, merge_set, overlay};
pub use origin::{EARLIER, Earlier, Past};
pub use print::{Print, print_parts, print_raw};
pub use record::{ISSUE, Intent, LocalIssue, Pair, Parked, ParkedValue, Scan, Seen, Sweep, Tally, parked_id};
pub use rules::{Observation, OutOfStep, Rules, promote, same, settle_ours};

#[cfg(test)]
mod tests;
