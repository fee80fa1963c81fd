//! `ferry doctor`.

use clap::Args;
use ferry::request::{Answer, Check, Request};

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Check everything, changing nothing
///
/// Looks at the home, the components, every tracker and every channel.
#[derive(Debug, Args)]
pub struct Doctor {}

impl Doctor {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        if !cx.builder().home().exists() {
            let root = cx.builder().home().root().display();
            match cx.json {
                true => output::json::<[Check]>(&[]),
                false => output::line(format!("There is no home in {root} yet: nothing to check.")),
            }
            return Ok(DONE);
        }
        match cx.call(&Request::Doctor)? {
            Answer::Checks(checks) => Ok(show(cx, &checks)),
            other => Err(unexpected(other)),
        }
    }
}

/// Shows what was looked at; 1 where something isn't good, 6 where it passes.
pub fn show(cx: &Context, checks: &[Check]) -> u8 {
    let bad = |check: &&Check| !check.good;
    let code = match checks.iter().filter(bad).map(|check| check.passing).min() {
        None => DONE,
        Some(true) => 6,
        Some(false) => 1,
    };
    if cx.json {
        output::json(checks);
        return code;
    }
    for check in checks {
        let mark = match check.good {
            true => output::paint(output::GOOD, "ok   "),
            false => output::paint(output::BAD, "wrong"),
        };
        let text = cx.advice(&format!("{}: {}", check.subject, check.message));
        output::line(format!("{mark}  {}", output::wrap(&text, 7)));
    }
    code
}
