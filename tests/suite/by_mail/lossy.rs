//! A mailbox that loses, doubles and reorders. Sending again takes minutes, so
//! the engines run in this process, with clocks that the test puts forward.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ferry::clock::{Clock, SystemClock};
use ferry::control::Budget;
use ferry::mail::{Access, MailEnd, MailPlace, Proof};
use ferry::runtime::{ChannelPlace, Runtime, RuntimeOptions, Session, Silent};
use ferry_core::digest;
use ferry_post::Rates;
use ferry_tests::mail_servers::{ACME, GLOBEX, MailServers};
use ferry_tests::office::{self, Office};
use ferry_tests::{insider, local};

use super::{Companies, write};

const BUDGET: Budget = Budget { effects: 500, parcels: 16, finishing: true, receive: true, pull: true };
/// Rounds with faults, and without.
const ROUNDS: [u64; 2] = [30, 6];
/// Between two rounds: what waits for an acknowledgement is sent again.
const HOUR: Duration = Duration::from_secs(3600);

/// The machine's clocks, put forward.
#[derive(Debug)]
struct Forward(SystemClock, Arc<AtomicU64>);

impl Forward {
    fn by(&self) -> Duration {
        Duration::from_secs(self.1.load(Ordering::Relaxed))
    }
}

impl Clock for Forward {
    fn now(&self) -> Duration {
        self.0.now() + self.by()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic() + self.by()
    }
}

fn session(office: &Office, user: &str, servers: &MailServers, forward: &Arc<AtomicU64>) -> Session {
    let mut options = RuntimeOptions::new(vec![office::components()], office.home.join("cache"));
    options.clock = Arc::new(Forward(SystemClock::new(), forward.clone()));
    let runtime = Runtime::new(options).unwrap();
    let password = format!("file:{}", office.home.with_extension("password").display());
    let end = |scheme: &str| MailEnd {
        place: servers.place(scheme),
        access: Access { user: user.to_owned(), proof: Proof::Password(password.parse().unwrap()) },
    };
    let mail = MailPlace {
        address: user.to_owned(),
        partner: None,
        receive: end("imaps"),
        send: end("smtps"),
        trust: servers.trust(),
        rates: Rates { minute: 10_000, day: 10_000 },
        processed: None,
        rejected: "Rejected".to_owned(),
        sent: None,
    };
    let place = insider::place(office, ChannelPlace::Mail(Box::new(mail)));
    Session::open(&runtime, &place, Arc::new(Silent)).unwrap()
}

/// What happened to the mails of a mailbox: of ten three are lost, three come
/// twice, and all come in another order.
fn tamper(maildir: &Path, draw: &mut impl FnMut() -> u8) -> [usize; 3] {
    let new = maildir.join("new");
    let mut happened = [0; 3];
    for file in std::fs::read_dir(&new).unwrap().map(|file| file.unwrap().path()) {
        let (mail, owner) = (std::fs::read(&file).unwrap(), std::fs::metadata(&file).unwrap());
        let (fate, twice) = (draw(), draw());
        std::fs::remove_file(&file).unwrap();
        if fate < 77 {
            happened[0] += 1;
            continue;
        }
        for _ in 0..=usize::from(twice < 77) {
            happened[1] += 1;
            let name: String = (0..8).map(|_| format!("{:02x}", draw())).collect();
            let file = new.join(format!("1790000000.{name}.test"));
            std::fs::write(&file, &mail).unwrap();
            std::os::unix::fs::chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        happened[2] += usize::from(twice < 77);
    }
    happened
}

#[test]
fn a_mailbox_that_loses_doubles_and_reorders_loses_and_doubles_no_issue() {
    let Some(both) = Companies::connected(15, &[]) else { return };
    let seed: u64 = std::env::var("FERRY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut draws = (0u64..).flat_map(|n| digest::of_parts(&[&seed.to_be_bytes(), &n.to_be_bytes()]).0);
    let mut draw = || draws.next().unwrap();
    let forward = Arc::new(AtomicU64::new(0));
    let ends = [(&both.acme, ACME), (&both.globex, GLOBEX)];
    let mut sessions = ends.map(|(office, user)| session(office, user, &both.servers, &forward));
    let (mut happened, mut issues) = ([0; 3], 0);
    for round in 0..ROUNDS[0] + ROUNDS[1] {
        for ((office, user), session) in ends.iter().zip(&mut sessions) {
            office.carried();
            if round < ROUNDS[0] {
                write(&office.issues, &format!("{} {round}", office.project));
                issues += 1;
                let now = tamper(&both.servers.maildir(user), &mut draw);
                happened.iter_mut().zip(now).for_each(|(sum, one)| *sum += one);
            }
            while session.tick(BUDGET).unwrap().work_left {}
        }
        forward.fetch_add(HOUR.as_secs(), Ordering::Relaxed);
    }
    drop(sessions);
    let [lost, kept, doubled] = happened;
    assert!(lost > 20 && doubled > 10, "seed {seed}: {lost} lost, {doubled} doubled, {kept} came");
    local::assert_equal(&both.acme.issues, &both.globex.issues);
    assert_eq!(local::issue_files(&both.acme.issues).len(), issues, "seed {seed}");
}
