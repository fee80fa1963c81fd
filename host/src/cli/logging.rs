//! Logs, on standard error.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::LogFormat;

/// Begins to log: warnings, or more with each `-v`, or errors only.
pub fn begin(verbose: u8, quiet: bool, format: LogFormat) {
    let ours = match (quiet, verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    // What the component runtime says concerns nobody but its makers.
    let targets = Targets::new().with_target("ferry", ours).with_default(LevelFilter::WARN.min(ours));
    // A certificate that nobody vouches for is in the failure's own words.
    let targets = targets.with_target("rustls_platform_verifier", LevelFilter::OFF);
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let registry = tracing_subscriber::registry().with(targets);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colours).with_target(false);
    // A second call, in a test, changes nothing.
    let _ = match format {
        LogFormat::Text => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
}
