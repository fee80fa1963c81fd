//! `ferry fault recreate`.

use clap::Args;
use ferry::request::Action;

use super::clear::{Which, clear};
use crate::cli::{Context, Outcome};

/// Create an issue anew, though it was created once
///
/// Where the first one is still there after all, there will be two.
#[derive(Debug, Args)]
pub struct Recreate {
    #[command(flatten)]
    which: Which,
}

impl Recreate {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        cx.confirm("Where the first issue is still there after all, there will be two. Create it anew?")?;
        clear(cx, self.which, Action::Recreate, "will be created anew at the next tick")
    }
}
