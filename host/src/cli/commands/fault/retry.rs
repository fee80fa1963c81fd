//! `ferry fault retry`.

use clap::Args;
use ferry::request::Action;

use super::clear::{Which, clear};
use crate::cli::{Context, Outcome};

/// Try again what could not be applied, with what is agreed now
#[derive(Debug, Args)]
pub struct Retry {
    #[command(flatten)]
    which: Which,
}

impl Retry {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        clear(cx, self.which, Action::Retry, "will be tried again at the next tick")
    }
}
