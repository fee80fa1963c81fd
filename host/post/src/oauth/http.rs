//! The little HTTP that OAuth takes: no redirects, bounded answers, an end to
//! every wait.

use std::io::Read as _;
use std::time::Duration;

use oauth2::{HttpRequest, HttpResponse};

use crate::{Fault, Trust};

/// How long one request may take.
const ANSWER: Duration = Duration::from_secs(30);
/// The longest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 256 << 10;

pub(super) struct Http(ureq::Agent);

impl Http {
    pub fn new(trust: &Trust) -> Result<Self, Fault> {
        let config = ureq::Agent::config_builder()
            .tls_config(trust.of_http().map_err(|fault| Fault::Denied(fault.to_string()))?)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER))
            .build();
        Ok(Self(config.into()))
    }

    /// A request of OAuth's.
    pub fn call(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let (parts, body) = request.into_parts();
        let place = parts.uri.to_string();
        only_secure(&place)?;
        let mut sent = ureq::http::Request::builder().method(parts.method.as_str()).uri(&place);
        for (name, value) in &parts.headers {
            sent = sent.header(name.as_str(), value.as_bytes());
        }
        let sent = sent.body(body).map_err(|error| Fault::Broken(error.to_string()))?;
        let answer = self.0.run(sent).map_err(|error| unreachable(&place, &error))?;
        let mut response = oauth2::http::Response::builder().status(answer.status().as_u16());
        for (name, value) in answer.headers() {
            response = response.header(name.as_str(), value.as_bytes());
        }
        let body = whole(&place, answer)?;
        response.body(body).map_err(|error| Fault::Broken(error.to_string()))
    }

    /// What lies at an address; nothing where nothing does.
    pub fn get(&self, place: &str) -> Result<Option<Vec<u8>>, Fault> {
        only_secure(place)?;
        let answer = self.0.get(place).call().map_err(|error| unreachable(place, &error))?;
        if answer.status().is_success() { whole(place, answer).map(Some) } else { Ok(None) }
    }
}

fn whole(place: &str, answer: ureq::http::Response<ureq::Body>) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    let read = answer.into_body().into_reader().take(ANSWER_BYTES_MAX + 1).read_to_end(&mut body);
    read.map_err(|error| Fault::Unreachable(format!("{}: {error}", host(place))))?;
    match body.len() as u64 > ANSWER_BYTES_MAX {
        true => Err(Fault::Broken(format!("{} answers without end", host(place)))),
        false => Ok(body),
    }
}

/// Tokens travel by TLS, but on this machine (RFC 8252 section 8.3).
fn only_secure(place: &str) -> Result<(), Fault> {
    let local = ["http://127.0.0.1:", "http://[::1]:", "http://127.0.0.1/"];
    if place.starts_with("https://") || local.iter().any(|local| place.starts_with(local)) {
        return Ok(());
    }
    Err(Fault::Insecure(format!("{} is not to be asked without TLS", host(place))))
}

fn unreachable(place: &str, error: &ureq::Error) -> Fault {
    match error {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Fault::Insecure(format!("{}: {error}", host(place))),
        _ => Fault::Unreachable(format!("{} can't be reached: {error}", host(place))),
    }
}

/// Of an address only this is told: the rest may hold what is nobody's business.
fn host(place: &str) -> &str {
    let rest = place.split_once("://").map_or(place, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}
