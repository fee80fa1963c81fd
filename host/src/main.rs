//! The `ferry` command. It is a thin layer: words become a
//! [`ferry::request::Request`], the owner of the home carries it out (a running
//! `ferry run`, or this process), and the answer becomes a table or JSON.
//!
//! `cli/commands/<noun>/<verb>.rs` is one command each, its doc comment the
//! help; `cli/output` is how answers look; `cli/context.rs` is what they share.
//! This is also the only place that reads the environment.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
