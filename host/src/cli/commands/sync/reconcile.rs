//! `ferry sync reconcile`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::channel::done;
use crate::cli::{Context, Outcome};

/// Agree to go on after one side was restored from a backup
///
/// Both sides say so. Then each tells the other how every issue stands: the
/// later state stands, what people edited meanwhile goes on from there, and
/// values that lose are recorded. No issue is created twice.
#[derive(Debug, Args)]
pub struct Reconcile {
    /// The synchronization
    name: Name,
}

impl Reconcile {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let answer = cx.call(&Request::SyncReconcile(self.name))?;
        done(cx, answer, |standing| format!("Noted: {} goes on once the partner agrees, too.", standing.name))
    }
}
