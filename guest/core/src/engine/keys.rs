//! Keys by people's word: shown, handed out, replaced, revoked; and what becomes
//! of those that were replaced.

use super::Engine;
use super::batch::Batch;
use crate::delivery::acknowledge::parcels;
use crate::fault::Fault;
use crate::ids::Fingerprint;
use crate::keys::{Renewal, Ring, Spare, Turn};
use crate::limits::KEY_WARNING_MS;
use crate::message::{Body, Control};
use crate::state::{Profile, Revoked, State, Status};
use crate::store::Draft;
use crate::tables;
use crate::time::Time;

/// Whether the keys of both sides serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub enum KeyState {
    Valid,
    Expiring,
    Expired,
    Revoked,
}

impl KeyState {
    /// Of both sides, by what the store knows of them.
    pub fn of(state: &State, now: Time) -> Self {
        if state.revoked.is_some() {
            Self::Revoked
        } else if expired(state, now).is_some() {
            Self::Expired
        } else if warnings(state, now).is_empty() {
            Self::Valid
        } else {
            Self::Expiring
        }
    }
}

/// One side's certificate, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct Certified {
    pub fingerprint: Fingerprint,
    pub created: Time,
    pub expires: Time,
    pub replaced: u32,
    pub revoked: bool,
}

/// Both sides' keys, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // As `ferry:control/admin` documents them.
pub struct Keychain {
    pub ours: Certified,
    pub partner: Option<Certified>,
    pub turn: Turn,
    pub coming: Option<Fingerprint>,
    pub warnings: Vec<String>,
}

impl Engine<'_> {
    /// Both sides' keys.
    ///
    /// # Errors
    /// The store's; `NotFound` before the synchronization was set up.
    pub fn keychain(&self) -> Result<Keychain, Fault> {
        let state = self.state()?;
        let wire = self.ports.wire;
        let ours = wire.validity(&self.keys()?.certificate).map_err(Fault::Other)?;
        let partner = state.partner.as_ref().map(|partner| {
            let validity = wire.validity(&partner.certificate).map_err(Fault::Other)?;
            Ok::<_, Fault>(Certified {
                fingerprint: partner.fingerprint,
                created: validity.created,
                expires: validity.expires,
                replaced: partner.key,
                revoked: state.revoked == Some(Revoked::Theirs),
            })
        });
        let told = matches!(state.turn, Turn::Told { .. });
        Ok(Keychain {
            ours: Certified {
                fingerprint: state.fingerprint,
                created: ours.created,
                expires: ours.expires,
                replaced: state.key,
                revoked: state.revoked == Some(Revoked::Ours),
            },
            partner: partner.transpose()?,
            turn: state.turn,
            coming: ring(&self.draft())?.ours.filter(|_| told).map(|spare| spare.fingerprint),
            warnings: warnings(&state, self.now),
        })
    }

    /// Our certificate in OpenPGP's armour, or with `secret` our secret keys.
    ///
    /// # Errors
    /// `NotAllowed` for secret keys that no other program reads.
    pub fn export_key(&self, secret: bool) -> Result<String, Fault> {
        let keys = self.keys()?;
        if !secret {
            return self.ports.wire.armoured(&keys.certificate).map_err(Fault::Other);
        }
        if self.state()?.profile != Profile::Gnupg {
            return Err(Fault::NotAllowed(
                "secret keys are handed out where GnuPG can use them: in a synchronization that was created with \
                 --encryption gnupg"
                    .to_owned(),
            ));
        }
        self.ports.wire.armoured_secret(&keys).map_err(Fault::Other)
    }

    /// Replaces our keys. The partner is told with the next parcels; until it
    /// answers the old ones stay in use.
    ///
    /// # Errors
    /// `NotAllowed` where the partner can't be told, and while the last
    /// replacement isn't through.
    pub fn rotate(&self) -> Result<(), Fault> {
        let mut state = self.state()?;
        may_rotate(&state)?;
        let wire = self.ports.wire;
        let old = self.keys()?;
        // Never older than what it replaces, whatever our clock says.
        let made = self.now.max(wire.validity(&old.certificate).map_err(Fault::Other)?.created);
        let keys = wire.generate(state.profile, made, self.random()).map_err(Fault::Other)?;
        let fingerprint = wire.fingerprint(&keys.certificate).map_err(Fault::Other)?;
        let renewal = Renewal {
            sync: state.sync,
            side: state.side,
            replaces: state.fingerprint,
            certificate: keys.certificate.clone(),
            created: made,
        };
        let renewal = wire.write_renewal(&renewal, &old, &keys, made, self.random()).map_err(Fault::Other)?;
        let expires = wire.validity(&keys.certificate).map_err(Fault::Other)?.expires;
        state.turn = Turn::Told { since: self.now };
        let mut draft = self.draft();
        let theirs = ring(&draft)?.theirs;
        let ours = Some(Spare { keys, fingerprint, expires: Some(expires), renewal });
        draft.put(&tables::RING, &(), &Ring { ours, theirs })?;
        draft.put(&tables::STATE, &(), &state)?;
        Ok(draft.commit()?)
    }

    /// Takes our keys back: at once nothing is sealed or taken under them any
    /// more, but the word to the partner that they are revoked.
    ///
    /// # Errors
    /// `NotAllowed` where they were revoked before.
    pub fn revoke(&self) -> Result<(), Fault> {
        let mut state = self.state()?;
        match state.revoked {
            Some(Revoked::Ours) => {
                return Err(Fault::NotAllowed("the keys of this side are revoked already".to_owned()));
            }
            // The partner is told nothing more, and needs to know no more.
            Some(Revoked::Theirs) | None => state.revoked = Some(Revoked::Ours),
        }
        let reason = "The keys of this side were revoked here, and the partner is told. Nothing is sent or taken until \
                      both sides have new keys: the primary makes a new handshake file with `ferry sync invite`.";
        state.stand(Status::Suspended, reason, self.now);
        let mut draft = self.draft();
        // Keys that nobody knows of yet follow nobody.
        if matches!(state.turn, Turn::Told { .. }) {
            state.turn = Turn::None;
            let theirs = ring(&draft)?.theirs;
            draft.put(&tables::RING, &(), &Ring { ours: None, theirs })?;
        }
        draft.put(&tables::STATE, &(), &state)?;
        Ok(draft.commit()?)
    }
}

fn may_rotate(state: &State) -> Result<(), Fault> {
    let refused = |reason: &str| Err(Fault::NotAllowed(reason.to_owned()));
    match (state.status, state.turn) {
        (Status::Stopped | Status::Running, Turn::None) if state.connected() => Ok(()),
        (Status::Stopped | Status::Running, Turn::Told { .. }) => {
            refused("new keys are made already, and the partner hasn't answered yet; let both sides run")
        }
        (Status::Stopped | Status::Running, Turn::Taken { .. }) => {
            refused("the last replacement isn't through yet: what was sealed under the former keys is on its way")
        }
        (Status::Suspended, _) if state.revoked.is_some() => {
            refused("a revoked key can't say which one follows it; both sides get new ones with `ferry sync invite`")
        }
        (Status::RestartRequired, _) => {
            refused("it is held back: agree on how to go on first, with `ferry sync reconcile`")
        }
        (Status::Suspended | Status::DeletedByPartner, _) => refused(&format!("it is held back: {}", state.reason)),
        _ => refused("the partner can't be told before the connection test has passed; let both sides run"),
    }
}

/// Keys beside those in use.
pub(crate) fn ring(draft: &Draft<'_>) -> Result<Ring, Fault> {
    Ok(draft.get(&tables::RING, &())?.unwrap_or_default())
}

/// The partner answers that it took a certificate of ours, in its message of
/// that number.
pub(crate) fn renewed(
    draft: &mut Draft<'_>,
    state: &mut State,
    certificate: Fingerprint,
    number: u64,
) -> Result<(), Fault> {
    taken(draft, state, certificate)?;
    if let Turn::Taken { answer } = &mut state.turn
        && certificate == state.fingerprint
    {
        answer.get_or_insert(number);
    }
    Ok(())
}

/// The partner seals for our next certificate: from here on it is the one in
/// use. Any other is no news.
pub(crate) fn taken(draft: &mut Draft<'_>, state: &mut State, certificate: Fingerprint) -> Result<(), Fault> {
    if !matches!(state.turn, Turn::Told { .. }) {
        return Ok(());
    }
    let mut ring = ring(draft)?;
    let Some(next) = ring.ours.take_if(|spare| spare.fingerprint == certificate) else { return Ok(()) };
    let missing = || Fault::NotFound("this synchronization has no keys".to_owned());
    let former = draft.get(&tables::KEYS, &())?.ok_or_else(missing)?;
    draft.put(&tables::KEYS, &(), &next.keys)?;
    ring.ours =
        Some(Spare { keys: former, fingerprint: state.fingerprint, expires: state.expires, renewal: Vec::new() });
    draft.put(&tables::RING, &(), &ring)?;
    state.fingerprint = next.fingerprint;
    state.expires = next.expires;
    state.key += 1;
    state.turn = Turn::Taken { answer: None };
    Ok(())
}

/// The partner uses that certificate alone from now on.
pub(crate) fn sole(draft: &mut Draft<'_>, state: &State, certificate: Fingerprint) -> Result<(), Fault> {
    let mut ring = ring(draft)?;
    let pinned = state.partner.as_ref().is_some_and(|partner| partner.fingerprint == certificate);
    if let Some(former) = ring.theirs.as_mut().filter(|former| pinned && !former.retired) {
        former.retired = true;
        draft.put(&tables::RING, &(), &ring)?;
    }
    Ok(())
}

/// Lets go of our former keys once all that was sealed under them, there and
/// here, has arrived.
pub(crate) fn retire(engine: &Engine<'_>) -> Result<(), Fault> {
    let mut state = engine.state()?;
    let Turn::Taken { answer: Some(answer) } = state.turn else { return Ok(()) };
    if !matches!(state.status, Status::Stopped | Status::Running) {
        return Ok(());
    }
    let mut batch = Batch::open(engine)?;
    let incoming = batch.draft.get(&tables::INCOMING, &())?;
    let whole = incoming.and_then(|incoming| incoming.spans.first().copied()).filter(|span| span.first == 1);
    if answer > 0 && whole.is_none_or(|span| span.last < answer) {
        return Ok(());
    }
    if parcels(&batch.draft)?.values().any(|row| row.waits() && row.ours != state.key) {
        return Ok(());
    }
    state.turn = Turn::None;
    let theirs = ring(&batch.draft)?.theirs;
    batch.draft.put(&tables::RING, &(), &Ring { ours: None, theirs })?;
    batch.draft.put(&tables::STATE, &(), &state)?;
    batch.send_alone(Body::Control(Control::Sole(state.fingerprint)))?;
    batch.commit()
}

/// Why nothing can be sealed because a key has expired, with what to do.
pub(crate) fn expired(state: &State, now: Time) -> Option<String> {
    let over = |expires: Option<Time>| expires.filter(|expires| now >= *expires).map(Time::rfc3339);
    if let Some(since) = over(state.expires) {
        let told = matches!(state.turn, Turn::Told { .. });
        return Some(match told {
            true => format!(
                "the keys of this side expired on {since}; new ones are made, and nothing else is sent until the \
                 partner has answered"
            ),
            false => format!(
                "the keys of this side expired on {since}; nothing is lost, and nothing is sent until they are \
                 replaced: `ferry key rotate`"
            ),
        });
    }
    let since = over(state.partner.as_ref().and_then(|partner| partner.expires))?;
    Some(format!(
        "the partner's keys expired on {since}; nothing is lost, and nothing is sent until it has replaced them: ask \
         your partner for `ferry key rotate`"
    ))
}

/// What people should know of expiring keys.
pub(crate) fn warnings(state: &State, now: Time) -> Vec<String> {
    if let Some(expired) = expired(state, now) {
        return vec![expired];
    }
    let soon = |expires: Option<Time>| expires.filter(|expires| now.after_ms(KEY_WARNING_MS) >= *expires);
    let ours = soon(state.expires).filter(|_| state.turn == Turn::None).map(|expires| {
        format!("the keys of this side expire on {}; replace them before: `ferry key rotate`", expires.rfc3339())
    });
    let theirs = soon(state.partner.as_ref().and_then(|partner| partner.expires)).map(|expires| {
        let day = expires.rfc3339();
        format!("the partner's keys expire on {day}; ask your partner to replace them before: `ferry key rotate`")
    });
    ours.into_iter().chain(theirs).collect()
}
