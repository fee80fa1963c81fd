//! The rules on two sides with a channel that keeps order, and a tracker that
//! shows what is written to it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeSet, VecDeque};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

use super::*;
use crate::ids::Alias;
use crate::scope::{Policy, Side};
use crate::shared::{Shared, View};

const FIELDS: [&str; 2] = ["summary", "labels"];

/// One side of a small world: its pair, its tracker, what is on its way to it.
struct End {
    rules: Rules,
    pair: Pair,
    tracker: View,
    inbox: VecDeque<Message>,
    lost: Vec<Lost>,
}

#[derive(Clone)]
enum Message {
    Change(u64, View),
    Outcome(u64),
}

impl End {
    fn new(side: Side, origin: Side) -> Self {
        let rules = Rules { side, policy: Policy::PrimaryWins };
        let pair = Pair::new(origin, 1);
        Self { rules, pair, tracker: View::new(), inbox: VecDeque::new(), lost: Vec::new() }
    }

    fn edit(&mut self, field: &str, value: Shared) {
        self.tracker.insert(Alias::from(field), value);
    }

    fn pull(&mut self, other: &mut Self) {
        for field in FIELDS {
            let alias = Alias::from(field);
            let shown = self.tracker.get(&alias).cloned().unwrap_or(Shared::Absent);
            let raw = print_parts(&[shown.to_text().as_bytes()]);
            let observation = Observation { alias, raw, shown: Some(shown), sends: true };
            self.lost.extend(self.rules.observe(&mut self.pair, &observation));
        }
        self.promote(other);
    }

    fn promote(&mut self, other: &mut Self) {
        if let Some(change) = promote(&mut self.pair, |_| true) {
            other.inbox.push_back(Message::Change(self.pair.version, change));
        }
    }

    fn receive(&mut self, other: &mut Self) {
        match self.inbox.pop_front() {
            Some(Message::Change(base, fields)) => {
                self.lost.extend(self.rules.receive(&mut self.pair, base, fields).expect("in step"));
                other.inbox.push_back(Message::Outcome(self.pair.version));
                self.promote(other);
            }
            Some(Message::Outcome(settled)) if settle_ours(&mut self.pair, settled) => self.promote(other),
            Some(Message::Outcome(_)) | None => {}
        }
    }

    /// As apply does: only after a pull found the tracker as it was seen.
    fn apply(&mut self, other: &mut Self) {
        self.pull(other);
        let due: Vec<Alias> = self.pair.due_fields().cloned().collect();
        for alias in due {
            let target = self.pair.target(&alias).clone();
            let raw = print_parts(&[target.to_text().as_bytes()]);
            let shown = Print::of(&target);
            self.tracker.insert(alias.clone(), target);
            self.pair.seen.insert(alias, Seen { raw, shown, unmapped: false });
        }
    }
}

fn labels(words: &[&str]) -> Shared {
    Shared::Labels(words.iter().map(|word| (*word).to_owned()).collect())
}

fn text(text: &str) -> Shared {
    Shared::Text(text.to_owned())
}

fn pair_of_ends() -> (End, End) {
    let (mut one, mut other) = (End::new(Side::Primary, Side::Primary), End::new(Side::Secondary, Side::Primary));
    one.edit("summary", text("first"));
    one.edit("labels", labels(&["a"]));
    one.pull(&mut other);
    rest(&mut one, &mut other);
    (one, other)
}

fn rest(one: &mut End, other: &mut End) -> usize {
    for round in 0..50 {
        let before = (one.pair.clone(), other.pair.clone());
        one.receive(other);
        other.receive(one);
        one.apply(other);
        other.apply(one);
        if (&one.pair, &other.pair) == (&before.0, &before.1) && one.inbox.is_empty() && other.inbox.is_empty() {
            return round;
        }
    }
    panic!("the two sides never came to rest: {:?} {:?}", one.pair, other.pair);
}

fn in_step(one: &End, other: &End) {
    assert_eq!(one.pair.version, other.pair.version);
    assert_eq!(one.pair.agreed, other.pair.agreed);
    for field in FIELDS {
        let alias = Alias::from(field);
        let shown = |end: &End| end.tracker.get(&alias).cloned().unwrap_or(Shared::Absent);
        assert!(same(&shown(one), &shown(other)), "{field}: {:?} {:?}", shown(one), shown(other));
        assert!(same(&shown(one), one.pair.target(&alias)));
    }
}

#[test]
fn an_issue_arrives_and_is_not_sent_back() {
    let (one, other) = pair_of_ends();
    in_step(&one, &other);
    assert_eq!(other.tracker[&Alias::from("summary")], text("first"));
    assert_eq!(one.pair.version, 1);
    assert!(other.pair.unsettled.is_none() && other.pair.waiting.is_empty());
}

#[test]
fn on_a_conflict_the_primary_wins_alike_on_both_sides_and_the_loser_is_recorded() {
    let (mut one, mut other) = pair_of_ends();
    one.edit("summary", text("ours"));
    other.edit("summary", text("theirs"));
    one.pull(&mut other);
    other.pull(&mut one);
    rest(&mut one, &mut other);
    in_step(&one, &other);
    assert_eq!(other.tracker[&Alias::from("summary")], text("ours"));
    assert_eq!(one.lost.len(), 1);
    assert_eq!(one.lost[0].lost, text("theirs"));
    assert_eq!(one.lost, other.lost);
}

#[test]
fn sets_merge_by_additions_and_removals() {
    let (mut one, mut other) = pair_of_ends();
    one.edit("labels", labels(&["a", "b"]));
    other.edit("labels", labels(&["c"]));
    one.pull(&mut other);
    other.pull(&mut one);
    rest(&mut one, &mut other);
    in_step(&one, &other);
    assert_eq!(one.tracker[&Alias::from("labels")], labels(&["b", "c"]));
}

#[test]
fn edits_made_while_one_is_on_its_way_wait_and_arrive() {
    let (mut one, mut other) = pair_of_ends();
    one.edit("summary", text("second"));
    one.pull(&mut other);
    one.edit("summary", text("third"));
    one.pull(&mut other);
    assert_eq!(other.inbox.len(), 1, "at most one change is unsettled");
    rest(&mut one, &mut other);
    in_step(&one, &other);
    assert_eq!(other.tracker[&Alias::from("summary")], text("third"));
}

#[test]
fn what_is_parked_neither_bounces_nor_comes_back_until_its_value_changes() {
    let (mut one, mut other) = pair_of_ends();
    let alias = Alias::from("summary");
    let parked = ParkedValue { value: Some(Print::of(&text("refused"))), skipped: false };
    other.pair.parked.insert(alias.clone(), parked);
    one.edit("summary", text("refused"));
    one.pull(&mut other);
    rest(&mut one, &mut other);
    assert_eq!(one.pair.agreed, other.pair.agreed);
    assert_eq!(other.tracker[&alias], text("first"));
    one.edit("summary", text("fine"));
    one.pull(&mut other);
    rest(&mut one, &mut other);
    in_step(&one, &other);
    assert!(other.pair.parked.is_empty());
}

#[test]
fn a_person_wins_over_a_parked_value_which_is_recorded() {
    let (mut one, mut other) = pair_of_ends();
    let alias = Alias::from("summary");
    other.pair.parked.insert(alias.clone(), ParkedValue { value: Some(Print::of(&text("x"))), skipped: false });
    one.edit("summary", text("x"));
    one.pull(&mut other);
    rest(&mut one, &mut other);
    other.edit("summary", text("by hand"));
    other.pull(&mut one);
    rest(&mut one, &mut other);
    in_step(&one, &other);
    assert_eq!(one.tracker[&alias], text("by hand"));
    assert_eq!(other.lost[0].lost, text("x"));
}

#[test]
fn a_change_that_skips_a_version_is_refused_and_changes_nothing() {
    let (mut one, _) = pair_of_ends();
    let before = one.pair.clone();
    let fault = one.rules.receive(&mut one.pair, 7, View::new()).unwrap_err();
    assert_eq!(fault, OutOfStep { theirs: 7, ours: 1 });
    assert_eq!(one.pair, before);
}

/// Every value a person wrote survives, was replaced by a later edit of the
/// same tracker, or is recorded as lost; and the two sides come to rest alike.
#[test]
fn any_interleaving_of_edits_comes_to_rest_alike_with_no_edit_lost_silently() {
    for seed in 0..3_000 {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let (mut one, mut other) = pair_of_ends();
        let mut written: Vec<(usize, Shared)> = Vec::new();
        for step in 0..24 {
            let (left, right) =
                if random.next_u32() % 2 == 0 { (&mut one, &mut other) } else { (&mut other, &mut one) };
            match random.next_u32() % 5 {
                0 => {
                    let value = text(&format!("edit {step}"));
                    left.edit("summary", value.clone());
                    left.pull(right);
                    written.push((usize::from(left.rules.side == Side::Secondary), value));
                }
                1 => {
                    let word = ["a", "b", "c"][(random.next_u32() % 3) as usize];
                    let alias = Alias::from("labels");
                    let mut set = match left.tracker.get(&alias) {
                        Some(Shared::Labels(set)) => set.clone(),
                        _ => BTreeSet::new(),
                    };
                    if !set.remove(word) {
                        set.insert(word.to_owned());
                    }
                    left.edit("labels", Shared::Labels(set));
                }
                2 => left.receive(right),
                3 => left.pull(right),
                _ => left.apply(right),
            }
        }
        rest(&mut one, &mut other);
        in_step(&one, &other);
        let last = one.tracker[&Alias::from("summary")].clone();
        for end in [0, 1] {
            let Some((_, value)) = written.iter().rev().find(|(by, _)| *by == end) else { continue };
            let recorded = one.lost.iter().chain(&other.lost).any(|lost| lost.lost == *value);
            let superseded = written.iter().any(|(by, later)| *by != end && *later == last);
            assert!(*value == last || recorded || superseded, "seed {seed}: {value:?} vanished");
        }
    }
}
