//! `make sim`, `make sim SEED=…`, `make soak`: plays worlds by their seeds, on
//! all cores, and says what was seen.

// A program of tests may stop at what can't be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use ferry_tests::sim::{Failure, Outcome, Plan, Tally, play, shrink};

/// Failing seeds after which no more are looked for.
const FAILURES_MAX: usize = 5;

/// What was asked for.
struct Asked {
    first: u64,
    count: u64,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let asked = match asked() {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!("sim: {wrong}\nusage: sim [--seed SEED | --seeds COUNT [--from SEED]]");
            return ExitCode::from(2);
        }
    };
    let began = Instant::now();
    let (next, failed, tallies) = (AtomicU64::new(0), Mutex::new(BTreeMap::new()), Mutex::new(Tally::default()));
    let work = || {
        let mut tally = Tally::default();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= asked.count || failed.lock().unwrap().len() >= FAILURES_MAX {
                break;
            }
            let seed = asked.first + place;
            let outcome = twice(&Plan::draw(seed));
            add(&mut tally, &outcome.tally);
            if let Some(failure) = outcome.failure {
                failed.lock().unwrap().insert(seed, failure);
            }
        }
        add(&mut tallies.lock().unwrap(), &tally);
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner().unwrap();
    report(&asked, &failed, &tallies.into_inner().unwrap(), began.elapsed().as_secs_f64());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked { first: 0, count: 20_000 };
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        let value = value.ok_or_else(|| format!("{option} wants a number"))?;
        match option.as_str() {
            "--seed" => asked = Asked { first: value, count: 1 },
            "--seeds" => asked.count = value,
            "--from" => asked.first = value,
            _ => return Err(format!("there is no option {option}")),
        }
    }
    Ok(asked)
}

/// Every world is played twice: what depends on anything but its seed is seen.
fn twice(plan: &Plan) -> Outcome {
    let mut outcome = play(plan);
    if outcome.failure.is_none() && play(plan).digest != outcome.digest {
        let what = "the same plan gave other bytes the second time".to_owned();
        outcome.failure = Some(Failure { check: "I14 determinism", what, step: None });
    }
    outcome
}

fn add(sum: &mut Tally, tally: &Tally) {
    sum.ms += tally.ms;
    sum.messages += tally.messages;
    for (kind, count) in &tally.faults {
        *sum.faults.entry(kind).or_default() += count;
    }
}

fn report(asked: &Asked, failed: &BTreeMap<u64, Failure>, tally: &Tally, seconds: f64) {
    for (seed, failure) in failed {
        let small = shrink(&Plan::draw(*seed), failure);
        let seen = play(&small).failure.unwrap_or_else(|| failure.clone());
        println!("\nseed {seed}: {}: {}", seen.check, seen.what);
        println!("  make sim SEED={seed}    plays it again; {} steps show it:", small.steps.len());
        println!("  {:?}", small.options);
        small.steps.iter().for_each(|step| println!("  {step:?}"));
    }
    let hours = tally.ms / 3_600_000;
    println!(
        "\n{} seeds from {}, {hours} simulated hours, {} messages, {seconds:.0} s",
        asked.count, asked.first, tally.messages
    );
    tally.faults.iter().for_each(|(kind, count)| println!("  {count:>8} {kind}"));
    match failed.len() {
        0 => println!("nothing lost, nothing doubled, nothing leaked"),
        count => println!("{count} failed"),
    }
}
