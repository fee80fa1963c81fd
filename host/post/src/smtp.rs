//! Submission over SMTP (RFC 5321, RFC 6409): one mail to one recipient. On
//! return the server has taken responsibility for it, no more.

mod refusal;
mod whole;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use smtp_proto::response::parser::ResponseReceiver;
use smtp_proto::{
    AUTH_LOGIN, AUTH_OAUTHBEARER, AUTH_PLAIN, AUTH_XOAUTH2, EXT_AUTH, EXT_PIPELINING, EXT_SIZE, EXT_START_TLS,
    EhloResponse, Response,
};

pub use self::whole::is_address;

use self::refusal::{is_about_credentials, is_about_size};
use crate::connection::{Connection, FIRST_WORD};
use crate::{Credentials, Fault, Place, Security, Trust};

/// How long a server may take for its first word and for most commands (RFC
/// 5321 section 4.5.3.2).
const ANSWER: Duration = Duration::from_secs(5 * 60);
/// How long for taking responsibility: giving up early makes doubles (section
/// 4.5.3.2.6).
const FINAL: Duration = Duration::from_secs(10 * 60);
/// How long a connection may take to be ready.
const READY: Duration = Duration::from_secs(60);
/// How long a server may take to say goodbye: nothing depends on it.
const GOODBYE: Duration = Duration::from_secs(2);
/// What a server may answer to one command, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// What we call ourselves: a name that tells nothing (RFC 5321 section 4.1.3).
const CALLED: &str = "[127.0.0.1]";

/// A connection on which mails can be submitted.
pub struct Submission {
    connection: Connection,
    credentials: Credentials,
    pending: Vec<u8>,
    offers: EhloResponse<String>,
    /// Whether another mail can be submitted.
    good: bool,
}

impl Submission {
    /// Connects, secures, and says who asks.
    ///
    /// # Errors
    /// By what to do next; each says which step it was.
    pub fn open(place: &Place, trust: &Trust, credentials: Credentials) -> Result<Self, Fault> {
        let mut connection = Connection::open(place, READY)?;
        match place.security {
            Security::Tls => connection = connection.secure(place, trust)?,
            // A server that waits for TLS says nothing.
            Security::StartTls => connection.allow(FIRST_WORD),
        }
        let mut this = Self::greeted(connection, credentials).map_err(|fault| place.mistaken(fault))?;
        if place.security == Security::StartTls {
            if this.offers.capabilities & EXT_START_TLS == 0 {
                let server = this.connection.server();
                return Err(Fault::Insecure(format!(
                    "{server} doesn't offer STARTTLS, and nothing is sent without TLS"
                )));
            }
            this.say("STARTTLS")?;
            this.expect("begin TLS", &[220])?;
            this = this.secured(place, trust)?;
            this.greet()?;
        }
        this.authenticate(place)?;
        Ok(this)
    }

    /// A server that says this, whatever it is asked.
    ///
    /// # Errors
    /// Where that is no answer.
    #[cfg(feature = "forge")]
    pub fn scripted(place: &Place, credentials: Credentials, said: Vec<u8>) -> Result<Self, Fault> {
        let mut this = Self::greeted(Connection::scripted(said), credentials)?;
        this.authenticate(place)?;
        Ok(this)
    }

    fn greeted(connection: Connection, credentials: Credentials) -> Result<Self, Fault> {
        let mut this =
            Self { connection, credentials, pending: Vec::new(), offers: EhloResponse::default(), good: true };
        this.expect("begin", &[220])?;
        this.connection.allow(READY);
        this.greet()?;
        Ok(this)
    }

    /// The largest mail that the server announces to take, in bytes (RFC 1870).
    pub fn max_bytes(&self) -> Option<u64> {
        let announced = self.offers.capabilities & EXT_SIZE != 0 && self.offers.size > 0;
        announced.then_some(self.offers.size as u64)
    }

    /// Submits a mail, whose lines end with CR LF and have at most 998 bytes (RFC
    /// 5321 section 4.5.3.1.6).
    ///
    /// # Errors
    /// By what to do next; `Broken` for what is no mail, or no address: servers
    /// differ in where such a thing ends. Where it broke off after the last byte, the mail may
    /// have left all the same.
    pub fn submit(&mut self, sender: &str, recipient: &str, mail: &[u8]) -> Result<(), Fault> {
        whole::is_mail(mail)?;
        [sender, recipient].into_iter().try_for_each(whole::is_address)?;
        let max = self.max_bytes();
        if let Some(max) = max.filter(|max| mail.len() as u64 > *max) {
            return Err(Fault::TooLarge(max));
        }
        self.good = false;
        let done = self.transact(sender, recipient, mail);
        self.good = match &done {
            Ok(()) => true,
            Err(fault) => fault.leaves_connection() && self.reset().is_ok(),
        };
        done.map_err(|fault| match fault {
            // It says less than it takes, or only once it has seen it.
            Fault::TooLarge(0) => {
                Fault::TooLarge(max.unwrap_or(mail.len() as u64).min((mail.len() as u64).saturating_sub(1)))
            }
            other => other,
        })
    }

    /// Whether the server would take mail of this sender for this recipient: asked,
    /// and taken back. Nothing is sent. Many servers look at the sender only once
    /// there is a recipient.
    ///
    /// # Errors
    /// By what to do next.
    pub fn rehearse(&mut self, sender: &str, recipient: &str) -> Result<(), Fault> {
        [sender, recipient].into_iter().try_for_each(whole::is_address)?;
        self.connection.allow(ANSWER);
        self.say(&format!("MAIL FROM:<{sender}>"))?;
        self.from(sender)?;
        self.say(&format!("RCPT TO:<{recipient}>"))?;
        self.to(sender, recipient)?;
        self.reset()
    }

    /// Ends it as one should (RFC 5321 section 4.1.1.10). A server that doesn't
    /// answer is left all the same.
    pub fn leave(mut self) {
        self.connection.allow(GOODBYE);
        let _ = self.say("QUIT").and_then(|()| self.answer().map(drop));
    }

    /// Whether another mail can be submitted on this connection.
    pub fn is_good(&self) -> bool {
        self.good
    }

    fn reset(&mut self) -> Result<(), Fault> {
        self.say("RSET")?;
        self.expect("begin anew", &[250]).map(drop)
    }

    /// Whether the server still answers.
    ///
    /// # Errors
    /// Where it doesn't.
    pub fn alive(&mut self) -> Result<(), Fault> {
        self.connection.allow(READY);
        self.say("NOOP")?;
        self.expect("answer", &[250]).map(drop)
    }

    fn transact(&mut self, sender: &str, recipient: &str, mail: &[u8]) -> Result<(), Fault> {
        self.connection.allow(ANSWER);
        let size = match self.offers.capabilities & EXT_SIZE {
            0 => String::new(),
            _ => format!(" SIZE={}", mail.len()),
        };
        let (from, to) = (format!("MAIL FROM:<{sender}>{size}"), format!("RCPT TO:<{recipient}>"));
        if self.offers.capabilities & EXT_PIPELINING == 0 {
            self.say(&from)?;
            self.from(sender)?;
            self.say(&to)?;
            self.to(sender, recipient)?;
        } else {
            self.say(&format!("{from}\r\n{to}"))?;
            let (from, to) = (self.from(sender), self.to(sender, recipient));
            from.and(to)?;
        }
        self.say("DATA")?;
        self.expect("take a mail", &[354])?;
        self.connection.allow(FINAL);
        self.connection.send(&whole::stuffed(mail))?;
        self.expect("take the mail", &[250]).map(drop)
    }

    fn from(&mut self, sender: &str) -> Result<(), Fault> {
        let response = self.response()?;
        match response.code {
            250 => Ok(()),
            500..600 if !is_about_size(&response) && !is_about_credentials(&response) => {
                Err(self.not_as(sender, &response))
            }
            _ => Err(self.refused("take a mail", &response)),
        }
    }

    fn to(&mut self, sender: &str, recipient: &str) -> Result<(), Fault> {
        let response = self.response()?;
        match response.code {
            250 | 251 => Ok(()),
            // Said of a recipient, their room is used up (RFC 5321 section 4.2.2).
            552 if response.esc != [5, 3, 4] => Err(self.full(&response)),
            500..600 if !is_about_size(&response) && !is_about_credentials(&response) && response.esc != [5, 2, 2] => {
                // Some look at the sender only now.
                if response.message.contains(sender) && (sender == recipient || !response.message.contains(recipient)) {
                    return Err(self.not_as(sender, &response));
                }
                let (server, said) = (self.connection.server(), self.said(&response));
                Err(Fault::Denied(format!("{server} doesn't take mail for {recipient}: {said}")))
            }
            _ => Err(self.refused("take mail for the partner", &response)),
        }
    }

    fn greet(&mut self) -> Result<(), Fault> {
        self.say(&format!("EHLO {CALLED}"))?;
        let text = self.answer()?;
        match EhloResponse::parse(&mut text.iter()) {
            Ok(offers) => {
                self.offers = offers;
                Ok(())
            }
            Err(_) => {
                let response = self.parsed(&text)?;
                Err(self.refused("speak ESMTP", &response))
            }
        }
    }

    fn secured(self, place: &Place, trust: &Trust) -> Result<Self, Fault> {
        if !self.pending.is_empty() {
            let server = self.connection.server();
            let reason = "something was sent before TLS began, as if by the server";
            return Err(Fault::Insecure(format!("{server} is not secure: {reason}")));
        }
        Ok(Self { connection: self.connection.secure(place, trust)?, ..self })
    }

    fn authenticate(&mut self, place: &Place) -> Result<(), Fault> {
        let offered =
            |mechanism: u64| self.offers.capabilities & EXT_AUTH != 0 && self.offers.auth_mechanisms & mechanism != 0;
        let credentials = self.credentials.clone();
        let (mechanism, response) = match &credentials {
            Credentials::Token { .. } if offered(AUTH_OAUTHBEARER) => {
                ("OAUTHBEARER", credentials.bearer(&place.host, place.port))
            }
            Credentials::Token { .. } if offered(AUTH_XOAUTH2) => ("XOAUTH2", credentials.xoauth2()),
            Credentials::Password { .. } if offered(AUTH_PLAIN) => ("PLAIN", credentials.plain()),
            Credentials::Password { user, password } if offered(AUTH_LOGIN) => {
                return self.login(user, password);
            }
            _ => {
                let (server, what) = (self.connection.server(), credentials.kind());
                return Err(Fault::Denied(format!("{server} offers no way to sign in with {what}")));
            }
        };
        self.say(&format!("AUTH {mechanism} {}", STANDARD.encode(response)))?;
        let mut response = self.response()?;
        if response.code == 334 {
            // Why it refuses; it wants an answer (RFC 7628 section 3.2.3).
            self.say(if mechanism == "OAUTHBEARER" { "AQ==" } else { "" })?;
            response = self.response()?;
        }
        self.signed_in(&response)
    }

    /// AUTH LOGIN, which some servers offer alone.
    fn login(&mut self, user: &str, password: &str) -> Result<(), Fault> {
        self.say("AUTH LOGIN")?;
        for secret in [user, password] {
            let response = self.response()?;
            if response.code != 334 {
                return self.signed_in(&response);
            }
            self.say(&STANDARD.encode(secret))?;
        }
        let response = self.response()?;
        self.signed_in(&response)
    }

    fn signed_in(&self, response: &Response<String>) -> Result<(), Fault> {
        match response.code {
            235 => Ok(()),
            500..600 => Err(self.unauthenticated(response)),
            _ => Err(self.refused("sign in", response)),
        }
    }

    fn say(&mut self, line: &str) -> Result<(), Fault> {
        self.connection.send(format!("{line}\r\n").as_bytes())
    }

    fn expect(&mut self, step: &str, codes: &[u16]) -> Result<Response<String>, Fault> {
        let response = self.response()?;
        if codes.contains(&response.code) { Ok(response) } else { Err(self.refused(step, &response)) }
    }

    fn response(&mut self) -> Result<Response<String>, Fault> {
        let text = self.answer()?;
        self.parsed(&text)
    }

    fn parsed(&self, text: &[u8]) -> Result<Response<String>, Fault> {
        ResponseReceiver::default().parse(&mut text.iter()).map_err(|_| self.strange())
    }

    /// The lines of one answer (RFC 5321 section 4.2.1).
    fn answer(&mut self) -> Result<Vec<u8>, Fault> {
        loop {
            if let Some(end) = answer_end(&self.pending) {
                let rest = self.pending.split_off(end);
                return Ok(std::mem::replace(&mut self.pending, rest));
            }
            if self.pending.len() > ANSWER_BYTES_MAX {
                return Err(self.strange());
            }
            self.pending.extend(self.connection.receive()?);
        }
    }

    fn strange(&self) -> Fault {
        Fault::Broken(format!("{} doesn't answer as a mail server does", self.connection.server()))
    }
}

impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Submission({})", self.connection.server())
    }
}

/// Where an answer ends: with a line whose code isn't followed by a hyphen.
fn answer_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(length) = bytes.get(at..)?.iter().position(|byte| *byte == b'\n') {
        let line = bytes.get(at..at + length)?;
        at += length + 1;
        if line.get(3) != Some(&b'-') {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_with_the_line_that_says_so() {
        assert_eq!(answer_end(b"250-a\r\n250-b\r\n250 c\r\n220 next"), Some(21));
        assert_eq!(answer_end(b"250-a\r\n250-b\r\n"), None);
        assert_eq!(answer_end(b"250"), None);
        assert_eq!(answer_end(b"\r\n"), Some(2));
    }
}
