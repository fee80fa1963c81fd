//! How a synchronization begins: the primary makes the handshake file, the
//! secondary joins with it. `ferry:control/setup`.

use super::Engine;
use crate::delivery::{Incoming, Outgoing};
use crate::fault::{Fault, Mistake};
use crate::handshake::{Greeting, INVITATION_FORMAT, Invitation, Keys, Passphrase, Secret, Seed, SentHello};
use crate::ids::{Chain, Epoch, Fingerprint, SyncId};
use crate::keys::Turn;
use crate::limits::{INVITATION_BYTES_MAX, INVITATION_HOURS_MAX};
use crate::message::PROTOCOL;
use crate::ports::InvitationFault;
use crate::scope::Side;
use crate::state::{ChannelKind, Connection, FORMAT, Partner, Profile, Reunion, State, Status};
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// What the primary decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What its own people call the synchronization; the partner sees it.
    pub name: String,
    /// What it is for, in a sentence; the partner sees it.
    pub description: String,
    /// How parcels travel.
    pub channel: ChannelKind,
    /// How parcels are sealed.
    pub profile: Profile,
    /// No issue flows until people have compared the phrase.
    pub strict: bool,
    /// What the partner should know of the channel, in words.
    pub channel_hint: String,
    /// Encrypts the handshake file.
    pub passphrase: Option<Passphrase>,
    /// How long the handshake file is valid, in hours.
    pub valid_hours: u32,
}

/// What a handshake file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The synchronization's id.
    pub sync: SyncId,
    /// Its name at the primary.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How parcels travel.
    pub channel: ChannelKind,
    /// What the partner should know of the channel, in words.
    pub channel_hint: String,
    /// How parcels are sealed.
    pub profile: Profile,
    /// No issue flows until people have compared the phrase.
    pub strict: bool,
    /// Of the primary's certificate.
    pub fingerprint: Fingerprint,
    /// When it was made.
    pub created: Time,
    /// Until when it is valid.
    pub expires: Time,
    /// Whether that time is past.
    pub expired: bool,
    /// For a synchronization that was there before.
    pub again: bool,
    /// The highest protocol version that its maker speaks: major, minor.
    pub protocol: (u16, u16),
}

/// The longest name, in characters: what a table shows.
const NAME_CHARACTERS_MAX: usize = 100;
/// The longest description and channel hint, in characters.
const DESCRIPTION_CHARACTERS_MAX: usize = 2_000;
/// An hour, in milliseconds.
pub(super) const HOUR_MS: u64 = 3_600_000;

impl Engine<'_> {
    /// Creates this side as the primary and answers the handshake file.
    ///
    /// # Errors
    /// `Invalid`, `NotAllowed` where this store has a synchronization already.
    pub fn create(&self, wanted: &Wanted) -> Result<Vec<u8>, Fault> {
        self.unused()?;
        check(wanted)?;
        self.same_channel(wanted.channel)?;
        let wire = self.ports.wire;
        let keys = wire.generate(wanted.profile, self.now, self.random()).map_err(Fault::Other)?;
        let fingerprint = wire.fingerprint(&keys.certificate).map_err(Fault::Other)?;
        let invitation = Invitation {
            format: INVITATION_FORMAT,
            sync: SyncId(self.random()),
            name: wanted.name.trim().to_owned(),
            description: wanted.description.trim().to_owned(),
            channel: wanted.channel,
            channel_hint: wanted.channel_hint.trim().to_owned(),
            address: self.ports.channel.address()?,
            profile: wanted.profile,
            strict: wanted.strict,
            certificate: keys.certificate.clone(),
            secret: Secret(self.random()),
            epoch: Epoch { counter: 1, nonce: self.random() },
            created: self.now,
            expires: self.now.after_ms(u64::from(wanted.valid_hours) * HOUR_MS),
            again: false,
            protocol: PROTOCOL,
        };
        let file = wire
            .write_invitation(&invitation, &keys, passphrase(wanted), self.now, self.random())
            .map_err(Fault::Other)?;
        let until = invitation.expires.rfc3339();
        let reason = format!("waiting for the partner: give them the handshake file, which is valid until {until}");
        let mut state = self.beginning(&invitation, Side::Primary, fingerprint, None);
        state.stand(Status::Handshake, reason, self.now);
        self.begin(&state, &keys, &invitation, None)?;
        Ok(file)
    }

    /// What a handshake file says, changing nothing.
    ///
    /// # Errors
    /// `WrongPartner` where it was altered, `NewerVersion`, `Invalid` where
    /// the passphrase is wrong.
    pub fn inspect(&self, file: &[u8], passphrase: Option<&str>) -> Result<Summary, Fault> {
        let invitation = self.read_invitation(file, passphrase)?;
        self.summary(&invitation)
    }

    /// Creates this side as the secondary.
    ///
    /// # Errors
    /// As `inspect`, `Expired`, and `NotAllowed` where this store has a
    /// synchronization already.
    pub fn join(&self, file: &[u8], passphrase: Option<&str>) -> Result<Summary, Fault> {
        let invitation = self.read_invitation(file, passphrase)?;
        let known = self.draft().get(&tables::STATE, &())?;
        if let Some(state) = &known {
            unjoined(state, &invitation)?;
        }
        let summary = self.summary(&invitation)?;
        if summary.expired {
            return Err(Fault::Expired(format!(
                "this handshake file was valid until {}; ask the partner for a new one",
                invitation.expires.rfc3339()
            )));
        }
        self.same_channel(invitation.channel)?;
        if let Some(state) = known {
            return self.rejoin(state, &invitation).map(|()| summary);
        }
        let wire = self.ports.wire;
        let keys = wire.generate(invitation.profile, self.now, self.random()).map_err(Fault::Other)?;
        let fingerprint = wire.fingerprint(&keys.certificate).map_err(Fault::Other)?;
        let partner = Partner {
            certificate: invitation.certificate.clone(),
            address: invitation.address.clone(),
            fingerprint: summary.fingerprint,
            expires: Some(wire.validity(&invitation.certificate).map_err(Fault::Other)?.expires),
            key: 0,
            answered: None,
            protocol: invitation.protocol,
            seen: None,
            running: None,
        };
        let hello = self.new_hello()?;
        let mut state = self.beginning(&invitation, Side::Secondary, fingerprint, Some(partner));
        let reason = "our hello leaves with the next run; then it is the partner's turn: their Ferry has to run";
        state.stand(Status::Handshake, reason, self.now);
        self.begin(&state, &keys, &invitation, Some(hello))?;
        Ok(summary)
    }

    /// Whether parcels travel here as they do at the partner.
    pub(super) fn same_channel(&self, wanted: ChannelKind) -> Result<(), Fault> {
        let ours = self.ports.channel.kind();
        if ours == wanted {
            return Ok(());
        }
        let reason =
            format!("the handshake file is for {wanted}, and here parcels travel by {ours}: choose one for both");
        Err(Fault::invalid("channel", reason))
    }

    /// The secondary's first word, due at once.
    pub(super) fn new_hello(&self) -> Result<SentHello, Fault> {
        let address = self.ports.channel.address()?;
        let seed = Seed(self.random());
        Ok(SentHello { created: self.now, address, seed, attempts: 0, due: self.now, name: None })
    }

    fn unused(&self) -> Result<(), Fault> {
        match self.draft().get(&tables::STATE, &())? {
            None => Ok(()),
            Some(state) => {
                Err(Fault::NotAllowed(format!("this store holds the synchronization \"{}\" already", state.name)))
            }
        }
    }

    fn read_invitation(&self, file: &[u8], passphrase: Option<&str>) -> Result<Invitation, Fault> {
        if file.len() > INVITATION_BYTES_MAX {
            return Err(Fault::invalid(
                "handshake",
                format!("{} bytes are more than a handshake file has; is it the right file?", file.len()),
            ));
        }
        let invitation = self.ports.wire.read_invitation(file, passphrase, self.now).map_err(unreadable)?;
        if invitation.format > INVITATION_FORMAT || invitation.protocol.0 > PROTOCOL.0 {
            let (major, minor) = invitation.protocol;
            return Err(unreadable(InvitationFault::NewerVersion(format!("{major}.{minor}"))));
        }
        Ok(invitation)
    }

    fn summary(&self, invitation: &Invitation) -> Result<Summary, Fault> {
        let fingerprint = self.ports.wire.fingerprint(&invitation.certificate).map_err(Fault::WrongPartner)?;
        Ok(Summary {
            sync: invitation.sync,
            name: invitation.name.clone(),
            description: invitation.description.clone(),
            channel: invitation.channel,
            channel_hint: invitation.channel_hint.clone(),
            profile: invitation.profile,
            strict: invitation.strict,
            fingerprint,
            created: invitation.created,
            expires: invitation.expires,
            expired: self.now > invitation.expires,
            again: invitation.again,
            protocol: invitation.protocol,
        })
    }

    fn beginning(&self, from: &Invitation, side: Side, fingerprint: Fingerprint, partner: Option<Partner>) -> State {
        State {
            format: FORMAT,
            sync: from.sync,
            side,
            name: from.name.clone(),
            description: from.description.clone(),
            channel: from.channel,
            profile: from.profile,
            strict: from.strict,
            compared: false,
            status: Status::Handshake,
            reason: String::new(),
            since: self.now,
            connection: Connection::Waiting,
            connection_since: self.now,
            // What the partner knows of issues is told first.
            reunion: if from.again { Reunion::Telling(None) } else { Reunion::None },
            halted: false,
            heard_epoch: from.epoch.counter,
            fingerprint,
            expires: None,
            key: 0,
            turn: Turn::None,
            revoked: None,
            invited: from.created,
            partner,
        }
    }

    fn begin(&self, state: &State, keys: &Keys, from: &Invitation, hello: Option<SentHello>) -> Result<(), Fault> {
        let mut draft = self.draft();
        let expires = self.ports.wire.validity(&keys.certificate).map_err(Fault::Other)?.expires;
        draft.put(&tables::STATE, &(), &State { expires: Some(expires), ..state.clone() })?;
        draft.put(&tables::KEYS, &(), keys)?;
        draft.put(&tables::GREETING, &(), &Greeting::new(from, hello))?;
        new_streams(&mut draft, from.epoch)?;
        Ok(draft.commit()?)
    }
}

/// Both streams at the beginning of an epoch.
pub(super) fn new_streams(draft: &mut Draft<'_>, epoch: Epoch) -> Result<(), Fault> {
    draft.put(&tables::OUTGOING, &(), &Outgoing::beginning(epoch))?;
    Ok(draft.put(&tables::INCOMING, &(), &Incoming::beginning(epoch))?)
}

/// Whether the synchronization that is here may take a handshake file: only a new
/// one for itself, as its secondary.
fn unjoined(state: &State, invitation: &Invitation) -> Result<(), Fault> {
    let same = state.sync == invitation.sync;
    Err(Fault::NotAllowed(
        match state.side {
            Side::Secondary if same && invitation.again => return Ok(()),
            Side::Primary if same => "this handshake file was made here: give it to the partner, who joins with it",
            Side::Secondary if same => "this handshake file was joined here already",
            _ => "this store holds another synchronization already",
        }
        .to_owned(),
    ))
}

fn passphrase(wanted: &Wanted) -> Option<&str> {
    wanted.passphrase.as_ref().map(|passphrase| passphrase.0.as_str())
}

fn check(wanted: &Wanted) -> Result<(), Fault> {
    let mut mistakes = Vec::new();
    let mut wrong = |field: &str, reason: String| mistakes.push(Mistake { field: field.to_owned(), reason });
    if wanted.name.trim().is_empty() || wanted.name.chars().count() > NAME_CHARACTERS_MAX {
        wrong("name", format!("must have 1 to {NAME_CHARACTERS_MAX} characters"));
    }
    if wanted.description.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        wrong("description", format!("may have at most {DESCRIPTION_CHARACTERS_MAX} characters"));
    }
    for (field, text) in [("name", &wanted.name), ("description", &wanted.description)] {
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            wrong(field, "may not hold control characters".to_owned());
        }
    }
    if let Err(Fault::Invalid(more)) = check_delivery(&wanted.channel_hint, passphrase(wanted), wanted.valid_hours) {
        mistakes.extend(more);
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Fault::Invalid(mistakes)) }
}

/// Checks what is decided about any handshake file.
pub(super) fn check_delivery(channel_hint: &str, passphrase: Option<&str>, valid_hours: u32) -> Result<(), Fault> {
    let mut mistakes = Vec::new();
    let mut wrong = |field: &str, reason: String| mistakes.push(Mistake { field: field.to_owned(), reason });
    if channel_hint.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        wrong("channel-hint", format!("may have at most {DESCRIPTION_CHARACTERS_MAX} characters"));
    }
    if !(1..=INVITATION_HOURS_MAX).contains(&valid_hours) {
        wrong("valid-hours", format!("must be from 1 to {INVITATION_HOURS_MAX} hours (90 days)"));
    }
    if passphrase.is_some_and(str::is_empty) {
        wrong("passphrase", "is empty; leave it out for a handshake file without one".to_owned());
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Fault::Invalid(mistakes)) }
}

fn unreadable(fault: InvitationFault) -> Fault {
    match fault {
        InvitationFault::Malformed(_) | InvitationFault::Signature(_) => {
            Fault::WrongPartner(format!("{fault}; ask the partner to hand it over again"))
        }
        InvitationFault::PassphraseNeeded | InvitationFault::PassphraseWrong => {
            Fault::invalid("passphrase", fault.to_string())
        }
        InvitationFault::NewerVersion(_) => Fault::NewerVersion(fault.to_string()),
    }
}

impl Outgoing {
    fn beginning(epoch: Epoch) -> Self {
        Self {
            epoch,
            appended: 0,
            sealed: 0,
            chain: Chain::START,
            acknowledged: Vec::new(),
            acknowledged_chain: Chain::START,
            heard: 0,
            made: 0,
            put: 0,
            last_parcel: None,
            swept: Time(0),
        }
    }
}

impl Incoming {
    fn beginning(epoch: Epoch) -> Self {
        Self {
            epoch,
            spans: Vec::new(),
            counter: 0,
            positioned: None,
            unanswered: None,
            last_parcel: None,
            quarantined: Vec::new(),
        }
    }
}
