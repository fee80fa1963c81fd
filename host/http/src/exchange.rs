//! One question and its answer, with the redirects between them.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::http::{HeaderName, HeaderValue, Request, Response, header};
use ureq::{Agent, SendBody};
use url::Url;

use crate::resolve::Refused;
use crate::{Body, Content, Fault, Grants, Origin, Shelf, ShelfFault, head};

/// How often one exchange is led on.
const REDIRECTS_MAX: usize = 5;
/// The longest that one may take, whatever the adapter allows.
const TIME_MAX: Duration = Duration::from_secs(10 * 60);
/// A secret that is shorter may stand in any text.
const SECRET_BYTES_MIN: usize = 6;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Say themselves (RFC 9110 section 9, RFC 5789).
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

/// Who asks, by the name of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// Nobody in particular.
    None,
    /// Whoever bears it (RFC 6750).
    Bearer(String),
    /// A user name, and the secret that is the password (RFC 7617).
    Basic(String, String),
    /// A header's name, and the secret that is its value.
    Header(String, String),
}

impl Authorization {
    /// The secret that it names.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Bearer(secret) | Self::Basic(_, secret) | Self::Header(_, secret) => Some(secret),
        }
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What is asked.
    pub method: Method,
    /// Of whom.
    pub url: String,
    /// By whom.
    pub authorization: Authorization,
    /// What else is said, by header names.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Body,
    /// Whether the answer's content goes to the shelf.
    pub into_blob: bool,
    /// The longest content that is wanted, in bytes.
    pub max_bytes: u64,
    /// How long it may take, with all redirects.
    pub within: Duration,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status (RFC 9110 section 15).
    pub status: u16,
    /// The headers, by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whose answer it is, after redirects.
    pub url: String,
    /// Its content.
    pub body: Content,
}

/// What all exchanges of a call share.
pub(crate) struct Call<'a> {
    pub agent: &'a Agent,
    pub grants: &'a Grants,
    /// The secrets that its exchanges name, or why they can't be had.
    pub secrets: &'a BTreeMap<&'a str, Result<String, String>>,
    pub shelf: &'a dyn Shelf,
    /// What their answers may still weigh together, in bytes.
    pub room: &'a AtomicU64,
}

/// Where an exchange has come to.
struct Hop<'a> {
    method: Method,
    url: Url,
    origin: Origin,
    body: &'a Body,
    /// Whether it never left the origin that was asked first: elsewhere nobody needs
    /// to know who asks.
    home: bool,
}

/// A header that says who asks, and the words of it that nobody may repeat.
struct Proof {
    name: HeaderName,
    value: HeaderValue,
    words: Vec<String>,
}

impl Call<'_> {
    /// Asks, and goes where it is led.
    pub fn carry(&self, exchange: &Exchange) -> Result<Answer, Fault> {
        let first = located(&exchange.url)?;
        self.grants.holds(&first.1)?;
        let headers = head::checked(&exchange.headers)?;
        let proof = self.proof(&exchange.authorization)?;
        let until = Instant::now() + exchange.within.min(TIME_MAX);
        let (url, origin) = first.clone();
        let mut hop = Hop { method: exchange.method, url, origin, body: &exchange.body, home: true };
        for _ in 0..=REDIRECTS_MAX {
            // What changes nothing is asked once more where the connection broke off:
            // it may have been closed since it was last used (RFC 9110 section 9.2.2).
            let answer = match self.ask(&hop, &headers, proof.as_ref(), until) {
                Err(Fault::BrokenOff(_)) if matches!(hop.method, Method::Get | Method::Head) => {
                    self.ask(&hop, &headers, proof.as_ref(), until)?
                }
                done => done?,
            };
            let Some((url, origin)) = led_on(&answer, &hop.url)? else {
                return self.answer(exchange, &hop, answer, proof.as_ref());
            };
            self.grants.holds(&origin).map_err(|fault| Fault::Denied(format!("{} leads on: {fault}", hop.origin)))?;
            (hop.method, hop.body) = match (answer.status().as_u16(), hop.method) {
                (_, Method::Head) => (Method::Head, &Body::None),
                (303, _) | (301 | 302, Method::Post) => (Method::Get, &Body::None),
                _ => (hop.method, hop.body),
            };
            // Whoever leads away may lead back, and not in our name.
            hop.home &= origin == first.1;
            (hop.url, hop.origin) = (url, origin);
        }
        Err(Fault::Denied(format!("{} leads on more than {REDIRECTS_MAX} times", hop.origin)))
    }

    /// One request, and the beginning of its answer.
    fn ask(
        &self,
        hop: &Hop<'_>,
        headers: &[(HeaderName, HeaderValue)],
        proof: Option<&Proof>,
        until: Instant,
    ) -> Result<Response<ureq::Body>, Fault> {
        let mut request = Request::builder().method(hop.method.word()).uri(hop.url.as_str());
        let told = headers.iter().filter(|(name, _)| hop.home || !head::CREDENTIALS.contains(&name.as_str()));
        for (name, value) in told {
            request = request.header(name, value);
        }
        if let Some(proof) = proof.filter(|_| hop.home) {
            request = request.header(&proof.name, &proof.value);
        }
        let sent = match hop.body.open(self.shelf)? {
            None => SendBody::none(),
            Some(outgoing) => {
                request = request.header(header::CONTENT_LENGTH, outgoing.length);
                if let Some(media_type) = outgoing.media_type {
                    request = request.header(header::CONTENT_TYPE, media_type);
                }
                SendBody::from_owned_reader(outgoing.reader)
            }
        };
        let request = request.body(sent).map_err(|error| Fault::Invalid(error.to_string()))?;
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(late(&hop.origin));
        }
        let timed = self.agent.configure_request(request).timeout_global(Some(left)).build();
        self.agent.run(timed).map_err(|error| failed(&hop.origin, &error))
    }

    /// What a secret of this name makes.
    fn proof(&self, authorization: &Authorization) -> Result<Option<Proof>, Fault> {
        let secret = |name: &str| match self.secrets.get(name) {
            Some(known) => known.clone().map_err(Fault::Denied),
            None => Err(Fault::Denied(format!("the secret {name} wasn't looked up"))),
        };
        let (name, value, words) = match authorization {
            Authorization::None => return Ok(None),
            Authorization::Bearer(named) => {
                let secret = secret(named)?;
                ("authorization", format!("Bearer {secret}"), vec![secret])
            }
            Authorization::Basic(user, _) if user.contains(':') || user.contains(char::is_control) => {
                return Err(Fault::Invalid("a user name with a colon or a control character".to_owned()));
            }
            Authorization::Basic(user, named) => {
                let secret = secret(named)?;
                let both = STANDARD.encode(format!("{user}:{secret}"));
                ("authorization", format!("Basic {both}"), vec![secret, both])
            }
            Authorization::Header(name, named) => {
                let secret = secret(named)?;
                (name.as_str(), secret.clone(), vec![secret])
            }
        };
        // Its own words would be told.
        let unfit =
            |_| Fault::Denied("the secret holds characters that no header can, or its header is none".to_owned());
        let (name, mut value) = head::one(name, &value).map_err(unfit)?;
        value.set_sensitive(true);
        Ok(Some(Proof { name, value, words }))
    }

    fn answer(
        &self,
        exchange: &Exchange,
        Hop { url, origin, .. }: &Hop<'_>,
        answer: Response<ureq::Body>,
        proof: Option<&Proof>,
    ) -> Result<Answer, Fault> {
        let words: Vec<&str> = proof.iter().flat_map(|proof| &proof.words).map(String::as_str).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| word.len() >= SECRET_BYTES_MIN).collect();
        let status = answer.status().as_u16();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers: Vec<(String, String)> =
            answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        if headers.iter().any(|(_, value)| words.iter().any(|word| value.contains(word))) {
            return Err(repeats(origin));
        }
        let max = exchange.max_bytes;
        let content = answer.into_body().into_reader();
        let mut content = Watched { under: content, words: words.clone(), tail: Vec::new(), repeats: false };
        let body = if exchange.into_blob {
            let kept = self.shelf.put(&mut content, max);
            Content::Blob(kept.map_err(|fault| match fault {
                _ if content.repeats => repeats(origin),
                ShelfFault::TooLarge(max) => Fault::TooLarge(max),
                fault => Fault::BrokenOff(format!("the answer of {origin} can't be kept: {fault}")),
            })?)
        } else {
            let mut bytes = Vec::new();
            let max = max.min(self.room.load(Ordering::Relaxed));
            let read = content.by_ref().take(max.saturating_add(1)).read_to_end(&mut bytes);
            if content.repeats {
                return Err(repeats(origin));
            }
            read.map_err(|error| Fault::BrokenOff(format!("the answer of {origin} broke off: {error}")))?;
            if bytes.len() as u64 > max {
                return Err(Fault::TooLarge(max));
            }
            let weight = bytes.len() as u64;
            let taken = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(weight));
            taken.map_err(Fault::TooLarge)?;
            Content::Bytes(bytes)
        };
        Ok(Answer { status, headers, url: url.to_string(), body })
    }
}

impl Method {
    fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// An address without what doesn't leave, and its origin.
fn located(text: &str) -> Result<(Url, Origin), Fault> {
    let mut url = Url::parse(text).map_err(|error| Fault::Invalid(format!("an address that is none: {error}")))?;
    let origin = Origin::of(&url).ok_or_else(|| Fault::Invalid(format!("{}: is no HTTP", url.scheme())))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::Invalid("an address with a user name: the host fills in who asks".to_owned()));
    }
    url.set_fragment(None);
    Ok((url, origin))
}

/// Where an answer leads on to, if it does (RFC 9110 section 15.4).
fn led_on(answer: &Response<ureq::Body>, from: &Url) -> Result<Option<(Url, Origin)>, Fault> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.headers().get(header::LOCATION) else { return Ok(None) };
    let next = location.to_str().ok().and_then(|location| from.join(location).ok());
    let next = next.ok_or_else(|| Fault::Invalid("led on to an address that is none".to_owned()))?;
    located(next.as_str()).map(Some)
}

/// An answer that is looked through as it comes.
struct Watched<'w, R> {
    under: R,
    words: Vec<&'w str>,
    /// What came last: a word may be cut in two.
    tail: Vec<u8>,
    repeats: bool,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.under.read(into)?;
        let Some(longest) = self.words.iter().map(|word| word.len()).max() else { return Ok(read) };
        self.tail.extend(into.iter().take(read));
        if self.words.iter().any(|word| memchr::memmem::find(&self.tail, word.as_bytes()).is_some()) {
            self.repeats = true;
            return Err(io::Error::other("it repeats a secret"));
        }
        let over = self.tail.len().saturating_sub(longest - 1);
        self.tail.drain(..over);
        Ok(read)
    }
}

fn repeats(origin: &Origin) -> Fault {
    Fault::Denied(format!("the answer of {origin} repeats a secret, and is withheld"))
}

fn late(origin: &Origin) -> Fault {
    Fault::BrokenOff(format!("{origin} didn't answer in time"))
}

fn failed(origin: &Origin, error: &ureq::Error) -> Fault {
    use std::io::ErrorKind;
    use ureq::Timeout;
    let insecure = |why: &str| Fault::Insecure(format!("{origin} is not secure: {why}"));
    match error {
        ureq::Error::Other(other) if other.is::<Refused>() => Fault::Denied(other.to_string()),
        ureq::Error::HostNotFound => Fault::Unreachable(format!("the name of {origin} has no address")),
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) | ureq::Error::ConnectionFailed => {
            Fault::Unreachable(format!("{origin} can't be reached"))
        }
        ureq::Error::Timeout(_) => late(origin),
        ureq::Error::Rustls(error) => insecure(&ferry_tls::words(error)),
        ureq::Error::Tls(why) => insecure(why),
        ureq::Error::Io(error) => match (ferry_tls::trouble(error), error.kind()) {
            (Some(why), _) => insecure(&why),
            (None, ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => {
                Fault::Unreachable(format!("{origin} can't be reached: {error}"))
            }
            (None, _) => Fault::BrokenOff(format!("the connection to {origin} broke off: {error}")),
        },
        other => Fault::BrokenOff(format!("{origin} doesn't answer as a web server does: {other}")),
    }
}
