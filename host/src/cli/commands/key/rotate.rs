//! `ferry key rotate`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::{keychain, shown};
use crate::cli::{Context, Outcome, output};

/// Replace this side's keys
///
/// The partner is told with the next parcels, signed by the old key and the
/// new one, and takes the new certificate by itself; nothing else changes. The
/// old secret is removed once everything sealed under it has arrived.
#[derive(Debug, Args)]
pub struct Rotate {
    /// The synchronization
    name: Name,
}

impl Rotate {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let keys = keychain(cx.call(&Request::KeyRotate(self.name.clone()))?)?;
        let code = shown(cx, &format!("{} gets new keys", self.name), &keys)?;
        if !cx.json {
            output::next(&cx.advice(&format!(
                "keep `ferry run` running here and at your partner's; `ferry key show {}` shows how far it has come, \
                 and the phrase in `ferry sync status {0}` is a new one then",
                self.name
            )));
        }
        Ok(code)
    }
}
