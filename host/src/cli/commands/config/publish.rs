//! `ferry config publish`.

use std::path::PathBuf;

use clap::Args;
use ferry::request::Request;
use ferry::settings::Name;

use super::verdict;
use crate::cli::{Context, Outcome};

/// The primary's: publish a configuration for the partner to adopt
///
/// What runs goes on under the old one until the partner has adopted it.
#[derive(Debug, Args)]
pub struct Publish {
    /// The synchronization
    name: Name,
    /// The configuration (- for standard input) [default: the draft]
    file: Option<PathBuf>,
}

impl Publish {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let text = verdict::text(self.file.as_ref())?;
        let answer = cx.call(&Request::ConfigPublish(self.name.clone(), text))?;
        let next =
            format!("your partner adopts it with `ferry config adopt`; `ferry sync status {}` says when", self.name);
        verdict::show(cx, &verdict::of(answer)?, self.file.as_deref(), "Published for the partner.", &next)
    }
}
