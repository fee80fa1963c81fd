//! `ferry sync edit`.

use clap::Args;
use ferry::request::{Edit as Change, Failure, Request};
use ferry::settings::Name;

use super::channel::{FolderArgs, done};
use crate::cli::{Context, Outcome};

/// Change name, description, folders or intervals
///
/// Tracker, project, synchronization user and channel can't be changed:
/// create a new synchronization for that.
#[derive(Debug, Args)]
pub struct Edit {
    /// The synchronization
    name: Name,
    /// Another name
    #[arg(long = "name", value_name = "NAME")]
    rename: Option<Name>,
    /// What it is for, in a sentence
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    folder: FolderArgs,
}

impl Edit {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let change = Change { rename: self.rename, description: self.description, folder: self.folder.options()? };
        if change == Change::default() {
            return Err(Failure::usage("nothing to change is given").with_help("see `ferry sync edit --help`"));
        }
        let answer = cx.call(&Request::SyncEdit(self.name, Box::new(change)))?;
        done(cx, answer, |standing| format!("{} is changed.", standing.name))
    }
}
