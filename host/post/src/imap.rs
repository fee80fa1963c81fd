//! A folder of a mailbox over IMAP (RFC 3501, RFC 9051). Of all that lies in
//! it, only mails whose subjects bear a token are looked at; nothing is marked
//! as read, and nothing else is touched.

mod folder;
mod idle;
mod open;
mod refusal;
mod returned;

use std::time::Duration;

use imap_next::client::{Client, Error, Event};
use imap_next::imap_types::command::{Command, CommandBody};
use imap_next::imap_types::core::Tag;
use imap_next::imap_types::response::{Capability, Code, Data, Status, StatusBody, StatusKind, Tagged};
use imap_next::{Interrupt, Io, State};

pub use folder::Listed;
pub use idle::HangUp;

use crate::connection::Connection;
use crate::{Credentials, Fault, Place};

/// How long a server may take for a command.
const ANSWER: Duration = Duration::from_secs(2 * 60);
/// How long it may take to say goodbye: nothing depends on it.
const GOODBYE: Duration = Duration::from_secs(2);
/// What it may answer to one command, in bytes: a mail, or a list of mails.
const ANSWER_BYTES_MAX: usize = 32 << 20;
/// The longest single response, in bytes.
const RESPONSE_BYTES_MAX: u32 = 24 << 20;

/// A connection with a folder open.
pub struct Mailbox {
    connection: Connection,
    client: Client,
    place: Place,
    credentials: Credentials,
    capabilities: Vec<Capability<'static>>,
    /// The folder that is open, and what its UIDs belong to.
    validity: u32,
    commands: u32,
}

/// What a server answered to a command that it carried out.
#[derive(Debug, Default)]
struct Answer {
    data: Vec<Data<'static>>,
    codes: Vec<Code<'static>>,
}

/// What is happening on the connection.
enum Happening {
    Data(Data<'static>),
    Note(StatusBody<'static>),
    Done(StatusBody<'static>),
    /// It wants the response of an authentication.
    Asked,
    /// It idles.
    Idles,
}

impl Mailbox {
    /// Whether the server still answers.
    ///
    /// # Errors
    /// Where it doesn't.
    pub fn alive(&mut self) -> Result<(), Fault> {
        self.run(CommandBody::Noop).map(drop)
    }

    /// Ends it as one should (RFC 9051 section 6.1.3). A server that doesn't answer
    /// is left all the same.
    pub fn leave(mut self) {
        // It says goodbye, which is a fault at any other time.
        self.connection.allow(GOODBYE);
        let _ = self.carry(CommandBody::Logout);
    }

    /// A command, and what is answered until it is done.
    ///
    /// # Errors
    /// Where the server refuses, by what it says.
    fn run(&mut self, body: CommandBody<'static>) -> Result<Answer, Fault> {
        let what = body.name();
        let (answer, status) = self.ask(body)?;
        match status.kind {
            StatusKind::Ok => Ok(answer),
            _ => Err(self.refused(what, &status)),
        }
    }

    /// A command, and what is answered, be it a refusal.
    fn ask(&mut self, body: CommandBody<'static>) -> Result<(Answer, StatusBody<'static>), Fault> {
        self.connection.allow(ANSWER);
        self.carry(body)
    }

    /// The same, in the time that there is.
    fn carry(&mut self, body: CommandBody<'static>) -> Result<(Answer, StatusBody<'static>), Fault> {
        let tag = self.begin(body)?;
        let (mut answer, mut room) = (Answer::default(), ANSWER_BYTES_MAX);
        loop {
            match self.next(&tag, &mut room)? {
                Happening::Data(data) => answer.data.push(data),
                Happening::Note(status) => answer.codes.extend(status.code),
                Happening::Done(status) => {
                    answer.codes.extend(status.code.clone());
                    return Ok((answer, status));
                }
                Happening::Asked | Happening::Idles => return Err(self.strange("an answer out of order")),
            }
        }
    }

    fn begin(&mut self, body: CommandBody<'static>) -> Result<Tag<'static>, Fault> {
        self.commands += 1;
        let strange = || Fault::Broken("a command without a name".to_owned());
        let tag = Tag::try_from(format!("F{}", self.commands)).map_err(|_| strange())?;
        self.client.enqueue_command(Command { tag: tag.clone(), body });
        Ok(tag)
    }

    /// The next thing that happens while a command runs.
    fn next(&mut self, tag: &Tag<'static>, room: &mut usize) -> Result<Happening, Fault> {
        loop {
            match self.client.next() {
                Err(Interrupt::Io(Io::Output(bytes))) => self.connection.send(&bytes)?,
                Err(Interrupt::Io(Io::NeedMoreInput)) => {
                    let bytes = self.connection.receive()?;
                    *room = room.checked_sub(bytes.len()).ok_or_else(|| self.strange("an answer without end"))?;
                    self.client.enqueue_input(&bytes);
                }
                Err(Interrupt::Error(Error::ResponseTooLong { .. })) => {
                    return Err(self.strange("an answer of more bytes than any mail of ours has"));
                }
                Err(Interrupt::Error(_)) => return Err(self.strange("an answer that is none")),
                Ok(Event::DataReceived { data }) => return Ok(Happening::Data(data)),
                Ok(Event::AuthenticateContinuationRequestReceived { .. }) => return Ok(Happening::Asked),
                Ok(Event::IdleAccepted { .. }) => return Ok(Happening::Idles),
                Ok(
                    Event::StatusReceived { status }
                    | Event::CommandRejected { status, .. }
                    | Event::AuthenticateStatusReceived { status, .. }
                    | Event::IdleRejected { status, .. },
                ) => match status {
                    Status::Tagged(Tagged { tag: of, body }) if of == *tag => return Ok(Happening::Done(body)),
                    Status::Tagged(_) => return Err(self.strange("an answer to what nobody asked")),
                    Status::Untagged(body) => return Ok(Happening::Note(body)),
                    Status::Bye(bye) => return Err(self.leaving(bye.code.as_ref(), bye.text.inner())),
                },
                Ok(_) => {}
            }
        }
    }

    fn can(&self, capability: &Capability<'static>) -> bool {
        self.capabilities.contains(capability)
    }

    fn strange(&self, what: &str) -> Fault {
        Fault::Broken(format!("{} doesn't answer as a mail server does: {what}", self.connection.server()))
    }
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailbox({})", self.place)
    }
}
