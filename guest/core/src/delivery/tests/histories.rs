//! Random histories: whatever the channel does, every message arrives once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::delivery::ranges::{self, Refused, Span};
use crate::delivery::trial::Pair;
use crate::digest::of;
use crate::ids::{Chain, Digest, ParcelName};
use crate::limits::RESEND_MS_MAX;
use crate::tables;

/// What happens in a world.
#[derive(Clone, Copy, Debug)]
enum Event {
    SayHere,
    SayThere,
    TickHere,
    TickThere,
    /// A crash at a commit of the next tick, with or without its effect.
    CrashHere(u32, bool),
    CrashThere(u32, bool),
    LoseThere(usize),
    LoseBack(usize),
    DamageThere(usize),
    /// A parcel that once lay there comes again.
    RepeatThere(usize),
    RepeatBack(usize),
    Pass(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::SayHere),
        2 => Just(Event::SayThere),
        4 => Just(Event::TickHere),
        4 => Just(Event::TickThere),
        1 => (0..4u32, any::<bool>()).prop_map(|(at, happens)| Event::CrashHere(at, happens)),
        1 => (0..4u32, any::<bool>()).prop_map(|(at, happens)| Event::CrashThere(at, happens)),
        1 => (0..8usize).prop_map(Event::LoseThere),
        1 => (0..8usize).prop_map(Event::LoseBack),
        1 => (0..8usize).prop_map(Event::DamageThere),
        1 => (0..32usize).prop_map(Event::RepeatThere),
        1 => (0..32usize).prop_map(Event::RepeatBack),
        2 => (1..100_000u64).prop_map(Event::Pass),
    ]
}

type Past = BTreeMap<ParcelName, (Vec<u8>, bool)>;

struct World {
    pair: Pair,
    said: (Vec<String>, Vec<String>),
    past: (Past, Past),
}

impl World {
    fn happen(&mut self, event: Event) {
        let pair = &self.pair;
        let (there, back) = (&pair.primary.channel.sends, &pair.secondary.channel.sends);
        self.past.0.extend(there.borrow().files.clone());
        self.past.1.extend(back.borrow().files.clone());
        let nth = |files: &Past, at: usize| files.keys().nth(at).cloned();
        match event {
            Event::SayHere => {
                let word = format!("here {}", self.said.0.len());
                pair.primary.say(&[&word]);
                self.said.0.push(word);
            }
            Event::SayThere => {
                let word = format!("there {}", self.said.1.len());
                pair.secondary.say(&[&word]);
                self.said.1.push(word);
            }
            Event::TickHere => drop(pair.primary.tick()),
            Event::TickThere => drop(pair.secondary.tick()),
            Event::CrashHere(at, happens) => {
                pair.primary.store.fail.set(Some((at, happens)));
                let _ = pair.primary.tick();
                pair.primary.store.fail.set(None);
            }
            Event::CrashThere(at, happens) => {
                pair.secondary.store.fail.set(Some((at, happens)));
                let _ = pair.secondary.tick();
                pair.secondary.store.fail.set(None);
            }
            Event::LoseThere(at) => {
                let name = nth(&there.borrow().files, at);
                name.and_then(|name| there.borrow_mut().files.remove(&name));
            }
            Event::LoseBack(at) => {
                let name = nth(&back.borrow().files, at);
                name.and_then(|name| back.borrow_mut().files.remove(&name));
            }
            Event::DamageThere(at) => {
                let name = nth(&there.borrow().files, at);
                if let Some((bytes, _)) = name.and_then(|name| there.borrow_mut().files.get_mut(&name).cloned()) {
                    let mut damaged = bytes;
                    damaged[3] ^= 1;
                    let name = nth(&there.borrow().files, at).unwrap();
                    there.borrow_mut().files.insert(name, (damaged, true));
                }
            }
            Event::RepeatThere(at) => {
                if let Some(name) = nth(&self.past.0, at) {
                    there.borrow_mut().files.insert(name.clone(), self.past.0[&name].clone());
                }
            }
            Event::RepeatBack(at) => {
                if let Some(name) = nth(&self.past.1, at) {
                    back.borrow_mut().files.insert(name.clone(), self.past.1[&name].clone());
                }
            }
            Event::Pass(ms) => pair.pass(ms),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_channel_does_every_message_arrives_once(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World { pair: Pair::connected(), said: Default::default(), past: Default::default() };
        for event in events {
            world.happen(event);
        }
        for _ in 0..6 {
            world.pair.pass(2 * RESEND_MS_MAX);
            world.pair.settle(2);
        }
        let pair = &world.pair;
        prop_assert_eq!(pair.secondary.heard(), world.said.0);
        prop_assert_eq!(pair.primary.heard(), world.said.1);
        for home in [&pair.primary, &pair.secondary] {
            let state = home.state();
            prop_assert!(state.connected() && state.reason.contains("compare"), "{}", state.reason);
            prop_assert_eq!(home.draft().scan(&tables::OUTBOX, None, 9).unwrap(), vec![]);
            prop_assert!(home.draft().scan(&tables::PARCELS, None, 9).unwrap().len() <= 1);
        }
        prop_assert!(pair.there().len() <= 1 && pair.back().len() <= 1, "files are left lying");
    }

    #[test]
    fn ranges_hold_exactly_what_was_taken(takes in prop::collection::vec((1..40u64, 1..12u64), 1..40)) {
        let digests: Vec<Digest> = (0..60u64).map(|number| of(&number.to_be_bytes())).collect();
        let chain =
            |until: u64| digests[1..=until as usize].iter().fold(Chain::START, |chain, digest| chain.then(*digest));
        let mut spans: Vec<Span> = Vec::new();
        let mut held = std::collections::BTreeSet::new();
        for (first, count) in takes {
            let of_them = &digests[first as usize..(first + count) as usize];
            let fresh = ranges::take(&mut spans, first, chain(first - 1), of_them).unwrap();
            let expected: Vec<usize> =
                (first..first + count).enumerate().filter(|(_, n)| !held.contains(n)).map(|(at, _)| at).collect();
            prop_assert_eq!(fresh, expected);
            held.extend(first..first + count);
            let numbers = ranges::numbers(&spans);
            prop_assert!(ranges::well_formed(&numbers));
            prop_assert_eq!(ranges::count(&numbers), held.len() as u64);
            prop_assert!((1..60).all(|n| ranges::covers(&numbers, n, n) == held.contains(&n)));
            let chained = |span: &Span| span.before == chain(span.first - 1) && span.after == chain(span.last);
            prop_assert!(spans.iter().all(chained));
        }
    }
}

#[test]
fn another_history_is_never_taken() {
    let digest = |number: u64| of(&number.to_be_bytes());
    let mut spans = Vec::new();
    let one = Chain::START.then(digest(1));
    ranges::take(&mut spans, 1, Chain::START, &[digest(1)]).unwrap();
    ranges::take(&mut spans, 3, one.then(digest(2)), &[digest(3)]).unwrap();
    let before = spans.clone();
    let refused = |spans: &mut Vec<Span>, first, chain, digests: &[Digest]| {
        assert_eq!(ranges::take(spans, first, chain, digests), Err(Refused::ChainDiffers));
    };
    refused(&mut spans, 1, Chain::START, &[digest(9)]);
    refused(&mut spans, 2, Chain::START, &[digest(2)]);
    refused(&mut spans, 2, one, &[digest(9)]);
    refused(&mut spans, 1, one, &[digest(1)]);
    assert_eq!(spans, before);
    ranges::take(&mut spans, 2, one, &[digest(2)]).unwrap();
    assert_eq!(ranges::numbers(&spans), [(1, 3)]);
}

#[test]
fn more_gaps_than_are_kept_leave_the_parcel_where_it_is() {
    let mut spans = Vec::new();
    for at in 0..crate::limits::RANGES_MAX as u64 {
        ranges::take(&mut spans, 2 + 2 * at, Chain::START, &[of(b"x")]).unwrap();
    }
    assert_eq!(ranges::take(&mut spans, 9_000, Chain::START, &[of(b"x")]), Err(Refused::TooMany));
    assert_eq!(spans.len(), crate::limits::RANGES_MAX);
}
