//! `make search`: explores small worlds completely, and says how large they
//! are. `--planted` shows how each bug of delivery and handshake is found.

use std::process::ExitCode;
use std::time::Instant;

use ferry_core::planted::Bug;
use ferry_tests::search::{Found, LARGE, SMALL, World, hunt};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    match asked.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => explore(&SMALL.iter().chain(LARGE).collect::<Vec<_>>()),
        ["--small"] => explore(&SMALL.iter().collect::<Vec<_>>()),
        ["--planted"] => planted(),
        _ => {
            eprintln!("usage: search [--small | --planted]");
            ExitCode::from(2)
        }
    }
}

fn explore(worlds: &[&World]) -> ExitCode {
    let mut wrong = false;
    for world in worlds {
        let began = Instant::now();
        match world.explore() {
            Ok(extent) => println!(
                "{}: {} states, {} steps between them, depth {}, {:.1} s",
                world.name,
                extent.states,
                extent.steps,
                extent.depth,
                began.elapsed().as_secs_f64()
            ),
            Err(found) => {
                wrong = true;
                show(world, &found);
            }
        }
    }
    ExitCode::from(u8::from(wrong))
}

fn planted() -> ExitCode {
    let mut missed = false;
    for bug in Bug::ALL.iter().filter(|bug| bug.is_of_delivery() || bug.is_of_the_handshake()) {
        println!("{}", bug.words());
        match hunt(*bug) {
            Some((world, found)) => show(world, &found),
            None => {
                missed = true;
                println!("  not found");
            }
        }
    }
    ExitCode::from(u8::from(missed))
}

fn show(world: &World, found: &Found) {
    println!("{}: {}: {}; {} steps show it:", world.name, found.property, found.what, found.way.len());
    found.way.iter().for_each(|step| println!("  {step}"));
}
