//! `ferry:host/observe` as the core's observer.

use ferry_core::ports::Level;

use crate::bindings::ferry::host::observe;

pub(crate) struct Observer;

impl ferry_core::ports::Observer for Observer {
    fn log(&self, level: Level, event: &str, attributes: &[(&str, String)]) {
        let level = match level {
            Level::Debug => observe::Level::Debug,
            Level::Info => observe::Level::Info,
            Level::Warning => observe::Level::Warning,
            Level::Error => observe::Level::Error,
        };
        let attribute =
            |(name, value): &(&str, String)| observe::Attribute { name: (*name).to_owned(), value: value.clone() };
        observe::log(level, event, &attributes.iter().map(attribute).collect::<Vec<_>>());
    }

    fn progress(&self, stage: &str, done: u64, total: Option<u64>) {
        observe::progress(stage, done, total);
    }
}
