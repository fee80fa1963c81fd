//! One connection to a server: TCP, then TLS. Every wait has an end.

mod deflate;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use self::deflate::Deflated;
use crate::{Fault, Place, Trust};

/// How long an address may take to answer.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a server may be silent that has to speak first.
pub(crate) const FIRST_WORD: Duration = Duration::from_secs(15);
/// How much is read at a time, in bytes.
const READ_BYTES: usize = 64 << 10;
/// The longest line that is read before TLS, in bytes.
const LINE_MAX: usize = 4096;

/// A connection, and until when the call that uses it may last.
pub(crate) struct Connection {
    io: Io,
    /// The server, for people.
    server: String,
    until: Instant,
    /// What was read and not used yet.
    pending: Vec<u8>,
    /// Where both compress.
    deflated: Option<Box<Deflated>>,
}

enum Io {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
    /// What a server says whatever it is asked.
    #[cfg(feature = "forge")]
    Scripted(io::Cursor<Vec<u8>>),
}

/// A socket whose reads and writes end at a time.
struct Timed {
    tcp: TcpStream,
    until: Instant,
}

impl Connection {
    /// Connects; nothing is secured yet.
    pub fn open(place: &Place, within: Duration) -> Result<Self, Fault> {
        let server = place.server();
        let unreachable = |error: &io::Error| Fault::Unreachable(format!("{server} can't be reached: {error}"));
        let addresses = (place.host.as_str(), place.port).to_socket_addrs().map_err(|error| {
            Fault::Unreachable(format!(
                "{}: no such name is known; is it right, and is there a network? ({error})",
                place.host
            ))
        })?;
        let until = Instant::now() + within;
        let mut last = io::Error::new(ErrorKind::NotFound, "the name has no address");
        for address in addresses {
            match TcpStream::connect_timeout(&address, CONNECT.min(within)) {
                Ok(tcp) => {
                    tcp.set_nodelay(true).map_err(|error| unreachable(&error))?;
                    let io = Io::Plain(Timed { tcp, until });
                    return Ok(Self { io, server, until, pending: Vec::new(), deflated: None });
                }
                Err(error) => last = error,
            }
        }
        Err(unreachable(&last))
    }

    /// A server that says this, whatever it is asked, and closes.
    #[cfg(feature = "forge")]
    pub fn scripted(said: Vec<u8>) -> Self {
        let io = Io::Scripted(io::Cursor::new(said));
        Self { io, server: "script".to_owned(), until: Instant::now(), pending: Vec::new(), deflated: None }
    }

    /// The server, for people.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Another hold on its socket.
    pub fn socket(&self) -> Option<TcpStream> {
        match &self.io {
            Io::Plain(timed) => timed.tcp.try_clone().ok(),
            Io::Tls(tls) => tls.sock.tcp.try_clone().ok(),
            #[cfg(feature = "forge")]
            Io::Scripted(_) => None,
        }
    }

    /// What follows ends after this long.
    pub fn allow(&mut self, within: Duration) {
        self.until = Instant::now() + within;
        match &mut self.io {
            Io::Plain(timed) => timed.until = self.until,
            Io::Tls(tls) => tls.sock.until = self.until,
            #[cfg(feature = "forge")]
            Io::Scripted(_) => {}
        }
    }

    /// Begins TLS. What was said before it and not used is somebody's who wants
    /// it to be taken for the server's word.
    pub fn secure(self, place: &Place, trust: &Trust) -> Result<Self, Fault> {
        let server = self.server;
        let insecure = |reason: String| Fault::Insecure(format!("{server} is not secure: {reason}"));
        if !self.pending.is_empty() {
            return Err(insecure("something was sent before TLS began, as if by the server".to_owned()));
        }
        let Io::Plain(mut timed) = self.io else { return Err(insecure("TLS has begun already".to_owned())) };
        let name = ServerName::try_from(place.host.clone()).map_err(|error| insecure(error.to_string()))?;
        let config = trust.config().map_err(|fault| Fault::Denied(fault.to_string()))?;
        let mut tls = ClientConnection::new(Arc::clone(&config), name).map_err(|error| insecure(error.to_string()))?;
        while tls.is_handshaking() {
            if let Err(error) = tls.complete_io(&mut timed) {
                return Err(match ferry_tls::trouble(&error) {
                    Some(reason) => place.mistaken(insecure(reason)),
                    None => Fault::Unreachable(format!("{server} broke off while TLS began: {}", words(&error))),
                });
            }
        }
        let io = Io::Tls(Box::new(StreamOwned::new(tls, timed)));
        Ok(Self { io, server, until: self.until, pending: Vec::new(), deflated: None })
    }

    /// From here on both compress.
    pub fn deflate(&mut self) {
        self.deflated = Some(Box::new(Deflated::new()));
    }

    /// Something more that came; never nothing.
    pub fn receive(&mut self) -> Result<Vec<u8>, Fault> {
        if !self.pending.is_empty() {
            return Ok(std::mem::take(&mut self.pending));
        }
        loop {
            let Some(deflated) = &mut self.deflated else { return self.take() };
            let strange = |_| Fault::Broken(format!("{} compresses otherwise than it said", self.server));
            if let Some(plain) = deflated.unpack().map_err(strange)? {
                return Ok(plain);
            }
            let more = self.take()?;
            if let Some(deflated) = &mut self.deflated {
                deflated.add(&more);
            }
        }
    }

    /// What comes over the line.
    fn take(&mut self) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; READ_BYTES];
        let read = match &mut self.io {
            Io::Plain(timed) => timed.read(&mut bytes),
            Io::Tls(tls) => tls.read(&mut bytes),
            #[cfg(feature = "forge")]
            Io::Scripted(said) => said.read(&mut bytes),
        };
        match read {
            Ok(0) => Err(Fault::Unreachable(format!("{} closed the connection", self.server))),
            Ok(count) => {
                bytes.truncate(count);
                Ok(bytes)
            }
            Err(error) => Err(self.broken(&error)),
        }
    }

    /// Sends bytes, all of them.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let packed;
        let bytes = match &mut self.deflated {
            Some(deflated) => {
                let strange = || Fault::Broken(format!("what goes to {} can't be compressed", self.server));
                packed = deflated.pack(bytes).ok_or_else(strange)?;
                packed.as_slice()
            }
            None => bytes,
        };
        let sent = match &mut self.io {
            Io::Plain(timed) => timed.write_all(bytes),
            Io::Tls(tls) => tls.write_all(bytes).and_then(|()| tls.flush()),
            #[cfg(feature = "forge")]
            Io::Scripted(_) => Ok(()),
        };
        sent.map_err(|error| self.broken(&error))
    }

    /// A line that came before TLS, without its end.
    pub fn line(&mut self) -> Result<String, Fault> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.pending.len() > LINE_MAX {
                return Err(Fault::Broken(format!("{} sends a line without end", self.server)));
            }
            let mut before = std::mem::take(&mut self.pending);
            let more = self.receive();
            before.extend(more?);
            self.pending = before;
        }
    }

    fn broken(&self, error: &io::Error) -> Fault {
        match ferry_tls::trouble(error) {
            Some(reason) => Fault::Insecure(format!("{} is not secure: {reason}", self.server)),
            None => Fault::Unreachable(format!("the connection to {} broke off: {}", self.server, words(error))),
        }
    }
}

impl Timed {
    /// What is left of the time.
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(self.left()?))?;
        self.tcp.read(bytes)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(self.left()?))?;
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "it didn't answer in time".to_owned(),
        _ => error.to_string(),
    }
}
