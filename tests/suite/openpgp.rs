//! Other OpenPGP implementations: what we seal they open and verify, what they
//! seal is taken or refused as it should be.

use std::path::Path;
use std::process::{Command, Stdio};

use ferry_core::handshake::Keys;
use ferry_core::ids::{Chain, Epoch, SyncId};
use ferry_core::message::{Body, Control, Numbered, PROTOCOL, Parcel};
use ferry_core::ports::{OpenFault, Sealing, Wire};
use ferry_core::scope::Side;
use ferry_core::state::Profile;
use ferry_core::time::Time;
use ferry_wire::OpenPgp;
use tempfile::TempDir;

/// Two sides of one profile, made now: GnuPG goes by its own clock.
struct Sides {
    profile: Profile,
    primary: Keys,
    secondary: Keys,
    now: Time,
}

impl Sides {
    fn new(profile: Profile) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let made = Time(now.as_millis() as u64 - 60_000);
        let primary = OpenPgp.generate(profile, made, [1; 32]).unwrap();
        let secondary = OpenPgp.generate(profile, made, [2; 32]).unwrap();
        Self { profile, primary, secondary, now: made.after_ms(60_000) }
    }

    fn parcel(&self) -> Parcel {
        let message = Numbered { after: 0, body: Body::Control(Control::Started) };
        Parcel {
            sync: SyncId([7; 16]),
            sender: Side::Primary,
            from: OpenPgp.fingerprint(&self.primary.certificate).unwrap(),
            to: OpenPgp.fingerprint(&self.secondary.certificate).unwrap(),
            epoch: Epoch { counter: 1, nonce: [8; 16] },
            first: 1,
            chain: Chain::START,
            messages: vec![OpenPgp.encode(&message); 20],
            unnumbered: vec![],
            position: None,
            created: self.now,
            protocol: PROTOCOL,
        }
    }

    fn sealed(&self) -> Vec<u8> {
        let with = Sealing { keys: &self.primary, partner: &self.secondary.certificate, profile: self.profile };
        OpenPgp.seal(with, &self.parcel(), self.now, [3; 32]).unwrap()
    }

    fn open(&self, sealed: &[u8]) -> Result<Parcel, OpenFault> {
        let with = Sealing { keys: &self.secondary, partner: &self.primary.certificate, profile: self.profile };
        OpenPgp.open(with, sealed, self.now.after_ms(60_000)).map(|opened| opened.parcel)
    }
}

/// A GnuPG with its own keys. A temporary directory has a path short enough
/// for the agent's socket.
struct Gnupg {
    home: TempDir,
}

impl Gnupg {
    /// None where GnuPG isn't installed, which only a CI run takes amiss.
    fn new() -> Option<Self> {
        let found = Command::new("gpg").arg("--version").stdout(Stdio::null()).status().is_ok_and(|it| it.success());
        if !found {
            ferry_tests::skipped("gpg is not installed; `.ci/setup` installs it");
            return None;
        }
        Some(Self { home: tempfile::tempdir().unwrap() })
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> (bool, Vec<u8>, String) {
        use std::io::Write as _;
        let mut child = Command::new("gpg")
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--batch", "--no-tty", "--status-fd", "2", "--trust-model", "always", "--pinentry-mode", "loopback"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join();
        (output.status.success(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn make(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (fine, output, log) = self.run(arguments, input);
        assert!(fine, "gpg {arguments:?}: {log}");
        output
    }

    fn import(&self, bytes: &[u8]) {
        self.make(&["--import"], bytes);
    }
}

impl Drop for Gnupg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "all"]).status();
    }
}

/// The fingerprint as GnuPG takes it.
fn name(keys: &Keys) -> String {
    OpenPgp.fingerprint(&keys.certificate).unwrap().to_string()[..40].to_owned()
}

#[test]
fn gnupg_opens_and_verifies_a_gnupg_parcel() {
    let Some(gnupg) = Gnupg::new() else { return };
    let sides = Sides::new(Profile::Gnupg);
    gnupg.import(&sides.secondary.secret);
    gnupg.import(&sides.primary.certificate.0);
    let (fine, plain, log) = gnupg.run(&["--decrypt"], &sides.sealed());
    assert!(fine && log.contains("GOODSIG") && log.contains("VALIDSIG"), "{log}");
    assert!(log.contains("DECRYPTION_OKAY") && log.contains("GOODMDC"), "{log}");
    assert!(plain.starts_with(b"FRY\x01"));
}

/// Both sides, a GnuPG that holds the primary's key, and the frame of a parcel.
fn workshop() -> Option<(Gnupg, Sides, Vec<u8>)> {
    let gnupg = Gnupg::new()?;
    let sides = Sides::new(Profile::Gnupg);
    gnupg.import(&sides.secondary.secret);
    gnupg.import(&sides.primary.secret);
    let frame = gnupg.make(&["--decrypt"], &sides.sealed());
    Some((gnupg, sides, frame))
}

#[test]
fn a_parcel_that_gnupg_made_is_accepted() {
    let Some((gnupg, sides, frame)) = workshop() else { return };
    let (from, to) = (name(&sides.primary), name(&sides.secondary));
    let plain = ["--sign", "--encrypt", "--local-user", &from, "--recipient", &to];
    assert_eq!(sides.open(&gnupg.make(&plain, &frame)).unwrap(), sides.parcel(), "by the certificate's preferences");

    let path = gnupg.home.path().join("frame");
    std::fs::write(&path, &frame).unwrap();
    let sealed = gnupg.home.path().join("sealed");
    let file = [&plain[..], &["--output", path_text(&sealed), path_text(&path)]].concat();
    gnupg.make(&file, b"");
    assert_eq!(sides.open(&std::fs::read(&sealed).unwrap()).unwrap(), sides.parcel(), "with a file's name and length");
}

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

fn path_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn parcels_that_gnupg_made_otherwise_are_refused() {
    let Some((gnupg, sides, frame)) = workshop() else { return };
    let stranger = OpenPgp.generate(Profile::Gnupg, Time(sides.now.0 - 60_000), [9; 32]).unwrap();
    gnupg.import(&stranger.secret);
    let (from, to, other) = (name(&sides.primary), name(&sides.secondary), name(&stranger));
    let signed = ["--sign", "--encrypt", "--local-user", &from];
    let for_them = [&signed[..], &["--recipient", to.as_str()]].concat();
    for (what, expected, arguments) in [
        (
            "compressed",
            "Malformed",
            with(&for_them, &["--personal-compress-preferences", "zip", "--compress-algo", "zip"]),
        ),
        ("unsigned", "Malformed", vec!["--encrypt", "--recipient", &to]),
        ("unencrypted", "Malformed", vec!["--sign", "--local-user", &from]),
        (
            "signed by somebody else",
            "Signature",
            vec!["--sign", "--encrypt", "--local-user", &other, "--recipient", &to],
        ),
        ("signed twice", "Malformed", with(&for_them, &["--local-user", &other])),
        ("for somebody else", "Undecryptable", [&signed[..], &["--recipient", &other]].concat()),
        ("for two", "Malformed", with(&for_them, &["--recipient", &other])),
        ("for nobody named", "Undecryptable", [&signed[..], &["--hidden-recipient", &to]].concat()),
        (
            "with a weak digest",
            "Signature",
            with(&for_them, &["--digest-algo", "SHA1", "--personal-digest-preferences", "SHA1"]),
        ),
        ("with another cipher", "Undecryptable", with(&for_them, &["--cipher-algo", "AES128"])),
        ("as text", "Malformed", with(&for_them, &["--textmode"])),
        ("armoured", "Malformed", with(&for_them, &["--armor"])),
        ("with an expiry", "Signature", with(&for_them, &["--default-sig-expire", "1d"])),
        ("with a passphrase", "Malformed", vec!["--symmetric", "--passphrase", "pass"]),
        ("with a passphrase too", "Malformed", with(&for_them, &["--symmetric", "--passphrase", "pass"])),
        ("detached", "Malformed", vec!["--detach-sign", "--local-user", &from]),
    ] {
        let (fine, made, log) = gnupg.run(&arguments, &frame);
        assert!(fine && !made.is_empty(), "{what}: gpg did not make it: {log}");
        let fault = format!("{:?}", sides.open(&made).expect_err(what));
        assert!(fault.starts_with(expected), "{what}: {fault}");
    }
    let other_frame = b"FRY\x01\x02\x00 something else";
    assert!(sides.open(&gnupg.make(&with(&for_them, &[]), other_frame)).is_err(), "another content was accepted");
}

mod sequoia {
    use std::io::Read as _;

    use sequoia_openpgp::Cert;
    use sequoia_openpgp::parse::Parse;
    use sequoia_openpgp::parse::stream::{
        DecryptionHelper, DecryptorBuilder, MessageLayer, MessageStructure, VerificationHelper,
    };
    use sequoia_openpgp::policy::StandardPolicy;

    use super::*;

    struct Reader {
        secret: Cert,
        signer: Cert,
        good: usize,
    }

    impl VerificationHelper for &mut Reader {
        fn get_certs(&mut self, _: &[sequoia_openpgp::KeyHandle]) -> sequoia_openpgp::Result<Vec<Cert>> {
            Ok(vec![self.signer.clone()])
        }

        fn check(&mut self, structure: MessageStructure<'_>) -> sequoia_openpgp::Result<()> {
            for layer in structure {
                if let MessageLayer::SignatureGroup { results } = layer {
                    for result in results {
                        result.map_err(|error| error.to_string()).unwrap();
                        self.good += 1;
                    }
                }
            }
            Ok(())
        }
    }

    impl DecryptionHelper for &mut Reader {
        fn decrypt(
            &mut self,
            pkesks: &[sequoia_openpgp::packet::PKESK],
            _: &[sequoia_openpgp::packet::SKESK],
            _: Option<sequoia_openpgp::types::SymmetricAlgorithm>,
            decrypt: &mut dyn FnMut(
                Option<sequoia_openpgp::types::SymmetricAlgorithm>,
                &sequoia_openpgp::crypto::SessionKey,
            ) -> bool,
        ) -> sequoia_openpgp::Result<Option<Cert>> {
            let policy = StandardPolicy::new();
            let key = self.secret.keys().secret().with_policy(&policy, None).for_transport_encryption().next().unwrap();
            let mut pair = key.key().clone().into_keypair()?;
            let (algorithm, session) = pkesks[0].decrypt(&mut pair, None).unwrap();
            assert!(decrypt(algorithm, &session));
            Ok(Some(self.secret.clone()))
        }
    }

    #[test]
    fn sequoia_opens_and_verifies_a_modern_parcel() {
        for profile in [Profile::Modern, Profile::Gnupg] {
            let sides = Sides::new(profile);
            let policy = StandardPolicy::new();
            let mut reader = Reader {
                secret: Cert::from_bytes(&sides.secondary.secret).unwrap(),
                signer: Cert::from_bytes(&sides.primary.certificate.0).unwrap(),
                good: 0,
            };
            assert!(reader.signer.with_policy(&policy, None).is_ok());
            let sealed = sides.sealed();
            let mut plain = Vec::new();
            DecryptorBuilder::from_bytes(&sealed)
                .unwrap()
                .with_policy(&policy, None, &mut reader)
                .unwrap()
                .read_to_end(&mut plain)
                .unwrap();
            assert_eq!(reader.good, 1);
            assert!(plain.starts_with(b"FRY\x01"));
        }
    }
}
