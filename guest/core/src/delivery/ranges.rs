//! Exact receipt: which numbers came, and the chain on both ends of every run
//! of them. Pure, so that an exhaustive search can drive it.

use serde::{Deserialize, Serialize};

use crate::ids::{Chain, Digest};
use crate::limits::RANGES_MAX;
use crate::planted::{Bug, planted};

/// A run of received numbers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// The chain before the first, as its sender says.
    pub before: Chain,
    /// The chain after the last.
    pub after: Chain,
}

/// Why messages can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// They belong to another history than what came before.
    #[error("its messages belong to another history than those received before")]
    ChainDiffers,
    /// There would be more runs than are kept; it stays on the channel.
    #[error("too many gaps are open already")]
    TooMany,
}

/// Takes consecutive messages: the first number, the chain before it, and the
/// digest of each. Answers which of them are new, by their place from 0, and
/// leaves `spans` untouched where it refuses.
///
/// # Errors
/// `ChainDiffers`, `TooMany`.
pub fn take(spans: &mut Vec<Span>, first: u64, before: Chain, digests: &[Digest]) -> Result<Vec<usize>, Refused> {
    let mut runs: Vec<Span> = Vec::new();
    let mut fresh = Vec::new();
    let mut chain = before;
    for (place, (number, digest)) in (first..).zip(digests).enumerate() {
        let next = chain.then(*digest);
        let at = spans.partition_point(|span| span.last < number);
        match spans.get(at).filter(|span| span.first <= number) {
            Some(span) => {
                let differs =
                    (span.first == number && span.before != chain) || (span.last == number && span.after != next);
                if differs && !planted(Bug::ChainIgnored) {
                    return Err(Refused::ChainDiffers);
                }
            }
            None => {
                fresh.push(place);
                match runs.last_mut().filter(|run| run.last + 1 == number) {
                    Some(run) => (run.last, run.after) = (number, next),
                    None => runs.push(Span { first: number, last: number, before: chain, after: next }),
                }
            }
        }
        chain = next;
    }
    if !runs.is_empty() {
        *spans = joined(spans, runs)?;
    }
    Ok(fresh)
}

fn joined(spans: &[Span], runs: Vec<Span>) -> Result<Vec<Span>, Refused> {
    let mut all: Vec<Span> = spans.iter().copied().chain(runs).collect();
    all.sort_unstable_by_key(|span| span.first);
    let mut result: Vec<Span> = Vec::with_capacity(all.len());
    for span in all {
        match result.last_mut().filter(|last| last.last + 1 == span.first) {
            Some(last) if last.after != span.before && !planted(Bug::ChainIgnored) => {
                return Err(Refused::ChainDiffers);
            }
            Some(last) => (last.last, last.after) = (span.last, span.after),
            None if span.first == 1 && span.before != Chain::START => return Err(Refused::ChainDiffers),
            None => result.push(span),
        }
    }
    if result.len() > RANGES_MAX { Err(Refused::TooMany) } else { Ok(result) }
}

/// The numbers of the spans, as a position says them.
pub fn numbers(spans: &[Span]) -> Vec<(u64, u64)> {
    if planted(Bug::HighWaterMark) {
        return spans.last().map(|span| (1, span.last)).into_iter().collect();
    }
    spans.iter().map(|span| (span.first, span.last)).collect()
}

/// The chain at the end of the first span where that begins at 1.
pub fn chain(spans: &[Span]) -> Chain {
    if planted(Bug::HighWaterMark) {
        return spans.last().map_or(Chain::START, |span| span.after);
    }
    spans.first().filter(|span| span.first == 1).map_or(Chain::START, |span| span.after)
}

/// Whether ranges are as a position has them: from 1, ascending, not touching,
/// not too many.
pub fn well_formed(ranges: &[(u64, u64)]) -> bool {
    let mut free = 1;
    ranges.len() <= RANGES_MAX
        && ranges.iter().all(|&(first, last)| {
            let fine = first >= free && first <= last && last < u64::MAX - 1;
            free = last.saturating_add(2);
            fine
        })
}

/// Whether the ranges hold all numbers from the first to the last.
pub fn covers(ranges: &[(u64, u64)], first: u64, last: u64) -> bool {
    let at = ranges.partition_point(|range| range.1 < first);
    ranges.get(at).is_some_and(|range| range.0 <= first && last <= range.1)
}

/// How many numbers the ranges hold.
pub fn count(ranges: &[(u64, u64)]) -> u64 {
    ranges
        .iter()
        .fold(0, |count: u64, (first, last)| count.saturating_add(last.saturating_sub(*first)).saturating_add(1))
}
