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

use ferry_core::planted::Bug;
use ferry_tests::sim::{Failure, Plan, Tally, hunt, play, shrink, tell, twice};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Failing seeds after which no more are looked for.
const FAILURES_MAX: usize = 5;

/// One world in so many is played twice, and must give the same bytes.
const TWICE: u64 = 32;

/// What was asked for.
struct Asked {
    first: u64,
    count: u64,
    /// One plan alone, told step by step.
    plan: Option<Plan>,
    /// Bugs to be planted, one after the other.
    planted: Vec<Bug>,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let asked = match asked() {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!(
                "sim: {wrong}\nusage: sim [--plan FILE | --seed SEED | --seeds COUNT [--from SEED]] [--planted BUG]"
            );
            return ExitCode::from(2);
        }
    };
    if !asked.planted.is_empty() {
        return planted(&asked);
    }
    if let Some(plan) = &asked.plan {
        return match tell(plan).failure {
            None => ExitCode::SUCCESS,
            Some(failure) => {
                println!("{}: {}", failure.check, failure.what);
                ExitCode::FAILURE
            }
        };
    }
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
            let plan = Plan::draw(seed);
            let outcome = if seed.is_multiple_of(TWICE) { twice(&plan) } else { play(&plan) };
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
    let mut asked = Asked { first: 0, count: 20_000, plan: None, planted: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{option} wants a value"))?;
        let number = || value.parse().map_err(|_| format!("{option} wants a number, not {value}"));
        match option.as_str() {
            "--seed" => (asked.first, asked.count) = (number()?, 1),
            "--seeds" => asked.count = number()?,
            "--from" => asked.first = number()?,
            "--plan" => {
                let file = std::fs::read(&value).map_err(|error| format!("{value}: {error}"))?;
                let plan = serde_json::from_slice(&file).map_err(|error| format!("{value} is no plan: {error}"))?;
                asked.plan = Some(plan);
            }
            "--planted" => {
                // Those of the handshake show in the exhaustive search.
                let all = |bug: &Bug| value == "all" && !bug.is_of_the_handshake();
                let named = |bug: &Bug| value == format!("{bug:?}");
                asked.planted = Bug::ALL.iter().copied().filter(|bug| all(bug) || named(bug)).collect();
                if asked.planted.is_empty() {
                    return Err(format!("there is no bug {value}; all of them: {:?}", Bug::ALL));
                }
            }
            _ => return Err(format!("there is no option {option}")),
        }
    }
    Ok(asked)
}

/// Says by which seed and which checker each bug is found.
fn planted(asked: &Asked) -> ExitCode {
    let mut missed = 0;
    for bug in &asked.planted {
        match hunt(*bug, asked.first..asked.first + asked.count) {
            Some((plan, failure)) => println!("{bug:?}: {plan}: {}: {}", failure.check, failure.what),
            None => {
                missed += 1;
                println!("{bug:?}: NOT FOUND by {} seeds", asked.count);
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
        let file = format!("target/seed-{seed}.json");
        let written = std::fs::write(&file, serde_json::to_vec(&small).unwrap());
        written.map_or_else(|error| println!("  {file}: {error}"), |()| println!("  {file} is for tests/seeds"));
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
