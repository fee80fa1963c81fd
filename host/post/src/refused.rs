//! Credentials that a server refused are not tried again at once, whoever wants
//! to connect: many servers lock an account after some failures.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Credentials, Fault};

/// How long they rest. Others are tried at once.
const REST: Duration = Duration::from_secs(5 * 60);

/// The last credentials of an account that were refused, what was said, and when.
#[derive(Default)]
pub(crate) struct Refused(Mutex<Option<(Credentials, Fault, Instant)>>);

impl Refused {
    /// What was said of these credentials, while they rest.
    pub(crate) fn said_of(&self, who: &Credentials) -> Result<(), Fault> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((refused, fault, since)) if refused == who && since.elapsed() < REST => Err(fault.clone()),
            _ => Ok(()),
        }
    }

    /// Signs in, and remembers whether that was refused.
    pub(crate) fn sign_in<T>(
        &self,
        who: Credentials,
        open: impl FnOnce(Credentials) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let opened = open(who.clone());
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &opened {
            Ok(_) => *refused = None,
            Err(fault @ Fault::Unauthenticated(_)) => *refused = Some((who, fault.clone(), Instant::now())),
            Err(_) => {}
        }
        opened
    }
}
