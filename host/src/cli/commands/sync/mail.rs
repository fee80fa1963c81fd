//! The forms of the mail channel: how mail is received, and how it is sent.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ferry::mail::{Ask, By, Consent, Found, Trust, consent};
use ferry::request::{Failure, MailOptions, NewGrant, Password};

use crate::cli::context::absolute;
use crate::cli::{Context, output};

/// How parcels travel by mail.
#[derive(Debug, Args)]
pub struct MailArgs {
    /// Our mail address: the partner's parcels come here
    #[arg(long, value_name = "ADDRESS", help_heading = "Mail channel")]
    address: Option<String>,
    /// The mailbox: imaps://[USER@]HOST[:PORT][/FOLDER], or imap+starttls://…;
    /// the user is the address where none is named
    #[arg(long, value_name = "SERVER", help_heading = "Mail channel")]
    receive: Option<String>,
    /// The mailbox's password: env:NAME, file:PATH, command:WORDS or prompt
    #[arg(long, value_name = "SECRET", help_heading = "Mail channel")]
    receive_password: Option<String>,
    /// The server that takes our mail: smtps://[USER@]HOST[:PORT], or smtp+starttls://…
    #[arg(long, value_name = "SERVER", help_heading = "Mail channel")]
    send: Option<String>,
    /// Its password
    #[arg(long, value_name = "SECRET", help_heading = "Mail channel", conflicts_with = "copy_credentials")]
    send_password: Option<String>,
    /// User and password of the mailbox are good for sending, too
    #[arg(long, help_heading = "Mail channel")]
    copy_credentials: bool,
    /// Certificates (PEM) that vouch for the servers, instead of the platform's
    #[arg(long, value_name = "FILE", help_heading = "Mail channel")]
    ca: Option<PathBuf>,
    /// The servers' key, by which they are known instead: sha256/BASE64
    #[arg(long, value_name = "KEY", help_heading = "Mail channel", conflicts_with = "ca")]
    pin: Option<String>,
    /// Sign in by OAuth instead of a password: microsoft, microsoft:TENANT, google,
    /// or the address of an issuer
    #[arg(long, value_name = "PROVIDER", help_heading = "Mail channel", requires = "oauth_client")]
    oauth: Option<String>,
    /// The client's id at the provider, as your organisation registered it
    #[arg(long, value_name = "ID", help_heading = "Mail channel", requires = "oauth")]
    oauth_client: Option<String>,
    /// The client's secret, where it has one: env:NAME, file:PATH or command:WORDS
    #[arg(long, value_name = "SECRET", help_heading = "Mail channel", requires = "oauth")]
    oauth_secret: Option<String>,
    /// What is asked for at an issuer of your own
    #[arg(long, value_name = "SCOPE", help_heading = "Mail channel", requires = "oauth")]
    oauth_scope: Vec<String>,
    /// How somebody agrees
    #[arg(long, value_name = "HOW", help_heading = "Mail channel", requires = "oauth", default_value = "browser")]
    oauth_by: ByWord,
    /// The partner's address, once they have moved
    #[arg(long, value_name = "ADDRESS", help_heading = "Mail channel")]
    partner_address: Option<String>,
    /// Move mails into this folder once they are taken, instead of deleting them
    /// (an empty name: delete them)
    #[arg(long, value_name = "FOLDER", help_heading = "Mail channel")]
    processed_folder: Option<String>,
    /// Move refused mails into this folder [default: Rejected]
    #[arg(long, value_name = "FOLDER", help_heading = "Mail channel")]
    rejected_folder: Option<String>,
    /// Delete our mails in this folder, where the server keeps copies of what is sent
    /// (an empty name: leave them)
    #[arg(long, value_name = "FOLDER", help_heading = "Mail channel")]
    sent_folder: Option<String>,
}

/// How somebody agrees to OAuth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ByWord {
    /// In a browser on this machine
    Browser,
    /// On another device, with a code
    Device,
    /// Nobody does: the client has credentials of its own
    Itself,
}

impl MailArgs {
    /// The first of them that was given.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            ("--address", self.address.is_some()),
            ("--receive", self.receive.is_some()),
            ("--receive-password", self.receive_password.is_some()),
            ("--send", self.send.is_some()),
            ("--send-password", self.send_password.is_some()),
            ("--copy-credentials", self.copy_credentials),
            ("--ca", self.ca.is_some()),
            ("--pin", self.pin.is_some()),
            ("--oauth", self.oauth.is_some()),
            ("--partner-address", self.partner_address.is_some()),
            ("--processed-folder", self.processed_folder.is_some()),
            ("--rejected-folder", self.rejected_folder.is_some()),
            ("--sent-folder", self.sent_folder.is_some()),
        ];
        given.into_iter().find_map(|(option, is_given)| is_given.then_some(option))
    }

    /// As the owner of the home needs them; people are asked for what is secret,
    /// and agree to OAuth.
    pub fn options(&self, cx: &Context) -> Result<MailOptions, Failure> {
        let ca = self.ca.as_deref().map(absolute).transpose()?;
        Ok(MailOptions {
            address: self.address.clone(),
            partner: self.partner_address.clone(),
            receive: self.receive.clone(),
            receive_password: cx.password(self.receive_password.as_deref(), "Password of the mailbox")?,
            send: self.send.clone(),
            send_password: cx.password(self.send_password.as_deref(), "Password for sending")?,
            copy_credentials: self.copy_credentials,
            oauth: self.grant(cx, ca.clone())?.map(Box::new),
            ca,
            pin: self.pin.clone(),
            processed: self.processed_folder.clone(),
            rejected: self.rejected_folder.clone(),
            sent: self.sent_folder.clone(),
        })
    }

    /// What the address's domain says in DNS, where nobody said it here.
    pub fn discover(&self, cx: &Context, options: &mut MailOptions) -> Result<(), Failure> {
        let named = options.receive.is_some() && options.send.is_some();
        let Some(address) = options.address.as_deref().filter(|_| !named) else { return Ok(()) };
        let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
        let give = "give --receive imaps://HOST and --send smtps://HOST: the settings of your mail program show them";
        let found = Found::by(address).map_err(|fault| Failure::usage(fault.to_string()).with_help(give))?;
        let mut strange = Vec::new();
        for (option, wanted, found) in
            [("--receive", &mut options.receive, found.receive), ("--send", &mut options.send, found.send)]
        {
            if wanted.is_some() {
                continue;
            }
            let place = found.ok_or_else(|| {
                Failure::usage(format!("{domain} doesn't say in DNS which server is for {option}")).with_help(give)
            })?;
            output::note(format!("{domain} says in DNS: {option} {place}"));
            if place.host != domain && !place.host.ends_with(&format!(".{domain}")) {
                strange.push(place.host.clone());
            }
            *wanted = Some(place.to_string());
        }
        // DNS is nobody's word (RFC 6186 section 6).
        match strange.as_slice() {
            [] => Ok(()),
            hosts => cx.agree(
                &format!("Is the mail of {domain} kept by {}?", hosts.join(" and ")),
                "give --receive and --send, or --yes if it is right",
            ),
        }
    }

    fn grant(&self, cx: &Context, ca: Option<PathBuf>) -> Result<Option<NewGrant>, Failure> {
        let (Some(provider), Some(client)) = (&self.oauth, &self.oauth_client) else { return Ok(None) };
        let reference = match cx.password(self.oauth_secret.as_deref(), "")? {
            Some(Password::At(reference)) => Some(reference),
            Some(Password::Kept(_)) => {
                return Err(Failure::usage("the client's secret is needed each time a token is asked for")
                    .with_help("give --oauth-secret as env:NAME, file:PATH or command:WORDS"));
            }
            None => None,
        };
        let wanted = Consent {
            provider: provider.clone(),
            client: client.clone(),
            secret: cx.secret(reference.as_deref(), "")?,
            scopes: self.oauth_scope.clone(),
            by: self.oauth_by.into(),
            trust: ca.map_or(Trust::Platform, Trust::Authorities),
        };
        let grant = consent(&wanted, &|ask| say(cx, ask)).map_err(|fault| Failure::failed(fault.to_string()))?;
        Ok(Some(NewGrant { provider: provider.clone(), client: client.clone(), secret: reference, grant }))
    }
}

/// What somebody has to do, on standard error: the answer is for programs.
fn say(cx: &Context, ask: &Ask) {
    if cx.json || cx.quiet {
        eprintln!("{} {}", ask.url, ask.code.as_deref().unwrap_or_default());
        return;
    }
    match &ask.code {
        Some(code) => output::note(format!("Open {} on any device, and type {code}", ask.url)),
        None => output::note(format!("Open this in a browser on this machine, and agree:\n{}", ask.url)),
    }
}

impl From<ByWord> for By {
    fn from(word: ByWord) -> Self {
        match word {
            ByWord::Browser => Self::Browser,
            ByWord::Device => Self::Device,
            ByWord::Itself => Self::Itself,
        }
    }
}
