//! `ferry run`.

use std::io::IsTerminal;
use std::sync::Arc;

use clap::Args;
use ferry::Host;
use ferry::request::{Answer, Failure, Request, Round};
use ferry::schedule::{self, Stop};
use ferry::settings::Name;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Keep synchronizations going
///
/// Runs until it is told to end (Ctrl-C, SIGTERM), and ends once the work
/// under way is done; a second Ctrl-C ends it at once. All other commands work
/// beside it. It may be killed at any time: the next run goes on.
///
/// With --once it does what there is to do, and ends: for cron.
#[derive(Debug, Args)]
pub struct Run {
    /// The synchronizations [default: all of them, also those created later]
    names: Vec<Name>,
    /// End as soon as nothing is left to do
    #[arg(long)]
    once: bool,
}

impl Run {
    /// Whether it runs until it is told to end.
    pub fn lasts(&self) -> bool {
        !self.once
    }

    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        if self.once { self.once(cx) } else { self.on(cx) }
    }

    fn on(self, cx: &Context) -> Outcome {
        let stop = Stop::default();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
            .map_err(|e| Failure::failed(format!("signals can't be waited for: {e}")))?;
        let told = stop.clone();
        std::thread::spawn(move || {
            let mut signals = signals.forever();
            if signals.next().is_some() {
                told.stop();
            }
            // A share that hangs can hold a tick up. Dying anywhere is fine.
            if signals.next().is_some() {
                std::process::exit(1);
            }
        });
        let host = Arc::new(Host::take(cx.builder())?);
        if !cx.quiet && std::io::stderr().is_terminal() {
            let settings = host.settings()?;
            output::note(match settings.synchronizations.len() {
                0 => cx.advice("At work, and there is no synchronization yet. Next: `ferry sync create --help`"),
                number => cx.advice(&format!(
                    "At work on {}; Ctrl-C ends. `ferry sync status`, in another terminal, shows how it stands.",
                    output::count(number as u64, "synchronization", "synchronizations")
                )),
            });
        }
        schedule::run(&host, &self.names, &stop)?;
        Ok(DONE)
    }

    fn once(self, cx: &Context) -> Outcome {
        let rounds = match cx.call(&Request::Finish(self.names))? {
            Answer::Rounds(rounds) => rounds,
            other => return Err(unexpected(other)),
        };
        if cx.json {
            output::json(&rounds);
        } else if rounds.is_empty() {
            super::sync::nothing_yet(cx);
        } else {
            for round in &rounds {
                show(cx, round);
            }
        }
        Ok(code(&rounds))
    }
}

/// What asks for more attention wins: trouble for good, a person, passing.
fn code(rounds: &[Round]) -> u8 {
    let lasting = rounds.iter().any(|round| round.trouble.is_some() && !round.passing);
    if lasting {
        1
    } else if rounds.iter().any(|round| round.wants_person) {
        5
    } else if rounds.iter().any(|round| round.trouble.is_some()) {
        6
    } else {
        DONE
    }
}

fn show(cx: &Context, round: &Round) {
    let sent = output::count(round.sent, "message", "messages");
    let parcels = output::count(round.parcels, "parcel", "parcels");
    let mut text = format!("{}: received {}, wrote {}", round.name, round.received, round.applied);
    text.push_str(&format!(", sent {sent} in {parcels}"));
    if round.faults > 0 {
        text.push_str(&format!(", {}", output::count(u64::from(round.faults), "fault", "faults")));
    }
    output::line(text);
    if let Some(trouble) = &round.trouble {
        output::note(format!("{} {}: {trouble}", output::paint(output::BAD, "trouble:"), round.name));
    }
    if let Some(next) = &round.next
        && (round.wants_person || round.trouble.is_some())
    {
        output::next(&cx.advice(next));
    }
}
