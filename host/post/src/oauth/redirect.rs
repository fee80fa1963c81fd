//! Where a browser comes back to, with a code.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::Fault;

/// How long one browser may take to say what it wants.
const SAY: Duration = Duration::from_secs(5);
/// How often a listener is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// The longest first line, in bytes.
const LINE_MAX: u64 = 16 << 10;

/// A port of this machine alone (RFC 8252 section 7.3).
pub(super) struct Redirect {
    listener: TcpListener,
    port: u16,
}

impl Redirect {
    pub fn listen() -> Result<Self, Fault> {
        let fault = |error: std::io::Error| Fault::Denied(format!("no port can be listened on: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(fault)?;
        listener.set_nonblocking(true).map_err(fault)?;
        let port = listener.local_addr().map_err(fault)?.port();
        Ok(Self { listener, port })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// The code that a browser brings with this state. Others are sent away.
    pub fn code(&self, state: &str, within: Duration) -> Result<String, Fault> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            match self.listener.accept() {
                Ok((browser, _)) => {
                    if let Some(done) = come(browser, state) {
                        return done;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(LOOK),
                Err(error) => return Err(Fault::Denied(format!("nothing can be listened to: {error}"))),
            }
        }
        Err(Fault::Unauthenticated("nobody agreed in time: begin again".to_owned()))
    }
}

/// What a browser brings; none where it isn't ours.
fn come(mut browser: TcpStream, state: &str) -> Option<Result<String, Fault>> {
    browser.set_nonblocking(false).ok()?;
    browser.set_read_timeout(Some(SAY)).ok()?;
    let mut line = String::new();
    BufReader::new(std::io::Read::take(&browser, LINE_MAX)).read_line(&mut line).ok()?;
    let query = line.strip_prefix("GET /?").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == wanted).map(|(_, value)| plain(value))
    };
    let ours = value("state").as_deref() == Some(state);
    let done = match (value("code"), value("error")) {
        (Some(code), _) if ours => Some(Ok(code)),
        (None, Some(error)) if ours => Some(Err(Fault::Unauthenticated(format!("it was refused: {error}")))),
        _ => None,
    };
    let (status, text) = match &done {
        Some(Ok(_)) => ("200 OK", "Ferry may use the mailbox now. You can close this page."),
        Some(Err(_)) => ("200 OK", "Ferry was not let in. You can close this page."),
        None => ("404 Not Found", "There is nothing here."),
    };
    let length = text.len();
    let page = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    );
    browser.write_all(page.as_bytes()).ok();
    done
}

/// A value of a query, without its escapes (RFC 3986 section 2.1).
fn plain(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16));
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (hex(rest.next()), hex(rest.next())) {
                (Some(high), Some(low)) => u8::try_from(high << 4 | low).unwrap_or(b'?'),
                _ => b'?',
            },
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_taken_out() {
        assert_eq!(plain("a%2Fb+c%3d"), "a/b c=");
        assert_eq!(plain("a%2"), "a?");
    }
}
