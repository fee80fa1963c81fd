//! Ferry inside another program: opens a home, shows its synchronizations, and
//! does what there is to do on each.
//!
//! ```text
//! cargo run --example embed -- HOME COMPONENTS
//! ```
//!
//! The library reads neither the environment nor the home directory: this
//! program says where everything is.

use std::error::Error;
use std::sync::Arc;

use ferry::HostBuilder;
use ferry::request::{Progress, Watcher};

/// Shows progress in its own way.
#[derive(Debug)]
struct Printer;

impl Watcher for Printer {
    fn progress(&self, progress: Progress) {
        eprintln!("{} {}: {}", progress.synchronization.unwrap_or_default(), progress.stage, progress.done);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(home), Some(components)) = (words.next(), words.next()) else {
        return Err("usage: embed HOME COMPONENTS".into());
    };
    let host = HostBuilder::new(home)?.components(components).build()?;
    for standing in host.standings()? {
        let state = standing.overview.map(|overview| format!("{:?}: {}", overview.state, overview.reason));
        println!("{}: {}", standing.name, state.or(standing.problem).unwrap_or_default());
    }
    let watcher: Arc<dyn Watcher> = Arc::new(Printer);
    for round in host.finish(&[], &watcher)? {
        println!("{}: received {}, wrote {}, sent {}", round.name, round.received, round.applied, round.sent);
        if let Some(trouble) = round.trouble {
            println!("{}: {trouble}", round.name);
        }
    }
    Ok(())
}
