//! `ferry fault skip`.

use clap::Args;
use ferry::request::Action;

use super::clear::{Which, clear};
use crate::cli::{Context, Outcome};

/// Leave what could not be applied as it is, for good
#[derive(Debug, Args)]
pub struct Skip {
    #[command(flatten)]
    which: Which,
}

impl Skip {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        cx.confirm("Shall what could not be applied stay away from our tracker for good?")?;
        clear(cx, self.which, Action::Skip, "skipped")
    }
}
