//! `ferry:host/observe`, onto whoever watches, within a quota.

use super::engine::ferry::host::observe::{Attribute, Host, Level};
use crate::runtime::Ports;

impl Host for Ports {
    fn log(&mut self, level: Level, event: String, attributes: Vec<Attribute>) -> wasmtime::Result<()> {
        if self.quota.admits(&event, &attributes) {
            self.observer.log(&self.source, level, &event, &attributes);
        }
        Ok(())
    }

    fn progress(&mut self, stage: String, done: u64, total: Option<u64>) -> wasmtime::Result<()> {
        self.observer.progress(&stage, done, total);
        Ok(())
    }
}
