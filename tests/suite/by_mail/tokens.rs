//! Tokens in place of passwords: agreed to once, refreshed by the home, and in no
//! file that isn't secret.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use ferry_tests::authorization_server::{AuthorizationServer, CLIENT};
use ferry_tests::mail_servers::{ACME, MailServers};
use ferry_tests::office::{Office, path};
use ferry_tests::process::{self, Ended};

struct Acme {
    _place: tempfile::TempDir,
    office: Office,
    grants: AuthorizationServer,
    servers: MailServers,
}

impl Acme {
    fn new(number: u8) -> Option<Self> {
        let servers = MailServers::up(number, &[])?;
        let place = tempfile::tempdir().unwrap();
        let office = Office::new(place.path(), "acme", "globex", "ACME");
        assert!(office.adding().output().unwrap().status.success());
        Some(Self { _place: place, office, grants: AuthorizationServer::new(ACME), servers })
    }

    /// Creates the synchronization; somebody agrees like that.
    fn create(&self, by: &[&str]) -> Ended {
        let mut command = self.office.command(&["sync", "create", "globex", "--channel", "mail", "--address", ACME]);
        command.args(["--tracker", "ours", "--project", "ACME", "--user", "ferry"]);
        command.arg("--handshake").arg(self.office.handshake());
        command.args(["--receive", &self.servers.place("imaps").to_string()]);
        command.args(["--send", &self.servers.place("smtps").to_string(), "--ca", path(&self.servers.authority())]);
        command.args(["--oauth", &self.grants.issuer(), "--oauth-client", CLIENT.0, "--oauth-scope", "mail"]).args(by);
        self.run(command)
    }

    fn run(&self, mut command: Command) -> Ended {
        process::run(command.env("CLIENT_SECRET", CLIENT.1))
    }

    fn test(&self) -> Ended {
        self.run(self.office.command(&["sync", "test", "globex", "--send"]))
    }

    /// What somebody agreed to, which nobody but the owner of the home may read.
    fn grant(&self) -> PathBuf {
        let file = self.office.home.join("secrets/globex.grant");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        file
    }

    /// Time passes: the token has expired.
    fn expire(&self) {
        let mut kept: serde_json::Value = serde_json::from_slice(&std::fs::read(self.grant()).unwrap()).unwrap();
        kept["until"] = 0.into();
        kept["access"] = "expired".into();
        std::fs::write(self.grant(), kept.to_string()).unwrap();
    }
}

#[test]
fn a_client_with_credentials_of_its_own_asks_nobody() {
    let Some(acme) = Acme::new(25) else { return };
    let ended = acme.create(&["--oauth-by", "itself", "--oauth-secret", "env:CLIENT_SECRET"]);
    assert_eq!(ended.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    acme.expire();
    assert_eq!(acme.test().code(), Some(0), "{}", acme.test().stdout);
    assert!(!std::fs::read_to_string(acme.grant()).unwrap().contains("expired"), "the next token is kept");
    let settings = std::fs::read_to_string(acme.office.home.join("ferry.toml")).unwrap();
    assert!(settings.contains("env:CLIENT_SECRET") && !settings.contains(CLIENT.1), "{settings}");
}

#[test]
fn somebody_agrees_on_another_device_and_again_once_it_was_taken_back() {
    let Some(acme) = Acme::new(26) else { return };
    let ended = acme.create(&["--oauth-by", "device"]);
    assert_eq!(ended.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("type ABCD-EFGH"), "{}", ended.stderr);
    acme.expire();
    assert_eq!(acme.test().code(), Some(0), "{}", acme.test().stdout);
    acme.expire();
    acme.grants.revoke();
    let told = acme.test();
    let unfolded = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.code() == Some(1) && unfolded.contains("wants somebody to agree again"), "{}", told.stdout);
    let mut again = acme.office.command(&["sync", "edit", "globex", "--oauth-by", "device", "--oauth-scope", "mail"]);
    again.args(["--oauth", &acme.grants.issuer(), "--oauth-client", CLIENT.0]);
    assert_eq!(acme.run(again).code(), Some(0));
    assert_eq!(acme.test().code(), Some(0));
}
