//! How long a change takes by mail once the server told that it is there, beside
//! a client that does nothing but listen.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use ferry_post::Mailbox;
use ferry_tests::local;
use ferry_tests::mail_servers::{ACME, GLOBEX, MailServers, PASSWORD, password};
use ferry_tests::office::Office;
use ferry_tests::process::wait_for;

use crate::report::{Report, median};

/// Changes that are measured.
const CHANGES: usize = 50;
/// What is promised, beyond the server's own notice.
const BEYOND_MAX: Duration = Duration::from_millis(300);
/// A server tells of a mail within this time, as long as nothing else came before.
const NOTICE: Duration = Duration::from_secs(1);
/// Nothing takes longer that comes at all.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn measure(place: &Path, report: &mut Report) {
    let Some(servers) = MailServers::up(200, &[]) else { return };
    let office = |name: &str, partner: &str, project: &str, user: &str| {
        let office = Office::new(place, name, partner, project);
        local::write_tracker(&office.issues);
        servers.office(office, user, ["imaps", "smtps"])
    };
    let acme = office("acme", "globex", "ACME", ACME);
    let globex = office("globex", "acme", "GLX", GLOBEX);
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    let daemons = [acme.daemon(), globex.daemon()];
    let (notices, before) = (listen(&servers), servers.delivered(GLOBEX));
    let mut beyond = Vec::new();
    for change in 0..CHANGES {
        let title = format!("Change {change}");
        while notices.try_recv().is_ok() {}
        std::fs::write(acme.issues.join(format!("change-{change}.md")), format!("# {title}\n")).unwrap();
        let told = notices.recv_timeout(PATIENCE).expect("the server tells of the mail");
        let file = globex.issues.join(format!("GLX-{}.md", change + 1));
        wait_for(&title, PATIENCE, || file.exists().then_some(()));
        beyond.push(told.elapsed());
        // The last mail is our acknowledgement of theirs, which may have been told
        // together with another.
        let mails = before + 2 * (change + 1);
        wait_for("the acknowledgement", PATIENCE, || (servers.delivered(GLOBEX) >= mails).then_some(()));
        let _ = notices.recv_timeout(NOTICE);
    }
    drop(daemons);
    println!("a change by mail, from the server's notice to the partner's file");
    let median = median(beyond);
    report.verdict(&format!("{median:?} at the median, at most {BEYOND_MAX:?}"), median <= BEYOND_MAX);
}

/// A client that listens and does nothing else: when it was told of each mail.
fn listen(servers: &MailServers) -> Receiver<Instant> {
    let (tell, told) = channel();
    let mut mailbox = Mailbox::open(&servers.place("imaps"), &servers.trust(), password(GLOBEX, PASSWORD)).unwrap();
    thread::spawn(move || {
        while let Ok(came) = mailbox.wait(Duration::from_secs(1200)) {
            if came && tell.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    told
}
