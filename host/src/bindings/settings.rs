//! `ferry:host/settings`, onto what the operator set.

use super::adapter::ferry::host::settings::Host;
use crate::runtime::Grants;

impl Host for Grants {
    fn get(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.settings.get(&name).cloned())
    }
}
