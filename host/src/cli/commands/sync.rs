//! `ferry sync`.

mod channel;
mod compared;
mod create;
mod delete;
mod edit;
mod invite;
mod issue;
mod join;
mod list;
mod mail;
mod pairs;
mod preview;
mod reconcile;
mod release;
mod start;
mod status;
mod stop;
mod test;

use clap::Subcommand;

use crate::cli::{Context, Outcome};

pub use channel::done;
pub use status::nothing_yet;

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Sync {
    Create(create::Create),
    Join(join::Join),
    Test(test::Test),
    List(list::List),
    Status(status::Status),
    Start(start::Start),
    Stop(stop::Stop),
    Compared(compared::Compared),
    Reconcile(reconcile::Reconcile),
    Release(release::Release),
    Invite(invite::Invite),
    Edit(edit::Edit),
    Delete(delete::Delete),
    Preview(preview::Preview),
    Pairs(pairs::Pairs),
    Issue(issue::Issue),
}

impl Sync {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::Create(command) => command.run(cx),
            Self::Join(command) => command.run(cx),
            Self::Test(command) => command.run(cx),
            Self::List(command) => command.run(cx),
            Self::Status(command) => command.run(cx),
            Self::Start(command) => command.run(cx),
            Self::Stop(command) => command.run(cx),
            Self::Compared(command) => command.run(cx),
            Self::Reconcile(command) => command.run(cx),
            Self::Release(command) => command.run(cx),
            Self::Invite(command) => command.run(cx),
            Self::Edit(command) => command.run(cx),
            Self::Delete(command) => command.run(cx),
            Self::Preview(command) => command.run(cx),
            Self::Pairs(command) => command.run(cx),
            Self::Issue(command) => command.run(cx),
        }
    }
}
