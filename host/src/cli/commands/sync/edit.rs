//! `ferry sync edit`.

use clap::Args;
use ferry::request::{Edit as Change, Failure, Request};
use ferry::settings::Name;

use super::channel::{ChannelArgs, done};
use crate::cli::{Context, Outcome};

/// Change name, description, folders, mail servers or intervals
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
    how: ChannelArgs,
    #[arg(long, hide = true)]
    tracker: Option<String>,
    #[arg(long, hide = true)]
    project: Option<String>,
    #[arg(long, hide = true)]
    user: Option<String>,
    #[arg(long, hide = true)]
    channel: Option<String>,
    #[arg(long, hide = true)]
    encryption: Option<String>,
}

impl Edit {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        self.only_what_may()?;
        let change = Change { rename: self.rename, description: self.description, channel: self.how.options(cx)? };
        if change == Change::default() {
            return Err(Failure::usage("nothing to change is given").with_help("see `ferry sync edit --help`"));
        }
        let answer = cx.call(&Request::SyncEdit(self.name, Box::new(change)))?;
        done(cx, answer, |standing| format!("{} is changed.", standing.name))
    }

    /// What can't be changed is known, and refused by its name.
    fn only_what_may(&self) -> Result<(), Failure> {
        let fixed = [
            ("tracker", &self.tracker),
            ("project", &self.project),
            ("synchronization user", &self.user),
            ("channel", &self.channel),
            ("encryption", &self.encryption),
        ];
        match fixed.into_iter().find(|(_, given)| given.is_some()) {
            Some((what, _)) => Err(Failure::not_allowed(format!("the {what} of a synchronization can't be changed"))
                .with_help("create a new synchronization for that; issues stay in both trackers")),
            None => Ok(()),
        }
    }
}
