//! A process may die between any two calls to the outside; what comes of it is
//! as if it hadn't.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io::Write as _;

use ferry_core::ids::Alias;
use ferry_core::model::Value;
use ferry_core::pair::Pair;
use ferry_core::planted::{Bug, plant};
use ferry_core::shared::View;
use ferry_core::store::{Draft, Key, Table};
use ferry_core::{limits, tables};
use ferry_tests::road::{Shown, shown};
use ferry_tests::{Beginning, Call, Crashed, Point, Side, World};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A connected world with work for both sides in every step: new issues, an
/// edit, a conflict, a comment edited and another deleted, an attachment.
fn busy(connected: &Beginning) -> World {
    let world = World::two(1).go_on_from(connected);
    let (alice, bob) = (&world.alice().tracker, &world.bob().tracker);
    let issue = alice.person_creates("Leaks");
    let edited = alice.person_comments(&issue, "Ann", "It drips.");
    let deleted = alice.person_comments(&issue, "Ann", "It pours.");
    world.rest();
    let copy = bob.titled("Leaks").unwrap().id;
    alice.person_edits(&issue, "points", Value::Number("5".to_owned()));
    bob.person_edits(&copy, "points", Value::Number("8".to_owned()));
    bob.person_edits(&copy, "blocked", Value::Boolean(true));
    bob.person_comments(&copy, "Ben", "We bring a bucket.");
    alice.person_edits_comment(&issue, &edited, "It drips no more.");
    alice.person_deletes_comment(&issue, &deleted);
    alice.person_moves(&issue, "Closed");
    alice.person_creates("Smells");
    bob.person_creates("Squeaks");
    alice.person_attaches(&issue, "Ann", "photo", b"pixels");
    world
}

/// What a world has come to at rest.
struct Ended {
    /// What each tracker shows.
    shown: [BTreeMap<String, Shown>; 2],
    /// What each side holds as agreed, and at which version, by title.
    agreed: [BTreeMap<String, (u64, View)>; 2],
    /// What stands and what doesn't, of each conflict.
    conflicts: [BTreeSet<String>; 2],
    /// What each side has parked, has not carried out, sent, settled or tidied
    /// away.
    left: [Vec<(&'static str, usize)>; 2],
}

fn ended(world: &World) -> Ended {
    let sides = [world.alice(), world.bob()];
    Ended {
        shown: sides.map(|side| shown(&side.tracker)),
        agreed: sides.map(|side| {
            let pairs = all(side, &tables::PAIRS);
            let title = |pair: &Pair| format!("{:?}", pair.agreed.get(&Alias::from("title")));
            pairs.into_iter().map(|(_, pair)| (title(&pair), (pair.version, pair.agreed))).collect()
        }),
        conflicts: sides.map(|side| {
            let conflicts = all(side, &tables::CONFLICTS).into_iter();
            conflicts.map(|(_, it)| format!("{}: {:?}, not {:?}", it.alias, it.won, it.lost)).collect()
        }),
        left: sides.map(|side| {
            vec![
                ("parked", all(side, &tables::PARKED).len()),
                ("not sent or acknowledged", all(side, &tables::OUTBOX).len()),
                ("not settled", all(side, &tables::INBOX).len()),
                ("not shown by the tracker", all(side, &tables::UNAPPLIED).len()),
                ("being written", all(side, &tables::INTENTS).len()),
                ("refused", all(side, &tables::QUARANTINE).len()),
                ("parcels not moved aside", all(side, &tables::DISPOSALS).len()),
                ("blobs not removed", all(side, &tables::DISCARDS).len()),
                ("blobs", side.blobs.count()),
            ]
        }),
    }
}

/// All records of a table.
fn all<K: Key, V: Serialize + DeserializeOwned>(side: &Side, table: &Table<K, V>) -> Vec<(K, V)> {
    Draft::new(&*side.store).scan(table, None, u32::MAX).unwrap()
}

/// What dying everywhere came to, for one side.
#[derive(Default)]
struct Report {
    points: Vec<Point>,
    deaths: usize,
    again: usize,
    differences: Vec<String>,
}

impl Report {
    fn say(&self, who: &str) {
        let count = |after| {
            let mut calls: BTreeMap<Call, usize> = BTreeMap::new();
            let some = self.points.iter().filter(|point| point.after == after);
            some.for_each(|point| *calls.entry(point.call).or_default() += 1);
            let words: Vec<String> = calls.iter().map(|(call, count)| format!("{count} {call}")).collect();
            (words.join(", "), calls.get(&Call::Commit).copied().unwrap_or_default())
        };
        let ((before, commits), (after, _)) = (count(false), count(true));
        let (deaths, again, differences) = (self.deaths, self.again, self.differences.len());
        let text = format!(
            "CRASHED the {who}: before calls: {before}; after calls that change something: {after}\n\
             CRASHED the {who}: {deaths} deaths at {commits} commits and around, {again} more in the recovery, \
             {differences} differences\n",
        );
        // Also where the test's output is captured.
        std::io::stderr().write_all(text.as_bytes()).ok();
    }
}

/// Kills one side at every point of its work, and at one in so many points of
/// each recovery, where that is said; compares what comes of it with what comes
/// of never dying.
fn every_point(who: &str, side: fn(&World) -> &Side, share: Option<usize>) -> Report {
    // The partner has its say first, so that there is something to receive.
    let connected = World::connected(1).beginning();
    let begun = || {
        let world = busy(&connected);
        let other = if std::ptr::eq(side(&world), world.alice()) { world.bob() } else { world.alice() };
        other.run_once().unwrap();
        world
    };
    let undisturbed = begun();
    let victim = side(&undisturbed);
    let mut report = Report { points: victim.fuse.note(|| victim.run_once().unwrap()).1, ..Report::default() };
    come_to_rest(&undisturbed);
    undisturbed.assert_in_step();
    let expected = ended(&undisturbed);
    for n in 0..report.points.len() {
        let whence = format!("the {who} dead {}", place(&report.points, n));
        let die = |world: &World| {
            let died = side(world).fuse.crash_at(n as u64, || side(world).run_once().unwrap());
            assert_eq!(died, Err(Crashed), "{whence}: it had another life");
        };
        let world = begun();
        die(&world);
        report.deaths += 1;
        let victim = side(&world);
        let recovery = victim.fuse.note(|| victim.run_once().unwrap()).1;
        report.differences.extend(difference(&world, &expected, &whence));
        // Which ones changes with n, so that over all of them each is among them.
        let again = share.map(|share| (n % share..recovery.len()).step_by(share));
        for again in again.into_iter().flatten() {
            let world = begun();
            die(&world);
            let victim = side(&world);
            let died = victim.fuse.crash_at(again as u64, || victim.run_once().unwrap());
            assert_eq!(died, Err(Crashed), "{whence}: it recovers otherwise the second time");
            report.again += 1;
            let whence = format!("{whence}, and in the recovery {}", place(&recovery, again));
            report.differences.extend(difference(&world, &expected, &whence));
        }
    }
    report
}

fn is_as_if_it_had_not(who: &str, side: fn(&World) -> &Side) {
    let report = every_point(who, side, Some(share()));
    report.say(who);
    assert!(report.points.len() > 30 && report.again > 100, "the work is too small to show anything");
    assert!(report.differences.is_empty(), "{}", report.differences[0]);
}

/// One in so many points of a recovery, so that all deaths take seconds.
fn share() -> usize {
    let wanted = std::env::var("FERRY_CRASH_SHARE").ok().map(|share| share.parse().unwrap());
    wanted.unwrap_or(8)
}

/// The n-th point by its number and that of the commit.
fn place(points: &[Point], n: usize) -> String {
    let begun = |point: &&Point| point.call == Call::Commit && !point.after;
    let Point { call, after } = points[n];
    let when = if after { "after" } else { "before" };
    let commits = points[..n].iter().filter(begun).count();
    format!("at point {n}, {when} {call}, {commits} commits begun")
}

/// Answers how many rounds it took; then an hour passes, after which blobs are
/// gone that a process made and didn't live to speak of.
fn come_to_rest(world: &World) -> usize {
    let rounds = world.rest();
    world.clock.advance_ms(limits::SWEEP_MS);
    world.rest();
    rounds
}

fn difference(world: &World, expected: &Ended, whence: &str) -> Option<String> {
    let rounds = come_to_rest(world);
    if rounds > 12 {
        return Some(format!("{whence}: {rounds} rounds"));
    }
    let found = ended(world);
    let part = |what: &str, is: &dyn Debug, should: &dyn Debug| {
        let (is, should) = (format!("{is:?}"), format!("{should:?}"));
        (is != should).then(|| format!("{whence}: {what}: {is}\nwithout a death: {should}"))
    };
    part("the trackers", &found.shown, &expected.shown)
        .or_else(|| part("what is agreed", &found.agreed, &expected.agreed))
        .or_else(|| part("conflicts", &found.conflicts, &expected.conflicts))
        .or_else(|| part("what is left", &found.left, &expected.left))
}

#[test]
fn the_primary_may_die_anywhere_and_again_while_it_recovers() {
    is_as_if_it_had_not("primary", World::alice);
}

#[test]
fn the_secondary_may_die_anywhere_and_again_while_it_recovers() {
    is_as_if_it_had_not("secondary", World::bob);
}

#[test]
fn a_process_that_does_things_in_the_wrong_order_is_noticed() {
    for bug in [Bug::RangesBeforeMessages, Bug::CursorFirst, Bug::SeenFirst] {
        plant(Some(bug));
        let report = every_point("secondary", World::bob, None);
        plant(None);
        assert!(!report.differences.is_empty(), "{bug:?} makes no difference after {} deaths", report.deaths);
    }
}

#[test]
fn the_handshake_may_be_cut_anywhere() {
    let handshaken = |n: u64, alices: bool| {
        let world = World::two(1);
        let file = world.alice().engine(|engine| engine.create(&ferry_tests::road::wanted())).unwrap();
        world.bob().engine(|engine| engine.join(&file, None)).unwrap();
        let victim = if alices { world.alice() } else { world.bob() };
        let mut died = false;
        for _ in 0..3 {
            for side in [world.bob(), world.alice()] {
                if std::ptr::eq(side, victim) && !died {
                    died = side.fuse.crash_at(n, || side.run_once().unwrap()).is_err();
                } else {
                    side.run_once().unwrap();
                }
            }
        }
        world.rest();
        for side in [world.alice(), world.bob()] {
            let state = side.engine(|engine| engine.overview()).unwrap().state;
            assert_eq!(state.connection, ferry_core::state::Connection::Passed, "dead at point {n}: {}", state.reason);
        }
        died
    };
    for alices in [true, false] {
        let points = (0..).take_while(|n| handshaken(*n, alices)).count();
        assert!(points > 5, "only {points} points");
    }
}
