//! Creating and joining: nothing is kept before channel and tracker were
//! tried, and nothing stays of an attempt that failed.

use std::path::PathBuf;
use std::sync::Arc;

use super::channel::{hint, mail_way};
use super::{Host, hold, refuse};
use crate::control;
use crate::mail::forget_recipient;
use crate::request::{Created, Ends, Failure, Handshake, HandshakeFile, NewSynchronization, Watcher};
use crate::runtime::{CallError, Session};
use crate::secret::Secret;
use crate::settings::{Channel, Name, POLLING_SECONDS, SETTLE_SECONDS, Side, Synchronization};

impl Host {
    /// Creates a synchronization as its primary; the answer holds the
    /// handshake file.
    pub fn create(&self, wanted: &NewSynchronization, watcher: &Arc<dyn Watcher>) -> Result<Created, Failure> {
        let _turn = hold(&self.beginning);
        let sync = self.prepare(&wanted.ends, Side::Primary, wanted.channel)?;
        let primary = control::Primary {
            name: wanted.ends.name.to_string(),
            description: wanted.description.clone(),
            channel: wanted.channel.into(),
            encryption: wanted.encryption.into(),
            strict: wanted.strict,
            channel_hint: hint(&sync),
            passphrase: wanted.passphrase.as_ref().map(|secret| secret.reveal().to_owned()),
            valid_hours: wanted.valid_hours,
        };
        let (file, created) = self.begin(&wanted.ends.name, sync, watcher, |session| session.create(&primary))?;
        Ok(Created { handshake: Some(text(file)?), ..created })
    }

    /// Joins a synchronization with the partner's handshake file.
    pub fn join(&self, ends: &Ends, file: &HandshakeFile, watcher: &Arc<dyn Watcher>) -> Result<Created, Failure> {
        let _turn = hold(&self.beginning);
        let handshake = self.handshake(file)?;
        if let Some(reason) = &handshake.refused {
            return Err(if handshake.expired {
                Failure::failed(reason.clone())
                    .with_help("ask your partner for a new one, which `ferry sync invite` makes there")
            } else {
                Failure::not_allowed(reason.clone())
            });
        }
        let sync = self.prepare(ends, Side::Secondary, handshake.channel)?;
        let (text, passphrase) =
            (file.text.reveal().as_bytes(), file.passphrase.as_ref().map(|secret| secret.reveal()));
        let (_, created) = self.begin(&ends.name, sync, watcher, |session| session.join(text, passphrase))?;
        Ok(Created { joined: Some(handshake), ..created })
    }

    /// Makes a new handshake file for a synchronization that is there.
    pub fn invite(
        &self,
        name: &Name,
        passphrase: Option<&Secret>,
        valid_hours: u32,
        watcher: &Arc<dyn Watcher>,
    ) -> Result<Secret, Failure> {
        let sync = self.synchronization(name)?;
        let hint = hint(&sync);
        let passphrase = passphrase.map(|secret| secret.reveal());
        let file = self.with(name, watcher, |session| session.invite(&hint, passphrase, valid_hours))?;
        self.meet_anew(name, sync)?;
        self.nudge(name)?;
        text(file)
    }

    /// Joins with a new handshake file for a synchronization that is there.
    pub fn rejoin(&self, name: &Name, file: &HandshakeFile, watcher: &Arc<dyn Watcher>) -> Result<(), Failure> {
        let anew = "a new one is joined with --tracker, --project and --user";
        let sync = self.synchronization(name).map_err(|failure| failure.with_help(anew))?;
        let handshake = self.handshake(file)?;
        if handshake.id != sync.id {
            return Err(Failure::not_allowed(format!(
                "the handshake file is for another synchronization than {name}, for \"{}\"",
                handshake.name
            ))
            .with_help(anew));
        }
        let (bytes, passphrase) =
            (file.text.reveal().as_bytes(), file.passphrase.as_ref().map(|secret| secret.reveal()));
        self.with(name, watcher, |session| session.join(bytes, passphrase))?;
        self.meet_anew(name, sync)?;
        self.nudge(name)
    }

    /// With a new handshake file mail goes to whom it names, or who answers it,
    /// whatever people said of the address before.
    fn meet_anew(&self, name: &Name, mut sync: Synchronization) -> Result<(), Failure> {
        let folder = self.home.synchronization(&sync.directory);
        forget_recipient(&folder).map_err(Failure::io("the partner's old address can't be forgotten".to_owned()))?;
        match sync.mail.as_mut().and_then(|mail| mail.partner.take()) {
            Some(_) => Ok(self.file()?.put_synchronization(name, sync)?),
            None => Ok(()),
        }
    }

    /// What a handshake file says, and what speaks against joining with it.
    pub fn handshake(&self, file: &HandshakeFile) -> Result<Handshake, Failure> {
        let passphrase = file.passphrase.as_ref().map(|secret| secret.reveal());
        let summary =
            self.runtime()?.inspect(file.text.reveal().as_bytes(), passphrase).map_err(|e| refuse::call("", e))?;
        let mut handshake = Handshake::from(summary);
        handshake.refused = self.objection(&handshake)?;
        Ok(handshake)
    }

    fn objection(&self, handshake: &Handshake) -> Result<Option<String>, Failure> {
        let settings = self.settings()?;
        let known = settings.synchronizations.iter().find(|(_, sync)| sync.id == handshake.id);
        Ok(match known {
            Some((name, Synchronization { side: Side::Primary, .. })) => Some(format!(
                "this very home made the file, for its synchronization {name}: \
                 it is for your partner, who joins with it"
            )),
            Some((name, _)) if handshake.again => Some(format!(
                "the file is a new one for the synchronization that this home has as {name}: join with \
                 `ferry sync join {name} FILE` alone"
            )),
            Some((name, _)) => Some(format!("this home has joined with the file already, as {name}")),
            None if handshake.expired => {
                Some(format!("the handshake file has expired: it was valid until {}", handshake.expires))
            }
            None => None,
        })
    }

    /// What will stand in `ferry.toml`, once name, tracker and channel were
    /// found good.
    fn prepare(&self, ends: &Ends, side: Side, channel: Channel) -> Result<Synchronization, Failure> {
        let name = &ends.name;
        let settings = self.settings()?;
        if let Some(known) = settings.synchronizations.get(name) {
            return Err(taken(name, known, side));
        }
        self.clear_unfinished(&settings);
        if ends.project.trim().is_empty() || ends.user.trim().is_empty() {
            return Err(Failure::usage("--project and --user must not be empty"));
        }
        let directory = self.free_directory(name);
        let tracker = self.tracker(&ends.tracker)?;
        self.identify(&ends.tracker, &tracker, &ends.project, &ends.user)?;
        let mut sync = Synchronization {
            id: String::new(),
            side,
            directory,
            tracker: ends.tracker.clone(),
            project: ends.project.clone(),
            user: ends.user.clone(),
            channel,
            exchange: None,
            peer: None,
            polling_seconds: POLLING_SECONDS,
            settle_seconds: SETTLE_SECONDS,
            mail: None,
        };
        self.mark_unfinished(&sync.directory)?;
        if let Err(failure) = self.lay(&mut sync, &ends.channel) {
            self.undo(&sync.directory);
            return Err(failure);
        }
        Ok(sync)
    }

    /// Lets the engine begin, and writes the synchronization down.
    fn begin<T>(
        &self,
        name: &Name,
        mut sync: Synchronization,
        watcher: &Arc<dyn Watcher>,
        work: impl FnOnce(&mut Session) -> Result<T, CallError>,
    ) -> Result<(T, Created), Failure> {
        let place = self.place(&sync)?;
        let begun =
            self.with_new(name, &place, &sync.directory, watcher, |session| Ok((work(session)?, session.status()?)));
        let kept = begun.and_then(|(made, overview)| {
            sync.id.clone_from(&overview.id);
            self.fix(&place)?;
            self.file()?.put_synchronization(name, sync.clone())?;
            self.finished(&sync.directory);
            Ok((made, self.created(name, &sync, overview.fingerprint)))
        });
        match kept {
            Ok(kept) => {
                self.tell_change();
                Ok(kept)
            }
            Err(failure) => {
                self.seat(&sync.directory).close();
                self.forget_seat(&sync.directory);
                self.undo(&sync.directory);
                Err(failure)
            }
        }
    }

    fn created(&self, name: &Name, sync: &Synchronization, fingerprint: String) -> Created {
        let path = |path: PathBuf| path.display().to_string();
        let part = |part: &str| sync.exchange.as_ref().map(|exchange| exchange.join(part));
        let receive = part("RECEIVE");
        Created {
            name: name.to_string(),
            id: sync.id.clone(),
            fingerprint,
            exchange: sync.exchange.clone().map(path),
            send: part("SEND").map(path),
            receive_target: receive.as_ref().and_then(|receive| std::fs::read_link(receive).ok()).map(path),
            receive: receive.map(path),
            mail: sync.mail.as_ref().map(|mail| mail_way(mail, &self.home.synchronization(&sync.directory))),
            handshake: None,
            joined: None,
        }
    }

    /// A directory's name that nobody has: the name, where it is free.
    fn free_directory(&self, name: &Name) -> String {
        let taken = |directory: &str| self.home.synchronization(directory).exists();
        if !taken(name.as_str()) {
            return name.to_string();
        }
        let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
        numbered.into_iter().find(|directory| !taken(directory)).unwrap_or_default()
    }
}

/// Why a name can't be given again, and what may have been meant.
fn taken(name: &Name, known: &Synchronization, side: Side) -> Failure {
    let failure = Failure::failed(format!("there is a synchronization {name} already"));
    match (known.side, side) {
        (Side::Primary, Side::Primary) => failure.with_help(format!(
            "choose another name; or was its handshake file lost? `ferry sync invite {name} --handshake FILE` makes \
             another"
        )),
        _ => failure.with_help("choose another name"),
    }
}

/// A handshake file as text.
fn text(file: Vec<u8>) -> Result<Secret, Failure> {
    String::from_utf8(file)
        .map(Secret::new)
        .map_err(|_| Failure::failed("the engine made a handshake file that is no text: a mistake in Ferry"))
}
