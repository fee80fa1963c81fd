//! `ferry parcel`.

mod list;
mod retry;
mod show;

use clap::Subcommand;
use ferry::request::{Answer, Failure, Parcel as Parked, Request};
use ferry::settings::Name;

use crate::cli::context::unexpected;
use crate::cli::{Context, Outcome};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Parcel {
    List(list::List),
    Show(show::Show),
    Retry(retry::Retry),
}

impl Parcel {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::List(command) => command.run(cx),
            Self::Show(command) => command.run(cx),
            Self::Retry(command) => command.run(cx),
        }
    }
}

/// The parcels whose digests begin so; each must name one.
fn named(cx: &Context, name: &Name, digests: &[String]) -> Result<Vec<Parked>, Failure> {
    let parcels = match cx.call(&Request::Parcels(name.clone()))? {
        Answer::Parcels(parcels) => parcels,
        other => return Err(unexpected(other)),
    };
    let mut found = Vec::new();
    for digest in digests {
        let mut fitting = parcels.iter().filter(|parcel| parcel.digest.starts_with(digest.as_str()));
        let Some(parcel) = fitting.next() else {
            return Err(Failure::not_found(format!("no parcel {digest} is in quarantine at {name}"))
                .with_help(format!("`ferry parcel list {name}` lists them")));
        };
        if fitting.next().is_some() {
            return Err(Failure::usage(format!("more than one parcel begins with {digest}; give more of its digest")));
        }
        found.push(parcel.clone());
    }
    Ok(found)
}
