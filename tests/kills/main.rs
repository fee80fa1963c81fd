//! `make kills`: processes die until so many changes are through.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (changes, seed) = match (numbers.next().unwrap_or(Ok(10_000)), numbers.next().unwrap_or(Ok(1))) {
        (Ok(changes), Ok(seed)) => (changes, seed),
        _ => {
            eprintln!("usage: kills [CHANGES [SEED]]");
            return ExitCode::from(2);
        }
    };
    let place = std::env::temp_dir().join(format!("ferry-kills-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir(&place) {
        eprintln!("{}: {error}", place.display());
        return ExitCode::FAILURE;
    }
    let report = ferry_tests::kills::run(&place, seed, changes);
    print!("{report}");
    if !report.lost.is_empty() || !report.doubled.is_empty() {
        println!("{} holds everything as it was left", place.display());
        return ExitCode::FAILURE;
    }
    // What can't be removed is in nobody's way.
    std::fs::remove_dir_all(&place).ok();
    ExitCode::SUCCESS
}
