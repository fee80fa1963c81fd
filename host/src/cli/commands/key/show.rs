//! `ferry key show`.

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::{keychain, shown};
use crate::cli::{Context, Outcome};

/// Show the keys of both sides, and until when they are valid
#[derive(Debug, Args)]
pub struct Show {
    /// The synchronization
    name: Name,
}

impl Show {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let keys = keychain(cx.call(&Request::Keys(self.name.clone()))?)?;
        shown(cx, &format!("Keys of {}", self.name), &keys)
    }
}
