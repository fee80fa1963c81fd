//! Connecting, TLS, and who asks.

use std::time::Duration;

use imap_next::client::{Client, Options};
use imap_next::imap_types::auth::{AuthMechanism, AuthenticateData};
use imap_next::imap_types::command::CommandBody;
use imap_next::imap_types::core::AString;
use imap_next::imap_types::extensions::compress::CompressionAlgorithm;
use imap_next::imap_types::response::{Capability, Code, Data, Status, StatusBody, StatusKind};
use imap_next::{Interrupt, Io, State};

use super::{Happening, Mailbox, RESPONSE_BYTES_MAX};
use crate::connection::{Connection, FIRST_WORD};
use crate::{Credentials, Fault, Place, Security, Trust};

/// How long a connection may take to be ready.
const READY: Duration = Duration::from_secs(60);
/// Lines before TLS that aren't the answer to STARTTLS.
const LINES_MAX: usize = 16;
/// What a server may say before it is asked anything, in bytes.
const GREETING_BYTES_MAX: usize = 64 << 10;

impl Mailbox {
    /// Connects, secures, says who asks, and opens the folder.
    ///
    /// # Errors
    /// By what to do next; each says which step it was.
    pub fn open(place: &Place, trust: &Trust, credentials: Credentials) -> Result<Self, Fault> {
        let mut connection = Connection::open(place, READY)?;
        if place.security == Security::StartTls {
            connection.allow(FIRST_WORD);
            start_tls(&mut connection).map_err(|fault| place.mistaken(fault))?;
            connection.allow(READY);
        }
        let connection = connection.secure(place, trust)?;
        // A greeting that came before TLS is worth nothing.
        Self::ready(connection, place, credentials, place.security == Security::Tls)
    }

    /// A server that says this, whatever it is asked.
    ///
    /// # Errors
    /// Where that is no answer.
    #[cfg(feature = "forge")]
    pub fn scripted(place: &Place, credentials: Credentials, said: Vec<u8>) -> Result<Self, Fault> {
        Self::ready(Connection::scripted(said), place, credentials, true)
    }

    fn ready(connection: Connection, place: &Place, credentials: Credentials, greets: bool) -> Result<Self, Fault> {
        let mut options = Options::default();
        options.max_response_size = RESPONSE_BYTES_MAX;
        options.discard_greeting = !greets;
        let mut this = Self {
            connection,
            client: Client::new(options),
            place: place.clone(),
            credentials,
            capabilities: Vec::new(),
            validity: 0,
            commands: 0,
        };
        if greets {
            this.greeting()?;
        }
        this.sign_in()?;
        this.compress()?;
        this.select()?;
        Ok(this)
    }

    fn greeting(&mut self) -> Result<(), Fault> {
        use imap_next::client::Event;
        use imap_next::imap_types::response::GreetingKind;
        let mut room = GREETING_BYTES_MAX;
        loop {
            match self.client.next() {
                Ok(Event::GreetingReceived { greeting }) => {
                    return match greeting.kind {
                        GreetingKind::Bye => Err(self.leaving(greeting.code.as_ref(), greeting.text.inner())),
                        _ => Ok(()),
                    };
                }
                Err(Interrupt::Io(Io::NeedMoreInput)) => {
                    let bytes = self.connection.receive()?;
                    room = room.checked_sub(bytes.len()).ok_or_else(|| self.strange("a greeting without end"))?;
                    self.client.enqueue_input(&bytes);
                }
                Err(Interrupt::Io(Io::Output(bytes))) => self.connection.send(&bytes)?,
                Ok(Event::StatusReceived { status: Status::Bye(bye) }) => {
                    return Err(self.leaving(bye.code.as_ref(), bye.text.inner()));
                }
                Ok(_) | Err(Interrupt::Error(_)) => return Err(self.strange("a greeting that is none")),
            }
        }
    }

    fn sign_in(&mut self) -> Result<(), Fault> {
        self.ask_capabilities()?;
        let can = |mechanism: AuthMechanism<'static>| self.can(&Capability::Auth(mechanism));
        let credentials = self.credentials.clone();
        let (mechanism, response) = match &credentials {
            Credentials::Token { .. } if can(AuthMechanism::OAuthBearer) => {
                (AuthMechanism::OAuthBearer, credentials.bearer(&self.place.host, self.place.port))
            }
            Credentials::Token { .. } if can(AuthMechanism::XOAuth2) => (AuthMechanism::XOAuth2, credentials.xoauth2()),
            Credentials::Password { .. } if can(AuthMechanism::Plain) => (AuthMechanism::Plain, credentials.plain()),
            Credentials::Password { user, password } if !self.can(&Capability::LoginDisabled) => {
                return self.login(user, password);
            }
            _ => {
                let (server, what) = (self.connection.server(), credentials.kind());
                return Err(Fault::Denied(format!("{server} offers no way to sign in with {what}")));
            }
        };
        let status = self.authenticate(mechanism, response)?;
        self.signed_in(&status)
    }

    fn login(&mut self, user: &str, password: &str) -> Result<(), Fault> {
        let text = |text: &str| AString::try_from(text.to_owned());
        let (Ok(username), Ok(password)) = (text(user), text(password)) else {
            return Err(Fault::Denied("user name or password hold characters that IMAP doesn't have".to_owned()));
        };
        let (_, status) = self.ask(CommandBody::Login { username, password: password.into() })?;
        self.signed_in(&status)
    }

    fn signed_in(&mut self, status: &StatusBody<'static>) -> Result<(), Fault> {
        if status.kind != StatusKind::Ok {
            return Err(self.unauthenticated(status));
        }
        // They are others for those who are in (RFC 9051 section 6.1.1).
        match &status.code {
            Some(Code::Capability(capabilities)) => {
                self.capabilities = capabilities.as_ref().to_vec();
                Ok(())
            }
            _ => self.ask_capabilities(),
        }
    }

    /// Where the server can, both compress from here on.
    fn compress(&mut self) -> Result<(), Fault> {
        let algorithm = CompressionAlgorithm::Deflate;
        if self.can(&Capability::Compress { algorithm: algorithm.clone() }) {
            let (_, status) = self.ask(CommandBody::Compress { algorithm })?;
            if status.kind == StatusKind::Ok {
                self.connection.deflate();
            }
        }
        Ok(())
    }

    fn ask_capabilities(&mut self) -> Result<(), Fault> {
        let answer = self.run(CommandBody::Capability)?;
        let told = answer.data.into_iter().find_map(|data| match data {
            Data::Capability(capabilities) => Some(capabilities.into_inner()),
            _ => None,
        });
        self.capabilities = told.ok_or_else(|| self.strange("no capabilities"))?;
        Ok(())
    }

    /// AUTHENTICATE (RFC 9051 section 6.2.2), its response at once where the
    /// server takes it so.
    fn authenticate(
        &mut self,
        mechanism: AuthMechanism<'static>,
        response: Vec<u8>,
    ) -> Result<StatusBody<'static>, Fault> {
        // One that refuses a token says first why, and wants an answer (RFC 7628
        // section 3.2.3).
        let end: &[u8] = if mechanism == AuthMechanism::OAuthBearer { b"\x01" } else { b"" };
        let (body, mut next) = if self.can(&Capability::SaslIr) {
            (CommandBody::authenticate_with_ir(mechanism, response), end.to_vec())
        } else {
            (CommandBody::authenticate(mechanism), response)
        };
        self.connection.allow(READY);
        let tag = self.begin(body)?;
        let mut room = GREETING_BYTES_MAX;
        loop {
            match self.next(&tag, &mut room)? {
                Happening::Asked => {
                    let data = AuthenticateData::r#continue(std::mem::replace(&mut next, end.to_vec()));
                    self.client.set_authenticate_data(data).map_err(|_| self.strange("an answer out of order"))?;
                }
                Happening::Done(status) => return Ok(status),
                Happening::Data(_) | Happening::Note(_) => {}
                Happening::Idles => return Err(self.strange("an answer out of order")),
            }
        }
    }
}

/// STARTTLS (RFC 9051 section 6.2.1) on a connection that was just opened: as
/// little as possible is believed of what comes without TLS.
fn start_tls(connection: &mut Connection) -> Result<(), Fault> {
    let server = connection.server().to_owned();
    let insecure = |reason: &str| Fault::Insecure(format!("{server} {reason}"));
    let greeting = connection.line()?;
    if !greeting.starts_with("* OK") {
        return Err(insecure("doesn't greet as a mail server does, before TLS"));
    }
    connection.send(b"S1 STARTTLS\r\n")?;
    for _ in 0..LINES_MAX {
        let line = connection.line()?;
        match line.strip_prefix("S1 ") {
            Some(answer) if answer.starts_with("OK") => return Ok(()),
            Some(_) => return Err(insecure("doesn't offer STARTTLS, and nothing is sent without TLS")),
            None => {}
        }
    }
    Err(insecure("doesn't answer to STARTTLS"))
}
