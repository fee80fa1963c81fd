//! Being woken by folders that change.

use std::sync::Arc;

use crate::host::{Host, Seat};
use crate::settings::Synchronization;

/// What is watched for one synchronization.
#[derive(Debug, Default)]
pub(super) struct Watching {}

impl Watching {
    /// Watches what a synchronization has now.
    pub fn watch(&mut self, _host: &Host, _sync: &Synchronization, _seat: &Arc<Seat>) {}
}
