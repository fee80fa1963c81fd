//! The command line.

mod commands;
mod context;
mod logging;
mod output;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Parser, ValueEnum};

pub use context::Context;

/// What a command ends with: an exit code, or a failure that has one.
pub type Outcome = Result<u8, ferry::request::Failure>;

/// Done.
pub const DONE: u8 = 0;

/// Keeps issue trackers in step when no network connects them.
///
/// Two organisations, each behind its own firewall, exchange sealed parcels
/// by mail or through a shared folder, and each side's tracker keeps showing the current
/// state of the other's issues. `ferry demo` shows all of it in a minute.
#[derive(Debug, Parser)]
#[command(name = "ferry", version, max_term_width = 100, after_help = AFTER, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: commands::Command,
}

/// What every command knows.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// Where Ferry keeps everything [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "FERRY_HOME", hide_env_values = true, display_order = 90)]
    home: Option<PathBuf>,
    /// Answer as JSON, for programs
    #[arg(long, global = true, display_order = 91)]
    json: bool,
    /// Do what can't be undone without asking
    #[arg(short, long, global = true, display_order = 92)]
    yes: bool,
    /// Log more (-vv: everything)
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet", display_order = 93)]
    verbose: u8,
    /// Show neither progress nor warnings
    #[arg(short, long, global = true, display_order = 94)]
    quiet: bool,
    /// How log lines look on standard error
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", display_order = 95)]
    log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

const AFTER: &str = "\
Exit codes:
  0  done
  1  it failed, and says what to do
  2  the command line is wrong
  3  not in this status, or not by this side
  4  not found
  5  something is parked and wants a person (run --once, sync status)
  6  passing: a server, a share or the home can't be had now; try again

The side that creates a synchronization is its primary (older documents: master),
the one that joins is its secondary (slave).";

/// Runs the command that the words say.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // The daemon says what it does; a command answers, and warns at most.
    let verbose = cli.global.verbose + u8::from(cli.command.lasts());
    logging::begin(verbose, cli.global.quiet, cli.global.log_format);
    let json = cli.global.json;
    let outcome = Context::new(cli.global).and_then(|context| {
        let outcome = cli.command.run(&context);
        outcome.map_err(|failure| context.complete(failure))
    });
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::failure(&failure, json);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    /// What stands in the first column of JSON.md, by rows.
    const DOCUMENTED: &str = include_str!("../JSON.md");

    /// What answers no JSON; JSON.md says so.
    const SILENT: [&str; 2] = ["completions", "man"];

    /// Whether a row names the command: in full, or its verb behind another one
    /// of the same noun.
    fn is_documented(noun: &str, verb: Option<&str>) -> bool {
        let named = |row: &str, words: &str| row.contains(&format!("`{words}`")) || row.contains(&format!("`{words} "));
        let commands = DOCUMENTED.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
        commands.into_iter().any(|row| match verb {
            None => named(row, noun),
            Some(verb) => {
                named(row, &format!("{noun} {verb}")) || row.contains(&format!("`{noun} ")) && named(row, verb)
            }
        })
    }

    #[test]
    fn what_every_command_answers_programs_is_documented() {
        for noun in super::Cli::command().get_subcommands() {
            let name = noun.get_name();
            if !noun.has_subcommands() {
                assert!(SILENT.contains(&name) || is_documented(name, None), "{name} is missing in JSON.md");
            }
            for verb in noun.get_subcommands() {
                assert!(is_documented(name, Some(verb.get_name())), "{name} {} is missing in JSON.md", verb.get_name());
            }
        }
        assert!(!is_documented("sync", Some("gossip")) && !is_documented("gossip", None));
    }
}
