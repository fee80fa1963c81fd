//! The phrase that two people compare by telephone.

use super::words::WORDS;
use crate::digest::of_parts;
use crate::ids::{Fingerprint, SyncId};

/// What both sides show, the same where both hold the same certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Eight words, for people: 64 bits.
    pub words: String,
    /// The same bits in four groups of five digits, for machines.
    pub digits: String,
}

/// The phrase of two certificates and a synchronization.
pub fn phrase(sync: &SyncId, primary: &Fingerprint, secondary: &Fingerprint) -> Phrase {
    let digest = of_parts(&[b"ferry phrase 1", &sync.0, &primary.0, &secondary.0]);
    let bits = || digest.0.iter().take(8);
    let words: Vec<&str> = bits().filter_map(|byte| WORDS.get(usize::from(*byte)).copied()).collect();
    let number = bits().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let digits = format!("{number:020}");
    let groups: Vec<&str> = (0..4).filter_map(|group| digits.get(group * 5..group * 5 + 5)).collect();
    Phrase { words: words.join(" "), digits: groups.join(" ") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_words_are_distinct_short_and_plain() {
        let all: BTreeSet<&str> = WORDS.into_iter().collect();
        assert_eq!(all.len(), 256);
        assert!(WORDS.iter().all(|word| (3..=7).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())));
        let starts: BTreeSet<&str> = WORDS.iter().map(|word| &word[..word.len().min(4)]).collect();
        assert_eq!(starts.len(), 256, "two words begin alike");
    }

    #[test]
    fn the_phrase_depends_on_everything_it_is_for() {
        let (sync, a, b) = (SyncId([1; 16]), Fingerprint([2; 32]), Fingerprint([3; 32]));
        let phrase_here = phrase(&sync, &a, &b);
        assert_eq!(phrase_here.words.split(' ').count(), 8);
        assert_eq!(phrase_here.digits.len(), 23);
        assert_ne!(phrase_here, phrase(&sync, &b, &a));
        assert_ne!(phrase_here, phrase(&SyncId([4; 16]), &a, &b));
    }
}
