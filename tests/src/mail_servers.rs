//! Real mail servers, Dovecot and Postfix, on loopback: by the script in
//! `../shared/testbed`, which needs root and the Debian packages that `make
//! packages` installs.

mod proxy;

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ferry_post::{Credentials, Place, Trust};
use hmac::{Hmac, Mac};
use sha2::Sha256;

pub use proxy::{Proxy, Trick};

use crate::tree;

/// The two mailboxes.
pub const ACME: &str = "acme@a.test";
/// The other one.
pub const GLOBEX: &str = "globex@b.test";
/// The password of both.
pub const PASSWORD: &str = "pw";
/// What tokens are signed with.
const TOKEN_KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// Servers that run until this is dropped.
#[derive(Debug)]
pub struct MailServers {
    folder: tempfile::TempDir,
    address: String,
}

impl MailServers {
    /// Starts them on an address that is this process's and this number's alone, so
    /// that tests run side by side and what a killed one left is in nobody's way,
    /// with variables of the script that make them worse. None, said aloud, where
    /// they aren't there; with `CI` set it panics.
    pub fn up(number: u8, variables: &[(&str, &str)]) -> Option<Self> {
        let process = std::process::id();
        let address = format!("127.{}.{}.{number}", 1 + process / 256 % 250, process % 256);
        let folder = tempfile::Builder::new().prefix("ferry-mail").tempdir().unwrap();
        // Their users have to find the way.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), mode).unwrap();
        let servers = Self { folder, address };
        let started = servers.script("up").envs(variables.iter().copied()).output();
        match started {
            Ok(output) if output.status.success() => Some(servers),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr);
                crate::skipped(&format!("no mail servers can be started: {}", why.trim()));
                None
            }
            Err(error) => {
                crate::skipped(&format!("no mail servers: {}: {error}", script().display()));
                None
            }
        }
    }

    fn script(&self, what: &str) -> Command {
        let mut command = Command::new(script());
        command.arg(what).arg(self.folder.path().join("servers")).env("FERRY_ADDRESS", &self.address);
        command
    }

    /// Where they are: a scheme of [`Place`], and the port that goes with it.
    pub fn place(&self, scheme: &str) -> Place {
        self.by(scheme, &self.address, self.port(scheme))
    }

    /// By way of somebody between, who is on the same address.
    pub fn through(&self, scheme: &str, proxy: &Proxy) -> Place {
        self.by(scheme, &self.address, proxy.port())
    }

    /// Somebody between a client and the server of a scheme.
    pub fn proxy(&self, scheme: &str, trick: Trick) -> Proxy {
        self.proxy_on(&self.address, scheme, trick)
    }

    /// The same on another address.
    pub fn proxy_on(&self, address: &str, scheme: &str, trick: Trick) -> Proxy {
        Proxy::new(address, (self.address.clone(), self.port(scheme)), trick)
    }

    fn by(&self, scheme: &str, address: &str, port: u16) -> Place {
        format!("{scheme}://{address}:{port}").parse().unwrap()
    }

    fn port(&self, scheme: &str) -> u16 {
        match scheme {
            "imaps" => 2993,
            "imap+starttls" => 2143,
            "smtps" => 2465,
            "smtp+starttls" => 2587,
            other => panic!("there is no scheme {other}"),
        }
    }

    /// The authority that vouches for them.
    pub fn trust(&self) -> Trust {
        Trust::Authorities(self.folder.path().join("servers/ca.pem"))
    }

    /// Where the mails of a mailbox lie, as files.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.folder.path().join("servers/mail").join(user).join("Maildir")
    }
}

impl Drop for MailServers {
    fn drop(&mut self) {
        let ended = self.script("down").output();
        if !ended.is_ok_and(|ended| ended.status.success()) {
            crate::say("the mail servers couldn't be stopped");
        }
    }
}

fn script() -> PathBuf {
    tree::root().join("../shared/testbed/mail-servers")
}

/// A user with a password.
pub fn password(user: &str, password: &str) -> Credentials {
    Credentials::Password { user: user.to_owned(), password: password.to_owned() }
}

/// A user with an access token that is valid for so many seconds more.
pub fn token(user: &str, valid_seconds: i64) -> Credentials {
    Credentials::Token { user: user.to_owned(), token: signed_token(user, valid_seconds) }
}

/// An access token (RFC 7519) as the servers take it.
pub fn signed_token(user: &str, valid_seconds: i64) -> String {
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT","kid":"default"}"#);
    let claims = format!(
        r#"{{"sub":"{user}","email":"{user}","iat":{},"nbf":{},"exp":{}}}"#,
        now - 7200,
        now - 7200,
        now + valid_seconds
    );
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(TOKEN_KEY).unwrap();
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{signed}.{signature}")
}
