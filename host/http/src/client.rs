//! Many exchanges at a time, over connections that are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

use crate::exchange::Call;
use crate::resolve::Guarded;
use crate::{Answer, Exchange, Fault, Grants, Secrets, Shelf};

/// Exchanges that are under way at once: trackers slow down who asks more.
const AT_ONCE: usize = 6;
/// Exchanges of one call.
const EXCHANGES_MAX: usize = 1_000;
/// What the answers of one call weigh together, in bytes; what is larger goes to
/// the shelf.
const ANSWERS_BYTES_MAX: u64 = 32 << 20;
/// How long a connection is kept that nobody uses: less than any server's patience,
/// since what is asked on one that was closed may have been heard or not.
const IDLE: Duration = Duration::from_secs(4);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(20);
/// The headers of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// An adapter's way out.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    grants: Arc<Grants>,
}

impl Client {
    /// To what was granted. Nothing is connected yet.
    ///
    /// # Errors
    /// `Denied` where nobody's certificates can be believed.
    pub fn new(grants: Grants) -> Result<Self, Fault> {
        let tls = grants.trust.of_http().map_err(|fault| Fault::Denied(fault.to_string()))?;
        let config = Agent::config_builder()
            .tls_config(tls)
            // What is between is the operator's network, and no setting of a shell.
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .max_idle_age(IDLE)
            .max_response_header_size(HEAD_BYTES_MAX)
            .user_agent(concat!("ferry/", env!("CARGO_PKG_VERSION")))
            .build();
        let grants = Arc::new(grants);
        let agent = Agent::with_parts(config, DefaultConnector::default(), Guarded::new(Arc::clone(&grants)));
        Ok(Self { agent, grants })
    }

    /// Carries exchanges out side by side; answers in the order asked for.
    pub fn send(&self, exchanges: &[Exchange], secrets: Secrets<'_>, shelf: &dyn Shelf) -> Vec<Result<Answer, Fault>> {
        if exchanges.len() > EXCHANGES_MAX {
            let fault = Fault::Invalid(format!("more than {EXCHANGES_MAX} exchanges at a time"));
            return exchanges.iter().map(|_| Err(fault.clone())).collect();
        }
        // Once each: a secret may be what a command prints.
        let named: BTreeSet<&str> = exchanges.iter().filter_map(|exchange| exchange.authorization.secret()).collect();
        let known: BTreeMap<&str, _> = named.into_iter().map(|name| (name, secrets(name))).collect();
        let room = AtomicU64::new(ANSWERS_BYTES_MAX);
        let call = Call { agent: &self.agent, grants: &self.grants, secrets: &known, shelf, room: &room };
        let (next, answers) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(exchanges.len())));
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(exchange) = exchanges.get(number) else { return };
                let answer = call.carry(exchange);
                answers.lock().unwrap_or_else(PoisonError::into_inner).push((number, answer));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..exchanges.len().min(AT_ONCE) {
                scope.spawn(work);
            }
            work();
        });
        let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        answers.sort_by_key(|(number, _)| *number);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

#[cfg(test)]
mod tests;
