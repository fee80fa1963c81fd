//! A person's word: start, stop, edit, delete, compared.

use super::Engine;
use super::batch::Batch;
use crate::fault::Fault;
use crate::message::{Body, Control};
use crate::state::{State, Status};
use crate::tables;

/// The longest name, in characters: what a table shows.
const NAME_MAX: usize = 100;
/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 2_000;

impl Engine<'_> {
    /// Begins, or goes on.
    ///
    /// # Errors
    /// `NotAllowed` in a status that doesn't start, with what would be right.
    pub fn start(&self) -> Result<(), Fault> {
        let state = self.state()?;
        match state.status {
            Status::Running => return Ok(()),
            Status::Stopped => {}
            Status::Suspended if state.revoked.is_some() => return Err(not_yet(&state.reason)),
            // A person says first that whoever is pinned is the partner.
            Status::Suspended => return Err(not_yet(&format!("{} (`ferry sync compared`)", state.reason))),
            Status::Handshake => {
                return Err(not_yet(
                    "the partner has not answered yet; let both sides run until the connection test has passed",
                ));
            }
            Status::RestartRequired | Status::DeletedByPartner => {
                return Err(not_yet(&format!("it is held back: {}", state.reason)));
            }
        }
        if self.draft().get(&tables::CONFIGURED, &())?.unwrap_or_default().version == 0 {
            return Err(not_yet(
                "nothing was agreed yet; the primary publishes a configuration and the secondary adopts it",
            ));
        }
        if state.strict && !state.compared {
            return Err(not_yet("it is strict: compare the fingerprint phrase with the partner, then say so"));
        }
        self.stand_as(state, true)
    }

    /// Pauses; nothing is lost.
    ///
    /// # Errors
    /// `NotAllowed` in a status that doesn't stop.
    pub fn stop(&self) -> Result<(), Fault> {
        let state = self.state()?;
        match state.status {
            Status::Stopped => Ok(()),
            Status::Running => self.stand_as(state, false),
            _ => Err(not_yet("it isn't running")),
        }
    }

    /// Changes the name or the description.
    ///
    /// # Errors
    /// `Invalid`, with what would be right.
    pub fn edit(&self, name: Option<&str>, description: Option<&str>) -> Result<(), Fault> {
        let mut state = self.state()?;
        if let Some(name) = name {
            state.name = line("name", name, NAME_MAX)?;
        }
        if let Some(description) = description {
            state.description = line("description", description, DESCRIPTION_MAX)?;
        }
        let mut draft = self.draft();
        draft.put(&tables::STATE, &(), &state)?;
        Ok(draft.commit()?)
    }

    /// Stops, and leaves word for the partner, which the next tick sends.
    ///
    /// # Errors
    /// The store's.
    pub fn delete(&self) -> Result<(), Fault> {
        let mut state = self.state()?;
        // Under a revoked key nothing more is said.
        if state.status == Status::DeletedByPartner || state.revoked.is_some() {
            return Ok(());
        }
        state.stand(Status::Stopped, "Being deleted by a person.", self.now);
        self.say(&state, Control::Deleted)
    }

    /// People compared the phrase, and it was the same: whoever is pinned is the
    /// partner, and what a second one's hello suspended may go on.
    ///
    /// # Errors
    /// `NotAllowed` while there is no partner.
    pub fn compared(&self) -> Result<(), Fault> {
        let mut state = self.state()?;
        if state.partner.is_none() {
            return Err(not_yet("there is no phrase to compare before the partner has answered"));
        }
        state.compared = true;
        if state.status == Status::Suspended && state.revoked.is_none() {
            if state.connected() {
                state.stand(Status::Stopped, "The phrase was compared; start goes on.", self.now);
            } else {
                state.stand(Status::Handshake, "the phrase was compared; the partner has to answer our ping", self.now);
            }
        }
        let mut draft = self.draft();
        draft.put(&tables::STATE, &(), &state)?;
        Ok(draft.commit()?)
    }

    fn stand_as(&self, mut state: State, running: bool) -> Result<(), Fault> {
        state.stand_as(running, self.now);
        self.say(&state, if running { Control::Started } else { Control::Stopped })
    }

    /// Keeps where it stands, and tells the partner.
    fn say(&self, state: &State, word: Control) -> Result<(), Fault> {
        let mut batch = Batch::open(self)?;
        if state.partner.is_some() {
            batch.send_alone(Body::Control(word))?;
        }
        batch.draft.put(&tables::STATE, &(), state)?;
        batch.commit()
    }
}

fn not_yet(reason: &str) -> Fault {
    Fault::NotAllowed(reason.to_owned())
}

fn line(field: &str, text: &str, max: usize) -> Result<String, Fault> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(Fault::invalid(field, "it has control characters or several lines: give one line"));
    }
    let length = text.chars().count();
    if length > max || field == "name" && length == 0 {
        return Err(Fault::invalid(field, format!("it has {length} characters: give 1 to {max}")));
    }
    Ok(text.to_owned())
}
