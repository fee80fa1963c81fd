//! What Ferry is measured by: the raw pipeline that does the same durable
//! work. Pack, sign and encrypt with GnuPG; decrypt; write each file by a
//! temporary name and a rename, with one synchronization to disk per hundred.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use ferry_tests::process::Cost;
use wait4::Wait4 as _;

/// Files between two synchronizations to disk.
const BATCH: usize = 100;

/// A GnuPG home with the keys of both ends.
pub struct Pipeline {
    home: PathBuf,
}

impl Pipeline {
    /// Makes the keys.
    pub fn new(home: PathBuf) -> Self {
        fs::create_dir_all(&home).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&home, private).unwrap();
        let pipeline = Self { home };
        for name in ["sender", "receiver"] {
            let made = pipeline.gpg(&["--passphrase", "", "--quick-generate-key", name, "future-default"]).output();
            assert!(made.unwrap().status.success(), "GnuPG can't make a key");
        }
        pipeline
    }

    fn gpg(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(&self.home).args(["--batch", "--yes", "--quiet", "--trust-model", "always"]);
        command.args(arguments).stderr(Stdio::null());
        command
    }

    /// Brings all files of a folder into another.
    pub fn carry(&self, from: &Path, to: &Path, parcel: &Path) -> Cost {
        fs::create_dir_all(to).unwrap();
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(from).args(["--format=ustar", "-cf", "-", "."]);
        let mut seal = self.gpg(&["--local-user", "sender", "--recipient", "receiver", "--sign", "--encrypt"]);
        let sealed = piped(tar, seal.stdout(File::create(parcel).unwrap()));
        let mut write = Command::new(std::env::current_exe().unwrap());
        let mut open = self.gpg(&["--decrypt"]);
        open.arg(parcel);
        sealed.and(piped(open, write.arg("--unpack").arg(to)))
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // Its agent would outlive it.
        Command::new("gpgconf").arg("--homedir").arg(&self.home).args(["--kill", "all"]).status().ok();
    }
}

fn piped(mut first: Command, second: &mut Command) -> Cost {
    let began = Instant::now();
    let mut first = first.stdout(Stdio::piped()).spawn().unwrap();
    let second = second.stdin(first.stdout.take().unwrap()).spawn().unwrap();
    let used = [first.wait4().unwrap(), second.wait4().unwrap()];
    assert!(used.iter().all(|used| used.status.success()), "the raw pipeline failed");
    let wall = began.elapsed();
    let [one, other] = used.map(|used| Cost::of(&used, wall));
    Cost { wall, ..one.and(other) }
}

/// Writes the files of a tar archive durably, as an adapter would.
pub fn unpack(mut archive: impl Read, to: &Path) -> std::io::Result<()> {
    let folder = File::open(to)?;
    let mut header = [0; 512];
    let mut written = 0;
    loop {
        archive.read_exact(&mut header)?;
        let name = text(&header[..100]);
        if name.is_empty() {
            break;
        }
        let size = usize::from_str_radix(&text(&header[124..135]), 8).unwrap_or(0);
        let mut content = vec![0; size.next_multiple_of(512)];
        archive.read_exact(&mut content)?;
        if header[156] != b'0' {
            continue;
        }
        let name = Path::new(&name).file_name().unwrap().to_owned();
        let temporary = to.join(format!(".{}.tmp", name.display()));
        fs::write(&temporary, &content[..size])?;
        fs::rename(&temporary, to.join(name))?;
        written += 1;
        if written % BATCH == 0 {
            rustix::fs::syncfs(&folder)?;
        }
    }
    std::io::copy(&mut archive, &mut std::io::sink())?;
    rustix::fs::syncfs(&folder)?;
    Ok(())
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).trim().to_owned()
}
