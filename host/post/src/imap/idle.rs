//! Being told that something came (RFC 2177).

use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use imap_next::imap_types::command::CommandBody;
use imap_next::imap_types::response::{Capability, Data, StatusKind};

use super::{ANSWER, ANSWER_BYTES_MAX, Happening, Mailbox};
use crate::Fault;

/// Ends a connection from another thread, whatever it waits for.
#[derive(Debug)]
pub struct HangUp(Option<TcpStream>);

impl HangUp {
    /// Ends it.
    pub fn now(&self) {
        if let Some(tcp) = &self.0 {
            // One that is closed already is what was wanted.
            let _ = tcp.shutdown(Shutdown::Both);
        }
    }
}

impl Mailbox {
    /// What ends this connection from another thread.
    pub fn hang_up(&self) -> HangUp {
        HangUp(self.connection.socket())
    }

    /// Whether the server tells of new mail by itself.
    pub fn tells(&self) -> bool {
        self.can(&Capability::Idle)
    }

    /// Waits until a mail came; `false` where none did in this time. A server
    /// ends what takes longer than half an hour.
    ///
    /// # Errors
    /// Where the connection broke off.
    pub fn wait(&mut self, within: Duration) -> Result<bool, Fault> {
        self.connection.allow(ANSWER);
        let tag = self.begin(CommandBody::Idle)?;
        let (mut room, mut came) = (ANSWER_BYTES_MAX, false);
        loop {
            match self.next(&tag, &mut room)? {
                Happening::Idles => break,
                Happening::Done(status) => return Err(self.refused("IDLE", &status)),
                Happening::Data(Data::Exists(_)) => came = true,
                _ => {}
            }
        }
        let until = Instant::now() + within;
        while !came && Instant::now() < until {
            self.connection.allow(until.saturating_duration_since(Instant::now()));
            came = match self.next(&tag, &mut room) {
                Ok(Happening::Data(Data::Exists(_))) => true,
                Ok(Happening::Done(status)) => return Err(self.refused("IDLE", &status)),
                Ok(_) => false,
                Err(Fault::Unreachable(_)) if Instant::now() >= until => false,
                Err(fault) => return Err(fault),
            };
        }
        self.connection.allow(ANSWER);
        self.client.set_idle_done();
        loop {
            match self.next(&tag, &mut room)? {
                Happening::Data(Data::Exists(_)) => came = true,
                Happening::Done(status) if status.kind == StatusKind::Ok => return Ok(came),
                Happening::Done(status) => return Err(self.refused("IDLE", &status)),
                _ => {}
            }
        }
    }
}
