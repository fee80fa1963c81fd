//! Configurations: their text goes to the engine, which alone knows what it
//! means.

use std::sync::Arc;

use super::Host;
use crate::request::{Failure, Verdict, Watcher};
use crate::settings::Name;

impl Host {
    /// A configuration that fits, good as it is.
    pub fn example(&self, name: &Name, watcher: &Arc<dyn Watcher>) -> Result<String, Failure> {
        self.with(name, watcher, |session| session.example())
    }

    /// The configuration in force, or the draft.
    pub fn configuration(&self, name: &Name, draft: bool, watcher: &Arc<dyn Watcher>) -> Result<String, Failure> {
        self.with(name, watcher, |session| session.current(draft))
    }

    /// What is wrong with a configuration.
    pub fn check(&self, name: &Name, text: &str, watcher: &Arc<dyn Watcher>) -> Result<Verdict, Failure> {
        let problems = self.with(name, watcher, |session| session.check(text))?;
        Ok(Verdict { version: None, problems: problems.into_iter().map(Into::into).collect() })
    }

    /// Keeps a configuration for later, unless it has errors.
    pub fn draft(&self, name: &Name, text: &str, watcher: &Arc<dyn Watcher>) -> Result<Verdict, Failure> {
        Ok(self.with(name, watcher, |session| session.draft(text))?.into())
    }

    /// The primary's: publishes a configuration, or the draft.
    pub fn publish(&self, name: &Name, text: Option<&str>, watcher: &Arc<dyn Watcher>) -> Result<Verdict, Failure> {
        let verdict = self.with(name, watcher, |session| session.publish(text))?;
        self.nudge(name)?;
        Ok(verdict.into())
    }

    /// The secondary's: answers what the primary published, with a
    /// configuration or with the draft.
    pub fn adopt(&self, name: &Name, text: Option<&str>, watcher: &Arc<dyn Watcher>) -> Result<Verdict, Failure> {
        let verdict = self.with(name, watcher, |session| session.adopt(text))?;
        self.nudge(name)?;
        Ok(verdict.into())
    }
}
