//! `ferry key revoke`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use crate::cli::commands::sync::done;
use crate::cli::{Context, Outcome};

/// Take this side's keys back: somebody else may have them
///
/// Stops the synchronization at once, here and, as soon as it is told, at the
/// partner. It goes on with new keys after `ferry sync invite`. Asks first.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The synchronization
    name: Name,
}

impl Revoke {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        cx.confirm(&format!(
            "Shall this side's keys of {} be revoked? Nothing is sent or taken until both sides have got new ones by \
             a new handshake file.",
            self.name
        ))?;
        let answer = cx.call(&Request::KeyRevoke(self.name))?;
        done(cx, answer, |standing| {
            format!("The keys of {} are revoked. The partner is told with the next run.", standing.name)
        })
    }
}
