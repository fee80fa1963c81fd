//! Real mail servers, Dovecot and Postfix, on loopback: by the script in
//! `../shared/testbed`, which needs root and the Debian packages that `make
//! packages` installs.

mod gateway;
mod names;
mod proxy;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ferry_mail::forge::Gateway;
use ferry_post::{Credentials, Place, Trust};
use hmac::{Hmac, Mac};
use sha2::Sha256;

pub use gateway::GatewayServer;
pub use names::name_server;
pub use proxy::{Proxy, Trick};

use crate::office::{Daemon, Office, path};
use crate::process::{self, wait_for};
use crate::tree;

/// The two mailboxes.
pub const ACME: &str = "acme@a.test";
/// The other one.
pub const GLOBEX: &str = "globex@b.test";
/// The password of both.
pub const PASSWORD: &str = "pw";
/// Where mail comes in from other servers.
const INBOUND: u16 = 2525;
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

    /// From now on what can't be delivered while a server is begun anew is tried
    /// again at once, not after minutes.
    pub fn hasten(&self) {
        let folder = self.folder.path().join("servers");
        let mut settings = std::fs::read_to_string(folder.join("pf/main.cf")).unwrap();
        settings.push_str("minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\n");
        std::fs::write(folder.join("pf/main.cf"), settings).unwrap();
        self.restart();
    }

    /// What a server noted so far: `dc` is Dovecot's, `pf` Postfix's.
    pub fn log(&self, server: &str) -> String {
        let file = self.folder.path().join("servers").join(server).with_extension("log");
        String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned()
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
        Trust::Authorities(self.authority())
    }

    /// An organisation with a mailbox here, by these schemes of servers.
    pub fn office(&self, office: Office, user: &str, [receive, send]: [&str; 2]) -> Office {
        self.office_at(office, user, [&self.place(receive), &self.place(send)])
    }

    /// The same, by these ways to the servers.
    pub fn office_at(&self, office: Office, user: &str, [receive, send]: [&Place; 2]) -> Office {
        let password = office.home.with_extension("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        let secret = format!("file:{}", password.display());
        let (receive, send) = (receive.to_string(), send.to_string());
        let authority = self.authority();
        let options = ["--address", user, "--receive", &receive, "--receive-password", &secret, "--send", &send];
        let options = [&options[..], &["--copy-credentials", "--ca", path(&authority)]].concat();
        office.by_mail(options.into_iter().map(str::to_owned).collect(), self.on_their_way())
    }

    /// How many connections a process has now, by the schemes of the servers.
    pub fn connections(&self, daemon: &Daemon) -> BTreeMap<&'static str, usize> {
        let sockets = std::fs::read_dir(format!("/proc/{}/fd", daemon.id())).unwrap();
        let sockets = sockets.filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok());
        let inodes: BTreeSet<String> = sockets.map(|to| to.display().to_string()).collect();
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        let to = |scheme: &str| {
            let port = format!(":{:04X}", self.port(scheme));
            let ours = |row: &&Vec<&str>| {
                row[2].ends_with(&port) && row[3] == "01" && inodes.contains(&format!("socket:[{}]", row[9]))
            };
            rows.iter().filter(ours).count()
        };
        ["imaps", "smtps"].map(|scheme| (scheme, to(scheme))).into_iter().collect()
    }

    /// Ends and begins both, as after an upgrade; what lies there stays.
    pub fn restart(&self) {
        let master = std::fs::read_to_string(self.folder.path().join("servers/run/postfix.pid")).unwrap();
        let servants = process::children(master.trim().parse().unwrap());
        wait_for("the servers to end", Duration::from_secs(30), || {
            self.script("down").status().unwrap().success().then_some(())
        });
        let schemes = ["imaps", "imap+starttls", "smtps", "smtp+starttls"];
        let connect = |scheme: &str| TcpStream::connect((self.address.as_str(), self.port(scheme)));
        // Those that have clients would hold on to their port.
        for servant in servants {
            Command::new("kill").arg(servant.to_string()).stderr(Stdio::null()).status().unwrap();
        }
        wait_for("their ports", Duration::from_secs(30), || {
            schemes.iter().all(|scheme| connect(scheme).is_err()).then_some(())
        });
        let folder = self.folder.path().join("servers");
        let begin = "dovecot -F -c dovecot.conf >>dc.out 2>&1 & echo $! >run/dovecot.pid
            /usr/lib/postfix/sbin/master -c \"$PWD/pf\" -d >>pf.out 2>&1 & echo $! >run/postfix.pid";
        let status = Command::new("sh").args(["-c", begin]).current_dir(folder).status();
        assert!(status.unwrap().success());
        wait_for("the servers", Duration::from_secs(20), || {
            let answers = |scheme: &&str| match connect(scheme) {
                // Who waits for TLS says nothing by itself.
                Ok(mut server) => !scheme.contains("starttls") || server.read_exact(&mut [0]).is_ok(),
                Err(_) => false,
            };
            schemes.iter().all(answers).then_some(())
        });
    }

    /// Writes other words into what the submission servers are to do, and begins
    /// them anew.
    pub fn configure(&self, before: &str, after: &str) {
        let services = self.folder.path().join("servers/pf/master.cf");
        let text = std::fs::read_to_string(&services).unwrap();
        assert!(text.contains(before), "{before:?} isn't in {text}");
        std::fs::write(&services, text.replace(before, after)).unwrap();
        self.restart();
    }

    /// From now on what is submitted goes through gateways, one after the other.
    pub fn gateway(&self, gateways: &'static [Gateway]) -> GatewayServer {
        let gateway = GatewayServer::new(&self.address, INBOUND, gateways);
        let filter = format!(" -o content_filter=lmtp:inet:[{}]:{} ", self.address, gateway.port());
        let signed_in = " -o smtpd_sasl_auth_enable=yes ";
        self.configure(signed_in, &format!("{filter}{signed_in}"));
        gateway
    }

    /// Its certificate.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("servers/ca.pem")
    }

    /// The queues in which mails lie that are on their way.
    pub fn on_their_way(&self) -> Vec<PathBuf> {
        let queue = |name: &str| self.folder.path().join("servers/spool").join(name);
        ["maildrop", "incoming", "active", "deferred"].map(queue).to_vec()
    }

    /// How many mails were delivered to a mailbox.
    pub fn delivered(&self, user: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.path().join("servers/pf.log")).unwrap();
        log.lines().filter(|line| line.contains(&format!("to=<{user}>")) && line.contains("status=sent")).count()
    }

    /// Gives both mailboxes another password.
    pub fn set_password(&self, password: &str) {
        let users = self.folder.path().join("servers/users");
        let text = std::fs::read_to_string(&users).unwrap();
        std::fs::write(&users, text.replace(&format!("{{PLAIN}}{PASSWORD}:"), &format!("{{PLAIN}}{password}:")))
            .unwrap();
        self.restart();
    }

    /// A name server on their address that says that they serve `a.test`; answers
    /// what a machine is told to use it.
    pub fn name_server(&self) -> String {
        let place = |scheme: &str| (self.address.clone(), self.port(scheme));
        let services = [("_imaps._tcp.a.test", place("imaps")), ("_submissions._tcp.a.test", place("smtps"))];
        let services = services.into_iter().map(|(name, service)| (name, vec![service])).collect();
        format!("nameserver {}\n", name_server(&format!("{}:53", self.address), services).ip())
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
