//! Interfaces of types alone: nothing can be called.

use super::engine::ferry::{control::request, tracker::model};
use crate::runtime::Ports;

impl model::Host for Ports {}
impl request::Host for Ports {}
