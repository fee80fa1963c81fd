//! The mail of a synchronization, as people lay it out: what they say is tried
//! before any of it is kept.

use std::path::{Path, PathBuf};

use ferry_post::{NoPin, Place, PlaceFault, Rates};

use super::Host;
use crate::home::{private_directory, write_private};
use crate::mail::{Access, Fault, MailEnd, MailPlace, Proof, Route, Trust};
use crate::request::{Failure, Kind, MailOptions, NewGrant, Password};
use crate::runtime::{ChannelPlace, Way};
use crate::secret::{Secret, SecretError, SecretReference};
use crate::settings::{KEPT, Mail, OAuth};

/// What kept secrets are for, in the names of their files.
const RECEIVE: &str = "receive";
const SEND: &str = "send";
const GRANT: &str = "grant";
const SECRETS: [&str; 3] = [RECEIVE, SEND, GRANT];
/// Secrets that are tried, and not kept yet.
const NEW: &str = ".new";

impl Host {
    /// What people want, tried on the servers, then kept.
    pub(super) fn lay_mail(
        &self,
        directory: &str,
        before: Option<&Mail>,
        wanted: &MailOptions,
    ) -> Result<Mail, Failure> {
        let mail = changed(before, wanted)?;
        let secrets = self.secrets(directory, before, wanted)?;
        let tried = self.stage(directory, &secrets).and_then(|new| {
            let route = self.route(&self.mail_place_with(directory, &mail, &new)?, directory)?;
            let failed = |what: &str, fault: &Fault| failure(format!("{what} doesn't work: {fault}"), fault, before);
            route.try_receiving().map_err(|fault| failed("receiving", &fault))?;
            route.try_sending().map_err(|fault| failed("sending", &fault))
        });
        if let Err(failure) = tried {
            SECRETS.iter().for_each(|what| forget(&self.new_secret(directory, what)));
            return Err(failure);
        }
        for (what, _) in &secrets {
            let path = self.home.secret(directory, what);
            std::fs::rename(self.new_secret(directory, what), &path)
                .map_err(Failure::io(format!("{} can't be kept", path.display())))?;
        }
        // What is had elsewhere from now on isn't kept as well.
        let is_kept = |password: &Option<String>| password.as_deref() == Some(KEPT);
        let uses = [is_kept(&mail.receive_password), is_kept(&mail.send_password), mail.oauth.is_some()];
        let unused = SECRETS.iter().zip(uses).filter(|(_, used)| !used);
        unused.for_each(|(what, _)| forget(&self.home.secret(directory, what)));
        Ok(mail)
    }

    /// Secrets that are to be kept from now on, and what they are for.
    fn secrets(
        &self,
        directory: &str,
        before: Option<&Mail>,
        wanted: &MailOptions,
    ) -> Result<Vec<(&'static str, Secret)>, Failure> {
        let mut secrets: Vec<(&'static str, Secret)> = Vec::new();
        if let Some(Password::Kept(secret)) = &wanted.receive_password {
            secrets.push((RECEIVE, secret.clone()));
        }
        match &wanted.send_password {
            Some(Password::Kept(secret)) => secrets.push((SEND, secret.clone())),
            None if wanted.copy_credentials => match &wanted.receive_password {
                Some(Password::Kept(secret)) => secrets.push((SEND, secret.clone())),
                None if before.is_some_and(|mail| mail.receive_password.as_deref() == Some(KEPT)) => {
                    let path = self.home.secret(directory, RECEIVE);
                    let text = std::fs::read_to_string(&path);
                    let text = text.map_err(Failure::io(format!("{} can't be read", path.display())))?;
                    secrets.push((SEND, Secret::new(text)));
                }
                _ => {}
            },
            _ => {}
        }
        if let Some(oauth) = &wanted.oauth {
            secrets.push((GRANT, oauth.grant.clone()));
        }
        Ok(secrets)
    }

    /// Writes secrets beside those that are kept; answers what they are for.
    fn stage(&self, directory: &str, secrets: &[(&'static str, Secret)]) -> Result<Vec<&'static str>, Failure> {
        for (what, secret) in secrets {
            let path = self.new_secret(directory, what);
            let written =
                private_directory(&self.home.secrets()).and_then(|()| write_private(&path, secret.reveal().as_bytes()));
            written.map_err(Failure::io(format!("{} can't be written", path.display())))?;
        }
        Ok(secrets.iter().map(|(what, _)| *what).collect())
    }

    /// Where a secret lies that isn't kept yet.
    fn new_secret(&self, directory: &str, what: &str) -> PathBuf {
        self.home.secret(directory, &format!("{what}{NEW}"))
    }

    /// Forgets what was kept for a synchronization.
    pub(super) fn forget_secrets(&self, directory: &str) {
        for what in SECRETS {
            forget(&self.home.secret(directory, what));
            forget(&self.new_secret(directory, what));
        }
    }

    /// Where mail comes from and goes to, as it is kept.
    pub(super) fn mail_place(&self, directory: &str, mail: &Mail) -> Result<MailPlace, Failure> {
        self.mail_place_with(directory, mail, &[])
    }

    fn mail_place_with(&self, directory: &str, mail: &Mail, new: &[&str]) -> Result<MailPlace, Failure> {
        let file = |what: &str| -> PathBuf {
            if new.contains(&what) { self.new_secret(directory, what) } else { self.home.secret(directory, what) }
        };
        let proof = |password: Option<&String>, what: &str| -> Result<Proof, Failure> {
            let reference = |text: &String| text.parse().map_err(|e: SecretError| Failure::usage(e.to_string()));
            Ok(match (password.map(String::as_str), &mail.oauth) {
                (Some(KEPT), _) => Proof::Password(SecretReference::File(file(what))),
                (Some(text), _) => Proof::Password(reference(&text.to_owned())?),
                (None, Some(oauth)) => Proof::Grant(file(GRANT), oauth.secret.as_ref().map(reference).transpose()?),
                (None, None) => return Err(Failure::usage("there is neither a password nor OAuth")),
            })
        };
        let end = |text: &str, password: Option<&String>, what: &str| -> Result<MailEnd, Failure> {
            let place = place(text)?;
            let user = place.user.clone().unwrap_or_else(|| mail.address.clone());
            Ok(MailEnd { place, access: Access { user, proof: proof(password, what)? } })
        };
        Ok(MailPlace {
            address: mail.address.clone(),
            partner: mail.partner.clone(),
            receive: end(&mail.receive, mail.receive_password.as_ref(), RECEIVE)?,
            send: end(&mail.send, mail.send_password.as_ref(), SEND)?,
            trust: match (&mail.ca, mail.pin.as_deref().map(str::parse)) {
                (_, Some(pin)) => Trust::Key(pin.map_err(|fault: NoPin| Failure::usage(fault.to_string()))?),
                (Some(ca), None) => Trust::Authorities(ca.clone()),
                (None, None) => Trust::Platform,
            },
            rates: Rates { minute: mail.mails_per_minute, day: mail.mails_per_day },
            processed: mail.processed.clone(),
            rejected: mail.rejected.clone(),
            sent: mail.sent.clone(),
        })
    }

    /// The way of mail, as the engine uses it.
    pub(super) fn route(&self, place: &MailPlace, directory: &str) -> Result<Box<Route>, Failure> {
        let place = ChannelPlace::Mail(Box::new(place.clone()));
        match self.runtime()?.way(&place, &self.home.synchronization(directory)) {
            Way::Mail(route) => Ok(route),
            Way::Folder(_) => Err(Failure::failed("the synchronization goes through a folder")),
        }
    }
}

/// What the settings become by what people want.
fn changed(before: Option<&Mail>, wanted: &MailOptions) -> Result<Mail, Failure> {
    let mut mail = match before {
        Some(mail) => mail.clone(),
        None => {
            let address = wanted.address.clone().ok_or_else(|| {
                Failure::usage("mail needs an address: --address ADDRESS").with_help("it is yours, where parcels come")
            })?;
            let lacks = |option: &str, example: &str| {
                Failure::usage(format!("mail needs {option}")).with_help(format!("for instance {option} {example}"))
            };
            let receive = wanted.receive.clone().ok_or_else(|| lacks("--receive", "imaps://mail.example.org"))?;
            let send = wanted.send.clone().ok_or_else(|| lacks("--send", "smtps://mail.example.org"))?;
            Mail::new(address, receive, send)
        }
    };
    mail.address = wanted.address.clone().unwrap_or(mail.address);
    mail.partner = wanted.partner.clone().or(mail.partner);
    mail.receive = wanted.receive.clone().unwrap_or(mail.receive);
    mail.send = wanted.send.clone().unwrap_or(mail.send);
    if let Some(oauth) = &wanted.oauth {
        let NewGrant { provider, client, secret, .. } = oauth.as_ref().clone();
        mail.oauth = Some(OAuth { provider, client, secret });
        (mail.receive_password, mail.send_password) = (None, None);
    }
    mail.receive_password = reference(wanted.receive_password.as_ref()).or(mail.receive_password);
    mail.send_password = match (&wanted.send_password, wanted.copy_credentials) {
        (Some(password), _) => reference(Some(password)),
        (None, true) => mail.receive_password.clone(),
        (None, false) => mail.send_password,
    };
    if wanted.copy_credentials && place(&mail.send)?.user.is_none() {
        // The user is copied, too.
        let (send, receive) = (place(&mail.send)?, place(&mail.receive)?);
        mail.send = Place { user: receive.user, ..send }.to_string();
    }
    if let Some(ca) = &wanted.ca {
        mail.ca = Some(ca.clone()).filter(|ca| !ca.as_os_str().is_empty());
        mail.pin = None;
    }
    if let Some(pin) = &wanted.pin {
        (mail.pin, mail.ca) = (Some(pin.clone()), None);
    }
    if let Some(folder) = &wanted.processed {
        mail.processed = Some(folder.clone()).filter(|folder| !folder.is_empty());
    }
    if let Some(folder) = &wanted.sent {
        mail.sent = Some(folder.clone()).filter(|folder| !folder.is_empty());
    }
    mail.rejected = wanted.rejected.clone().unwrap_or(mail.rejected);
    if mail.oauth.is_none() {
        let lacks = |what: &str, option: &str| {
            Failure::usage(format!("nobody knows the password for {what}"))
                .with_help(format!("give {option}: env:NAME, file:PATH, command:WORDS or prompt; or --oauth"))
        };
        if mail.receive_password.is_none() {
            return Err(lacks("receiving", "--receive-password"));
        }
        if mail.send_password.is_none() {
            return Err(lacks("sending", "--copy-credentials or --send-password"));
        }
    }
    mail.check().map_err(|(key, why)| Failure::usage(format!("{}: {why}", key.replace('_', "-"))))?;
    Ok(mail)
}

fn reference(password: Option<&Password>) -> Option<String> {
    Some(match password? {
        Password::At(reference) => reference.clone(),
        Password::Kept(_) => KEPT.to_owned(),
    })
}

fn place(text: &str) -> Result<Place, Failure> {
    text.parse().map_err(|fault: PlaceFault| Failure::usage(format!("{text}: {fault}")))
}

/// Removes a secret, where it is kept.
pub(super) fn forget(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "a secret that nobody needs stays");
    }
}

/// What a mail server said no with, for people, with what to do about it; before
/// there is a synchronization to edit they type it again anyway.
pub(super) fn failure(message: String, fault: &Fault, mail: Option<&Mail>) -> Failure {
    let kind = match fault {
        Fault::Unreachable(_) | Fault::Busy(_) => Kind::Passing,
        _ => Kind::Failed,
    };
    let failure = Failure::new(kind, message);
    match (fault, mail) {
        (Fault::Unauthenticated(_), Some(Mail { oauth: None, .. })) => failure.with_help(
            "`ferry sync edit NAME --receive-password prompt --copy-credentials` gives another password for both ways, \
             without --copy-credentials for receiving alone, with --send-password for sending",
        ),
        (Fault::Insecure(_), _) => failure.with_help(
            "where the server has no authority behind it, ask who runs it for its key, and give it as --pin",
        ),
        _ => failure,
    }
}
