//! `ferry sync compared`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::channel::done;
use crate::cli::{Context, Outcome};

/// Say that people compared the fingerprint phrase
///
/// Call your partner, on a number you know, and read the phrase of `ferry sync
/// status` to each other. If they differ, somebody sits in between.
#[derive(Debug, Args)]
pub struct Compared {
    /// The synchronization
    name: Name,
}

impl Compared {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let answer = cx.call(&Request::SyncCompared(self.name))?;
        done(cx, answer, |standing| format!("Noted: the phrase of {} was compared.", standing.name))
    }
}
